package service

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// keyUseInterval is how exact the last use of a key is: it is noted at most so often.
const keyUseInterval = 5 * time.Minute

// keyUses holds what NoteKeyUse noted until FlushKeyUses writes it.
type keyUses struct {
	// noted is when the last use was noted, by access key id: a *atomic.Int64 with Unix nanoseconds. All calls of a fleet that shares a key look here,
	// so looking writes nothing that they would pass around between processors.
	noted   sync.Map
	mu      sync.Mutex
	pending map[string]registry.KeyUse
}

// NoteKeyUse remembers that a key signed a request just now. It is called for every request, so it writes nothing, and within keyUseInterval of the
// last note it only looks.
func (s *Service) NoteKeyUse(id string, use registry.KeyUse) {
	u := &s.keyUses
	at := use.At.UnixNano()
	found, known := u.noted.Load(id)
	if !known {
		found, _ = u.noted.LoadOrStore(id, new(atomic.Int64))
	}
	last := found.(*atomic.Int64)
	before := last.Load()
	if before != 0 && at-before < int64(keyUseInterval) || !last.CompareAndSwap(before, at) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.pending == nil {
		u.pending = map[string]registry.KeyUse{}
	}
	u.pending[id] = use
}

// FlushKeyUses writes what was noted. A crash before it loses a few minutes of uses, which the keys' next uses make up for.
func (s *Service) FlushKeyUses(ctx context.Context) error {
	const most = 1000 // in one update
	for {
		batch := s.keyUses.take(most)
		if len(batch) == 0 {
			return nil
		}
		err := s.Store.Update(ctx, func(tx store.Tx) error {
			for _, id := range slices.Sorted(maps.Keys(batch)) {
				key, err := tx.Record(store.AccessKeyRecord, id)
				if err != nil {
					return err
				}
				written, err := readRecord[registry.KeyUse](tx, store.AccessKeyUseRecord, id)
				if err != nil {
					return err
				}
				if key == nil || written != nil && written.At.After(batch[id].At) { // revoked meanwhile, or used later on another node
					continue
				}
				if err := putRecord(tx, store.AccessKeyUseRecord, id, new(batch[id])); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			s.keyUses.giveBack(batch)
			return err
		}
	}
}

func (u *keyUses) take(most int) map[string]registry.KeyUse {
	u.mu.Lock()
	defer u.mu.Unlock()
	batch := map[string]registry.KeyUse{}
	for id, use := range u.pending {
		if len(batch) == most {
			break
		}
		batch[id] = use
		delete(u.pending, id)
	}
	return batch
}

// giveBack keeps what could not be written, unless something newer came.
func (u *keyUses) giveBack(batch map[string]registry.KeyUse) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, use := range batch {
		if _, newer := u.pending[id]; !newer {
			u.pending[id] = use
		}
	}
}
