package service

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// identityEpoch is the setting that counts the changes of what nodes keep in memory: certificates, keys, policies and whatever else says who may do
// what, and the switches of events.
const identityEpoch = "identity-epoch"

// patienceWithIdentity is how old what a node knows of the identity epoch may be. Then it judges nobody until it knows more.
const patienceWithIdentity = 5 * time.Second

// seenIdentity is the identity epoch as a node has read it last, and when it began to.
type seenIdentity struct {
	mu    sync.Mutex
	epoch []byte
	at    time.Time
}

// raisedEpoch is how an update has moved the identity epoch.
type raisedEpoch struct{ from, to []byte }

// raiseIdentityEpoch lets the other nodes forget what they keep. Every update that changes such things calls it; updateIdentity does for its callers.
func raiseIdentityEpoch(tx store.Tx) (raised raisedEpoch, err error) {
	if raised.from, err = tx.Record(store.SettingRecord, identityEpoch); err != nil {
		return raised, err
	}
	n := uint64(0)
	if raised.from != nil {
		if n, err = strconv.ParseUint(string(raised.from), 10, 64); err != nil {
			return raised, fmt.Errorf("decode the identity epoch: %w", err)
		}
	}
	raised.to = strconv.AppendUint(nil, n+1, 10)
	return raised, tx.PutRecord(store.SettingRecord, identityEpoch, raised.to)
}

// own notes that it was this node that has raised the epoch, unless it has not seen yet what others changed before: it has forgotten what it had to.
func (seen *seenIdentity) own(raised raisedEpoch) {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if bytes.Equal(seen.epoch, raised.from) {
		seen.epoch = raised.to
	}
}

// RefreshIdentity reads the identity epoch and forgets what is kept in memory if another node has changed something. Several nodes call it before they
// serve, at short intervals, and at every hint.
func (s *Service) RefreshIdentity(ctx context.Context) error {
	began := s.RealNow()
	ctx, cancel := context.WithTimeout(ctx, patienceWithIdentity)
	defer cancel()
	epoch, err := s.Setting(ctx, identityEpoch)
	if err != nil {
		return fmt.Errorf("read the identity epoch: %w", err)
	}
	seen := &s.seenIdentity
	seen.mu.Lock()
	changed := !bytes.Equal(seen.epoch, epoch)
	seen.mu.Unlock()
	if changed {
		s.identityChanged(IdentityChange{Everybody: true})
		s.events.forget()
	}
	seen.mu.Lock() // only now: what was known before is not used any more
	defer seen.mu.Unlock()
	seen.epoch, seen.at = epoch, began
	return nil
}

// identityFresh refuses while it is not known whether what is kept in memory still holds. A node that is alone always knows.
func (s *Service) identityFresh() error {
	if s.Nodes == nil {
		return nil
	}
	s.seenIdentity.mu.Lock()
	defer s.seenIdentity.mu.Unlock()
	if age := s.RealNow().Sub(s.seenIdentity.at); age > patienceWithIdentity {
		return jobs.Errorf(jobs.Unavailable, "This node has not reached the database for more than %s, and cannot tell who may do what. Try again.", patienceWithIdentity)
	}
	return nil
}

// IdentityReady says why this node judges nobody; nil if it does.
func (s *Service) IdentityReady() error { return s.identityFresh() }
