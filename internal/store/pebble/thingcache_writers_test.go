package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
)

// A subject is some things that are written together, step by step.
type subject struct {
	things []registry.ThingName
	// write does a step.
	write func(ctx context.Context, s *pebble.Store, step int64) error
	// step tells which one a thing shows; gone if the thing is not there, as after every second one.
	step func(v store.ThingView) int64

	asked, answered, seen atomic.Int64
}

// gone is the step of a thing that is not there.
const gone = 0

// work does steps, the first of which is done already.
func (u *subject) work(ctx context.Context, s *pebble.Store, steps int64) error {
	for step := int64(2); step <= steps; step++ {
		u.asked.Store(step)
		if err := u.write(ctx, s, step); err != nil {
			return fmt.Errorf("step %d of %v: %w", step, u.things, err)
		}
		u.answered.Store(step)
	}
	return nil
}

// saw checks the step that somebody saw who began to look when that many were answered.
func (u *subject) saw(step, answered int64) error {
	asked := u.asked.Load()
	if step == gone {
		if answered == asked && answered%2 == 1 {
			return fmt.Errorf("%v are not there at step %d", u.things, answered)
		}
		return nil
	}
	if step < answered || step > asked {
		return fmt.Errorf("%v are at step %d; %d was answered, %d was asked for", u.things, step, answered, asked)
	}
	for {
		seen := u.seen.Load()
		if step <= seen || u.seen.CompareAndSwap(seen, step) {
			return nil
		}
	}
}

// read looks at each thing alone.
func (u *subject) read(ctx context.Context, s *pebble.Store) error {
	for _, name := range u.things {
		answered := u.answered.Load()
		v, err := s.ReadThing(ctx, name, nil)
		if err != nil {
			return err
		}
		if err := u.saw(u.step(v), answered); err != nil {
			return err
		}
	}
	return nil
}

// view looks at all things of a subject several times in one view, which must show one step.
func (u *subject) view(ctx context.Context, s *pebble.Store) error {
	answered := u.answered.Load()
	return s.View(ctx, func(tx store.ReadTx) error {
		first := int64(-1)
		for i := range 3 * len(u.things) {
			v, err := tx.Thing(u.things[i%len(u.things)])
			if err != nil {
				return err
			}
			step := u.step(v)
			if first < 0 {
				first = step
			}
			if step != first {
				return fmt.Errorf("one view of %v shows step %d and step %d", u.things, first, step)
			}
		}
		return u.saw(first, answered)
	})
}

// byDevice is a device that reports on its execution.
func byDevice(name registry.ThingName) *subject {
	return &subject{
		things: []registry.ThingName{name},
		write: func(ctx context.Context, s *pebble.Store, _ int64) error {
			return s.UpdateThing(ctx, name, nil, func(v store.ThingView) (store.ThingChange, error) {
				next := v.Pending[0]
				next.Version++
				return store.ThingChange{Executions: []store.ExecutionChange{{Before: &v.Pending[0], After: &next}}}, nil
			})
		},
		step: func(v store.ThingView) int64 { return int64(v.Pending[0].Version) },
	}
}

// byUpdate are things with executions that one update changes together.
func byUpdate(names ...registry.ThingName) *subject {
	return &subject{
		things: names,
		write: func(ctx context.Context, s *pebble.Store, _ int64) error {
			return s.Update(ctx, func(tx store.Tx) error {
				for _, name := range names {
					v, err := tx.Thing(name)
					if err != nil {
						return err
					}
					next := v.Pending[0]
					next.Version++
					change := store.ThingChange{Executions: []store.ExecutionChange{{Before: &v.Pending[0], After: &next}}}
					if err := tx.ChangeThing(v.Thing.Key(), change); err != nil {
						return err
					}
				}
				return nil
			})
		},
		step: func(v store.ThingView) int64 { return int64(v.Pending[0].Version) },
	}
}

// byRegistry is a thing that every second step creates under a new number, and the steps between delete. Its number is its step.
func byRegistry(name registry.ThingName) *subject {
	u := &subject{things: []registry.ThingName{name}}
	u.write = func(ctx context.Context, s *pebble.Store, step int64) error {
		return s.Update(ctx, func(tx store.Tx) error {
			if step%2 == 0 {
				return tx.DeleteThing(name)
			}
			return tx.PutThing(&registry.Thing{Name: name, Number: registry.ThingNumber(step), Version: 1})
		})
	}
	u.step = func(v store.ThingView) int64 {
		if v.Thing != nil {
			return int64(v.Thing.Number)
		}
		return gone
	}
	return u
}

// byImport are things that are imported again and again.
func byImport(names ...registry.ThingName) *subject {
	return &subject{
		things: names,
		write: func(ctx context.Context, s *pebble.Store, step int64) error {
			var rows []store.Row
			for i, name := range names {
				rows = append(rows, store.ThingRow{Thing: &registry.Thing{Name: name, Number: registry.ThingNumber(100 + i), Version: step}})
			}
			return s.Import(ctx, rows, []byte("more"))
		},
		step: func(v store.ThingView) int64 { return v.Thing.Version },
	}
}

// writers are a store at work whose disk may crash at any moment.
type writers struct {
	disk     *vfs.MemFS
	subjects []*subject
}

func newWriters(t *testing.T, cache int64) (writers, *pebble.Store) {
	t.Helper()
	w := writers{disk: vfs.NewCrashableMem(), subjects: []*subject{
		byDevice("a"), byDevice("b"), byDevice("c"), byUpdate("d", "e", "f"), byRegistry("g"), byImport("h", "i"),
	}}
	s := open(t, "store", pebble.Options{FS: w.disk, CacheSize: cache})
	if err := s.Import(t.Context(), nil, []byte("more")); err != nil {
		t.Fatal(err)
	}
	makeDevices(t, s, "a", "b", "c", "d", "e", "f")
	for _, u := range w.subjects {
		u.asked.Store(1)
		if !strings.Contains("abcdef", string(u.things[0])) {
			if err := u.write(t.Context(), s, 1); err != nil {
				t.Fatal(err)
			}
		}
		u.answered.Store(1)
	}
	return w, s
}

// crash opens what a crash at this moment would leave, and demands all that somebody has seen.
func (w *writers) crash(t *testing.T) error {
	t.Helper()
	seen := make([]int64, len(w.subjects))
	for i, u := range w.subjects {
		seen[i] = u.seen.Load()
	}
	s := open(t, "store", pebble.Options{FS: w.disk.CrashClone(vfs.CrashCloneCfg{})})
	defer mustClose(t, s)
	for i, u := range w.subjects {
		for _, name := range u.things {
			v, err := s.ReadThing(t.Context(), name, nil)
			if err != nil {
				return err
			}
			if step := u.step(v); step != gone && step < seen[i] {
				return fmt.Errorf("%s is at step %d after a crash; %d was seen before", name, step, seen[i])
			}
		}
	}
	return nil
}

// TestThingCacheBesideWriters reads things while all that can write them does, with a cache for all rows and with one that is always too small: nobody may see
// less than what was answered, nor what a crash takes back, and a view shows one state.
func TestThingCacheBesideWriters(t *testing.T) {
	const steps, crashes = 50, 3
	for name, cache := range map[string]int64{"all rows": 1 << 20, "two pages": 12 << 10} {
		t.Run(name, func(t *testing.T) {
			w, s := newWriters(t, cache)
			defer mustClose(t, s)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var writing, reading sync.WaitGroup
			errs := make(chan error, 100)
			done := make(chan struct{})
			for _, u := range w.subjects {
				writing.Go(func() { errs <- u.work(ctx, s, steps) })
			}
			look := func(looks ...func() error) {
				reading.Go(func() {
					for {
						for _, look := range looks {
							if err := look(); err != nil {
								errs <- err
								return
							}
						}
						select {
						case <-done:
							return
						default:
						}
					}
				})
			}
			var reads, views []func() error
			for _, u := range w.subjects {
				reads = append(reads, func() error { return u.read(ctx, s) })
				views = append(views, func() error { return u.view(ctx, s) })
			}
			look(reads...)
			look(views...)
			for range crashes {
				if err := errors.Join(w.crash(t), s.Flush()); err != nil {
					t.Error(err)
				}
			}
			writing.Wait()
			close(done)
			reading.Wait()
			close(errs)
			for err := range errs {
				if err != nil {
					t.Error(err)
				}
			}
			if stats := s.Stats(); stats.ThingHits == 0 || stats.ThingMisses == 0 {
				t.Errorf("%d reads hit the cache and %d missed it, want some of both", stats.ThingHits, stats.ThingMisses)
			}
		})
	}
}

// TestThingCacheWaitsForTheSync holds up a sync and shows that everybody still gets the rows from before it, from the cache and from Pebble, and
// afterwards those that it made durable.
func TestThingCacheWaitsForTheSync(t *testing.T) {
	disk := vfs.NewMem()
	s := open(t, "store", pebble.Options{FS: disk})
	makeDevices(t, s, "a", "b")
	mustClose(t, s)
	var held atomic.Bool
	syncing, release := make(chan struct{}), make(chan struct{})
	s = open(t, "store", pebble.Options{FS: &writesFS{FS: disk, before: func(op, name string) error {
		if op == "sync" && strings.HasSuffix(name, ".log") && held.CompareAndSwap(true, false) {
			close(syncing)
			<-release
		}
		return nil
	}}})
	defer mustClose(t, s)
	device, update := byDevice("a"), byUpdate("b")
	shows := func(u *subject, want int64) {
		t.Helper()
		for _, look := range []func() (store.ThingView, error){
			func() (store.ThingView, error) { return s.ReadThing(t.Context(), u.things[0], nil) },
			func() (v store.ThingView, err error) {
				err = s.View(t.Context(), func(tx store.ReadTx) error { v, err = tx.Thing(u.things[0]); return err })
				return v, err
			},
		} {
			v, err := look()
			if err != nil {
				t.Fatal(err)
			}
			if got := u.step(v); got != want {
				t.Errorf("%v is at version %d, want %d", u.things, got, want)
			}
		}
	}
	shows(device, 1) // and is in the cache from now on
	held.Store(true)
	answers := make(chan error, 2)
	go func() { answers <- update.write(t.Context(), s, 2) }()
	go func() { answers <- device.write(t.Context(), s, 2) }()
	select {
	case <-syncing:
	case <-time.After(patience):
		t.Fatal("no sync")
	}
	before := s.Stats()
	shows(device, 1)
	shows(update, 1) // read by nobody before
	after := s.Stats()
	if after.ThingHits < before.ThingHits+2 {
		t.Errorf("%d reads hit the cache, want those of the device", after.ThingHits-before.ThingHits)
	}
	close(release)
	for range cap(answers) {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	shows(device, 2)
	shows(update, 2)
}
