// Package postgres is the store for several nodes: PostgreSQL, with device calls served in groups. It knows tables and no rule of AWS IoT Jobs.
//
// The store keeps these invariants; the code refers to them by number.
//
//  1. A thing is changed only by a transaction that has locked its row, and its executions, heads and place in the lists only together with it.
//  2. Updates are one after the other, on all nodes: each locks the one row of table control first.
//  3. Locks are taken in the order control, things (by name), job locks (by number), counters, marks, event counter. Whoever holds one of them
//     waits only for later ones, so nobody waits in a circle; an update that reads things out of order can, and then runs again.
//  4. A device group holds the locks of the jobs that it looked at, shared, until it has committed; an update takes those of the jobs it has
//     changed before it commits. So no change of a device follows from a job that was changed before.
//  5. Nothing is told before it is committed: also a refusal that was computed from another change in the same group waits for that change.
//  6. Event numbers are drawn under the lock of the event counter, which is held until the commit. So they are in the order of the commits.
//  7. The heads and newest executions in the row of a thing, and the job in the row of its lock, are copies. They are written with what they are
//     copies of, under the same lock; so a device call mostly needs no more than these two rows.
//
// A group is two trips: the first locks the things and reads everything that the callers' functions may need, the second writes what they decided and
// commits. All rows of a kind travel in one statement. The simple way would be a transaction for each call; it was not taken, because
// each costs four trips and a sync of the WAL, and the sync is what a database has least of.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"iotjobs/internal/store"
)

// Options of a store. The zero value is good.
type Options struct {
	// Logger gets what the engine has to say; nil for nothing.
	Logger *slog.Logger
	// AllowUnsafe opens a database that could lose what was answered (see UnsafeError), with a warning.
	AllowUnsafe bool
	// Readers is how many reads run at once; 0 for 16. Writes have seven further connections, hints one.
	Readers int

	// unlocked reads the things of a group without locking them. It is the seeded fault that the suite must catch.
	unlocked bool
}

// Store is an open store.
type Store struct {
	logger  *slog.Logger
	url     string // may hold a password: never shown
	writes  *pgxpool.Pool
	reads   *pgxpool.Pool
	configs *configCache
	queue   *queue
	stats   stats
	// unlocked is Options.unlocked.
	unlocked bool
	// updating holds the running update of this node.
	updating chan struct{}
	gate     *gate
	closing  context.Context // ends when the store is closed
	close    context.CancelFunc
	resets   sync.Mutex
	// version is that of the tables when the store was opened; outdated is set once they have a newer one.
	version  int
	outdated atomic.Bool
}

var _ store.Store = (*Store)(nil)

// The configuration cache and the connections for writes: two groups, the things that somebody else has locked, an update, leases and hints.
const (
	configCacheSize  = 64 << 20
	writeConnections = 7
	defaultReaders   = 16
)

// openPatience bounds the wait for a database at the start.
const openPatience = 30 * time.Second

// Open opens the store in the database that url names, and creates or migrates its tables.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Readers <= 0 {
		opts.Readers = defaultReaders
	}
	s := &Store{
		logger: opts.Logger, url: url, configs: newConfigCache(configCacheSize), queue: newQueue(), updating: make(chan struct{}, 1), gate: newGate(),
		unlocked: opts.unlocked,
	}
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	if err := s.connect(ctx, opts); err != nil {
		return nil, fmt.Errorf("open the PostgreSQL store: %w", err)
	}
	s.closing, s.close = context.WithCancel(context.Background())
	first := rand.IntN(stripes)
	for i := range deviceWriters {
		go s.serve(int16(1 + (first+i)%stripes))
	}
	go s.serveBlocked(int16(1 + (first+deviceWriters)%stripes))
	return s, nil
}

func (s *Store) connect(ctx context.Context, opts Options) (err error) {
	if s.writes, err = newPool(ctx, s.url, writeConnections, opts); err != nil {
		return err
	}
	if err = s.prepare(ctx, opts); err != nil {
		s.writes.Close()
		return err
	}
	if s.reads, err = newPool(ctx, s.url, opts.Readers, opts); err != nil {
		s.writes.Close()
	}
	return err
}

// prepare looks at the server and brings the tables up to date.
func (s *Store) prepare(ctx context.Context, opts Options) (err error) {
	if err = checkServer(ctx, s.writes, opts); err != nil {
		return err
	}
	s.version, err = migrate(ctx, s.writes, s.logger)
	return err
}

// reset forgets all idle connections after one was lost, and what was read over them: the server that they led to may be gone.
func (s *Store) reset() {
	s.resets.Lock()
	defer s.resets.Unlock()
	s.writes.Reset()
	s.reads.Reset()
	s.configs.clear()
}

// enter lets a call in; the call must leave the gate.
func (s *Store) enter(ctx context.Context) error {
	if !s.gate.enter() {
		return store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		s.gate.leave()
		return err
	}
	return nil
}

// Close waits for running calls.
func (s *Store) Close() error {
	if !s.gate.shut() {
		return nil
	}
	for !s.gate.drained() {
		<-s.gate.empty
	}
	s.queue.stop()
	s.close()
	s.writes.Close()
	s.reads.Close()
	return nil
}

// View runs fn on a snapshot of the database.
func (s *Store) View(ctx context.Context, fn func(store.ReadTx) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	tries, losses := 0, 0
	for {
		err := s.viewOnce(ctx, fn)
		if err == nil || !s.again(err, &tries, &losses) {
			return err
		}
	}
}

func (s *Store) viewOnce(ctx context.Context, fn func(store.ReadTx) error) error {
	session, err := begin(ctx, s.reads, beginRead)
	if err != nil {
		return err
	}
	defer session.end()
	r := newReadTx(ctx, session, s.configs)
	if err := guard(func() error { return fn(r) }); err != nil {
		return errors.Join(err, ctx.Err())
	}
	return r.failed
}
