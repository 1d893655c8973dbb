// Package pebble is the embedded store: Pebble, with a row for each thing, and a group commit of its own in front of it. It knows rows
// and keys and no rule of AWS IoT Jobs.
//
// The store keeps these invariants; the code refers to them by number.
//
//  1. Only the committer goroutine commits. Groups are committed one after the other, each with one sync of the WAL.
//  2. Readers see the published snapshot. It is taken after the sync of a group and before any of its callers is answered. So nobody
//     sees what a crash could take back, and everybody sees what was answered. Rows in memory agree with it (see thingCache).
//  3. What leaves the store and was computed from a group that is not synced (a refusal in the same group, an update that failed or
//     wrote nothing) waits for the sync of that group.
//  4. Commands of one thing are served in the order of their arrival, each on the result of the one before it.
//  5. A thing that an update has locked is in no group from then on to the end of the update, and the update has waited for
//     the group that held it. Only one update runs at a time, so there is no deadlock. The same goes for the things of a bulk: it takes at
//     once those that are free, and never waits for an update or another bulk while it holds them. What it takes has no place in the order of 4.
//  6. A command or an update writes all of its rows or none: they are collected before the first one reaches a batch, and a batch is
//     one record of the WAL.
//  7. After the first failed write nothing is answered as done any more (see failure).
//
// The simple way would be a mutex for each thing and Pebble's own group commit: every caller locks its thing, reads, commits with Sync,
// unlocks. It was not taken: a caller would hold its thing through the whole sync, so that commands for one thing would cost a sync each; readers would
// need the same locks, because Pebble shows a commit before its sync; an update would take a thousand locks; and sixty-four batches
// with sixty-four waits cost more than one.
package pebble

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// Options of a store. The zero value is good.
type Options struct {
	// FS is the file system; nil for the machine's own.
	FS vfs.FS
	// Logger gets what the engine has to say; nil for nothing.
	Logger *slog.Logger
	// CacheSize is the memory for rows of things and for blocks of the disk, in bytes; 0 for 256 MiB.
	CacheSize int64

	// unsafeNoSync commits without a sync. It is the seeded fault of the crash test, which must catch it.
	unsafeNoSync bool
	// unsafeStale keeps rows in memory that have changed. It is the seeded fault of the suite.
	unsafeStale bool
}

// thingEighths is the part of the memory that is for rows of things. The more, the more things are read at a tenth of the price; the rest must do for
// memtables and for the blocks that changes look at (see databaseOptions).
const thingEighths = 5

// configCacheSize bounds the memory for job configurations.
const configCacheSize = 64 << 20

// Store is an open store.
type Store struct {
	db        *pebble.DB
	lock      *pebble.Lock
	cache     *pebble.Cache
	things    *thingCache
	failure   *failure
	gate      *gate
	published publisher
	committer *committer
	configs   *configCache
	// updating holds the running update.
	updating chan struct{}
}

var _ store.Store = (*Store)(nil)

// Open opens the store in dir, which is created if it is missing. Only one process at a time can have it open.
func Open(dir string, opts Options) (*Store, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.CacheSize == 0 {
		opts.CacheSize = 256 << 20
	}
	s := &Store{failure: newFailure(opts.Logger), gate: newGate(), configs: newConfigCache(configCacheSize), updating: make(chan struct{}, 1)}
	o, fs := databaseOptions(opts, s.failure)
	if err := makeDir(fs, dir); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	var err error
	if s.lock, err = pebble.LockDirectory(dir, fs); err != nil {
		return nil, fmt.Errorf("open store: lock %s (is another server using it?): %w", dir, err)
	}
	forThings := opts.CacheSize / 8 * thingEighths
	if s.things, err = newThingCache(forThings); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: memory for %d bytes of things: %w", forThings, err), s.lock.Close())
	}
	s.cache = pebble.NewCache(opts.CacheSize - forThings)
	o.Lock, o.Cache = s.lock, s.cache
	fs.armed.Store(true)
	if err := s.openDatabase(dir, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", dir, err), s.release())
	}
	s.published.failure, s.published.things = s.failure, s.things
	s.committer = newCommitter(s, opts)
	if s.committer.marks, err = loadMarks(s.db); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", dir, err), s.db.Close(), s.release())
	}
	if s.committer.lastEvent, _, err = get(s.db, lastEventKey, decodeNumber); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", dir, err), s.db.Close(), s.release())
	}
	s.published.publish(s.db, 0, s.committer.states, s.committer.marks, "")
	go s.committer.run()
	return s, nil
}

// openDatabase waits for Pebble, or for its failure, in which Pebble does not return.
func (s *Store) openDatabase(dir string, o *pebble.Options) error {
	type opened struct {
		db  *pebble.DB
		err error
	}
	result := make(chan opened, 1)
	go func() {
		db, err := pebble.Open(dir, o)
		if err == nil {
			if err = checkFormat(db); err != nil {
				err = errors.Join(err, db.Close())
			}
		}
		result <- opened{db, err}
	}()
	select {
	case r := <-result:
		s.db = r.db
		return r.err
	case <-s.failure.stopped:
		return s.failure.err()
	}
}

// release gives back what is held beside the database. After a failure Pebble may still be at work: then its lock stays.
func (s *Store) release() error {
	if s.failure.failed() {
		return nil
	}
	s.cache.Unref()
	return errors.Join(s.things.close(), s.lock.Close())
}

// ReadThing shows one thing.
func (s *Store) ReadThing(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
	if err := s.enter(ctx); err != nil {
		return store.ThingView{}, err
	}
	defer s.gate.leave()
	snap := s.published.acquire()
	defer s.published.release(snap)
	return s.reader(snap).Thing(name, addrs...)
}

// View runs fn on the published snapshot.
func (s *Store) View(ctx context.Context, fn func(store.ReadTx) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	snap := s.published.acquire()
	defer s.published.release(snap)
	return guard(func() error { return fn(s.reader(snap)) })
}

func (s *Store) reader(snap *snapshot) *readTx {
	return &readTx{from: snap, published: &s.published, jobs: &jobReader{from: snap, states: snap.states, configs: s.configs}}
}

// enter lets a call in; the call must leave the gate.
func (s *Store) enter(ctx context.Context) error {
	if s.failure.failed() || !s.gate.enter() {
		return s.failure.closed()
	}
	if err := ctx.Err(); err != nil {
		s.gate.leave()
		return err
	}
	return nil
}

// Err is why the store has stopped by itself; nil while it works. Failed is closed when that happens.
func (s *Store) Err() error { return s.failure.err() }

// Failed is closed when the store stops by itself; Err then tells why.
func (s *Store) Failed() <-chan struct{} { return s.failure.stopped }

// Close waits for running calls. A store that has stopped by itself is left as it is, its lock included, and Close returns why.
func (s *Store) Close() error {
	if !s.gate.shut() {
		return nil
	}
	closed := make(chan error, 1)
	go func() { closed <- s.close() }()
	select {
	case err := <-closed:
		return err
	case <-s.failure.stopped:
		return s.failure.closed()
	}
}

func (s *Store) close() error {
	for !s.gate.drained() {
		<-s.gate.empty
	}
	s.committer.stop()
	<-s.committer.ended
	s.published.release(s.published.current.Load())
	return errors.Join(s.db.Close(), s.release())
}
