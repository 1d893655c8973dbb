package pebble_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/storetest"
)

// fault fails the writes of one kind from the moment it is armed: a disk that is full, or gone.
type fault struct {
	op, name string // of the writes: what they do, and a part of the file's name; empty for any
	// done lets the write be done and fails it all the same.
	done bool
	// spared is how many of these writes still succeed.
	spared int

	mu    sync.Mutex
	armed bool
}

var errDisk = errors.Join(errors.New("injected"), syscall.ENOSPC)

func (f *fault) arm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = true
}

func (f *fault) meet(op, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.armed || f.op != "" && op != f.op || !strings.Contains(name, f.name) {
		return nil
	}
	if f.spared > 0 {
		f.spared--
		return nil
	}
	return errDisk
}

// on makes a file system with the fault.
func (f *fault) on(disk vfs.FS) *writesFS {
	if f.done {
		return &writesFS{FS: disk, after: f.meet}
	}
	return &writesFS{FS: disk, before: f.meet}
}

// device reports on its own thing until a call fails; every report that is done adds one to the version.
type device struct {
	thing           registry.ThingName
	inBulk          bool // calls UpdateThings
	answered, asked jobs.VersionNumber
	failed          error
	found           jobs.VersionNumber // after the fault
}

func (d *device) work(ctx context.Context, s *pebble.Store) {
	update := s.UpdateThing
	if d.inBulk {
		update = bulked{s}.UpdateThing
	}
	for d.failed == nil {
		d.failed = update(ctx, d.thing, []store.Address{{Job: "j"}}, func(v store.ThingView) (store.ThingChange, error) {
			a := v.Addressed["j"]
			next, err := a.Execution.Update(time.Unix(1_800_000_000, 0), a.Job.Config, jobs.Report{Status: jobs.InProgress})
			d.asked = next.Version
			return store.ThingChange{Executions: []store.ExecutionChange{{Before: a.Execution, After: &next}}}, err
		})
		if d.failed == nil {
			d.answered = d.asked
		}
	}
}

// makeDevices registers things with a pending execution of job j.
func makeDevices(t *testing.T, s *pebble.Store, names ...registry.ThingName) (all []*device) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		job := &jobs.Job{Number: 1, ID: "j", Revision: 1, Status: jobs.JobInProgress, Config: &jobs.Config{}}
		if err := tx.PutJob(job); err != nil {
			return err
		}
		for i, name := range names {
			thing := &registry.Thing{Name: name, Number: registry.ThingNumber(2 + i), Version: 1}
			if err := tx.PutThing(thing); err != nil {
				return err
			}
			e := jobs.NewExecution(job.Number, 1, time.Unix(1_800_000_000, 0))
			if err := tx.ChangeThing(thing.Key(), store.ThingChange{
				Executions: []store.ExecutionChange{{After: &e}},
				Heads:      map[jobs.JobNumber]jobs.Head{job.Number: {Newest: 1, Known: true}},
			}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		all = append(all, &device{thing: name, inBulk: i%2 == 1, answered: 1, asked: 1, found: 1})
	}
	return all
}

// patience ends a test of a store that hangs.
const patience = time.Minute

// meetFault lets devices work on a store with a fault that strikes now or soon, while the store writes out its memory and updates run. It
// returns when the store has stopped, and checks that everybody was told so.
func meetFault(t *testing.T, s *pebble.Store, f *fault, devices []*device) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	f.arm()
	go func() { _ = s.Flush() }() // may never come back
	var all sync.WaitGroup
	for _, d := range devices {
		all.Go(func() { d.work(ctx, s) })
	}
	var failed error
	all.Go(func() {
		for failed == nil {
			failed = s.Update(ctx, func(tx store.Tx) error { return tx.PutRecord(store.SettingRecord, "x", []byte("y")) })
		}
	})
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(s.Collectors()...)
	all.Go(func() { // whoever watches does not hang with the store
		for failing := false; !failing; {
			failing = s.Err() != nil
			if _, err := metrics.Gather(); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	for _, err := range []error{failed, devices[0].failed} {
		if !errors.Is(err, store.ErrClosed) || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("the call that met the fault returned %v, want that the store is closed and why", err)
		}
	}
	select {
	case <-s.Failed():
	case <-ctx.Done():
		t.Error("Failed is never closed")
	}
	if !errors.Is(s.Err(), syscall.ENOSPC) {
		t.Errorf("Err says %v, want the disk's error", s.Err())
	}
	refusesCalls(t, s, devices[0].thing)
}

// refusesCalls demands that a store that has stopped does nothing any more, says why, and never claims not to know.
func refusesCalls(t *testing.T, s *pebble.Store, thing registry.ThingName) {
	t.Helper()
	_, readErr := s.ReadThing(t.Context(), thing, nil)
	for what, err := range map[string]error{
		"UpdateThing":  s.UpdateThing(t.Context(), thing, nil, func(store.ThingView) (store.ThingChange, error) { return store.ThingChange{}, nil }),
		"UpdateThings": s.UpdateThings(t.Context(), []store.ThingUpdate{reporting(thing)}),
		"ReadThing":    readErr,
		"Update":       s.Update(t.Context(), func(store.Tx) error { return nil }),
		"View":         s.View(t.Context(), func(store.ReadTx) error { return nil }),
		"Close":        s.Close(),
	} {
		if !errors.Is(err, store.ErrClosed) || !errors.Is(err, syscall.ENOSPC) || errors.Is(err, store.ErrUnknown) {
			t.Errorf("%s of the store that has stopped returned %v, want that it is closed and why", what, err)
		}
	}
}

// survived opens the store on what is left of the disk, and checks that what was answered is there and nothing that was not asked for.
func survived(t *testing.T, disk *vfs.MemFS, devices []*device) {
	t.Helper()
	s := open(t, "store", pebble.Options{FS: disk})
	defer mustClose(t, s)
	for _, d := range devices {
		v, err := s.ReadThing(t.Context(), d.thing, []store.Address{{Job: "j"}})
		if err != nil {
			t.Fatal(err)
		}
		d.found = v.Addressed["j"].Execution.Version
		if d.found < d.answered || d.found > d.asked {
			t.Errorf("%s is at version %d; %d was answered, %d was asked for", d.thing, d.found, d.answered, d.asked)
		}
		if d.found > d.answered && !errors.Is(d.failed, store.ErrUnknown) {
			t.Errorf("%s is at version %d; %d was answered, and the next call returned %v, not that it may be done", d.thing, d.found, d.answered, d.failed)
		}
	}
	if err := storetest.Check(t.Context(), s); err != nil {
		t.Error(err)
	}
}

// TestDiskFault breaks the disk in each place where the store writes, with the failed write undone and done.
func TestDiskFault(t *testing.T) {
	for name, at := range map[string]struct {
		op, name string
		spared   int
	}{
		"full disk":        {},
		"WAL write":        {op: "write", name: ".log"},
		"WAL sync":         {op: "sync", name: ".log"},
		"WAL rotation":     {op: "create", name: ".log"},
		"manifest write":   {op: "write", name: "MANIFEST"},
		"manifest sync":    {op: "sync", name: "MANIFEST"},
		"new table":        {op: "create", name: ".sst"},
		"table write":      {op: "write", name: ".sst"},
		"table sync":       {op: "sync", name: ".sst"},
		"directory sync":   {op: "sync", name: "store"},
		"a write later on": {op: "write", name: ".log", spared: 50},
		"a sync later on":  {op: "sync", name: ".log", spared: 50},
	} {
		for way, done := range map[string]bool{"undone": false, "done": true} {
			t.Run(name+" "+way, func(t *testing.T) {
				f := &fault{op: at.op, name: at.name, spared: at.spared, done: done}
				disk := vfs.NewCrashableMem()
				s := open(t, "store", pebble.Options{FS: f.on(disk)})
				devices := makeDevices(t, s, "a", "b", "c")
				meetFault(t, s, f, devices)
				for percent, left := range map[string]*vfs.MemFS{
					"power cut":        disk.CrashClone(vfs.CrashCloneCfg{}),
					"end of a process": disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 1))}),
				} {
					t.Run(percent, func(t *testing.T) { survived(t, left, devices) })
				}
			})
		}
	}
}

// TestRandomDiskFault breaks the disk at a random write, once and again on what the fault before has left.
func TestRandomDiskFault(t *testing.T) {
	const rounds, spared = 25, 60
	seed := drawSeed(t)
	r := rand.New(rand.NewPCG(seed, seed))
	disk := vfs.NewCrashableMem()
	s := open(t, "store", pebble.Options{FS: disk})
	devices := makeDevices(t, s, "a", "b", "c", "d")
	mustClose(t, s)
	for round := range rounds {
		f := &fault{done: r.IntN(2) == 0, spared: r.IntN(spared)}
		s := open(t, "store", pebble.Options{FS: f.on(disk)})
		for _, d := range devices {
			d.failed, d.answered, d.asked = nil, d.found, d.found
		}
		meetFault(t, s, f, devices)
		disk = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: r.IntN(101), RNG: rand.New(rand.NewPCG(seed, uint64(round)))})
		survived(t, disk, devices)
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
}

// TestOpenOnFullDisk shows that a store that cannot open says why, and can be opened when there is room again.
func TestOpenOnFullDisk(t *testing.T) {
	const tries = 40
	opened := 0
	for spared := range tries {
		disk := vfs.NewCrashableMem()
		s := open(t, "store", pebble.Options{FS: disk})
		devices := makeDevices(t, s, "a")
		mustClose(t, s)
		f := &fault{spared: spared}
		f.arm()
		s, err := pebble.Open("store", pebble.Options{FS: f.on(disk)})
		if err == nil {
			opened++
			_ = s.Close() // the fault comes now or never
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("opening with room for %d writes returned %v, want the disk's error", spared, err)
		}
		survived(t, disk.CrashClone(vfs.CrashCloneCfg{}), devices)
	}
	if opened == 0 || opened == tries {
		t.Errorf("%d of %d stores opened, want some", opened, tries)
	}
}
