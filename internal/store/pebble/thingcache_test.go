package pebble

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// newTestCache has one page, so that all things are neighbours.
func newTestCache(t *testing.T) *thingCache {
	t.Helper()
	c, err := newThingCache(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func versioned(t *testing.T, name registry.ThingName, version int64) []byte {
	t.Helper()
	row, err := thingBytes(&registry.Thing{Name: name, Number: 1, Version: version}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// shows demands what a reader of a group finds; version 0 for nothing.
func shows(t *testing.T, c *thingCache, name registry.ThingName, group uint64, version int64) {
	t.Helper()
	s, err := c.find(name, group)
	if err != nil {
		t.Fatal(err)
	}
	var got int64
	if s != nil {
		got = s.thing.Version
	}
	if got != version {
		t.Errorf("a reader of group %d finds version %d of %s, want %d", group, got, name, version)
	}
}

// TestThingCacheShowsTheSnapshot goes through the invariant.
func TestThingCacheShowsTheSnapshot(t *testing.T) {
	c := newTestCache(t)
	c.add("a", versioned(t, "a", 1), 5)
	c.add("b", versioned(t, "b", 1), 5)
	shows(t, c, "a", 5, 1)
	shows(t, c, "a", 6, 1)

	c.replace([]byte("a"), versioned(t, "a", 2), 7)
	shows(t, c, "a", 7, 2)
	shows(t, c, "a", 8, 2)
	shows(t, c, "b", 7, 1)
	shows(t, c, "a", 6, 0) // it would be too new
	shows(t, c, "b", 6, 0) // nobody knows

	c.add("a", versioned(t, "a", 1), 6) // of a reader that looked before
	shows(t, c, "a", 7, 2)
	c.add("c", versioned(t, "c", 1), 6) // may have been written by group 7
	shows(t, c, "c", 7, 0)
	c.add("c", versioned(t, "c", 1), 7)
	shows(t, c, "c", 7, 1)

	c.replace([]byte("a"), nil, 8)
	shows(t, c, "a", 8, 0)
	c.add("a", versioned(t, "a", 2), 7) // would raise the dead
	shows(t, c, "a", 8, 0)
}

// TestThingCacheForgetsNoStamp shows that a page remembers the last change of a row that it has no room for.
func TestThingCacheForgetsNoStamp(t *testing.T) {
	c := newTestCache(t)
	c.replace([]byte("a"), versioned(t, "a", 2), 7)
	for i := range 1000 {
		name := registry.ThingName(fmt.Sprint(i))
		c.add(name, versioned(t, name, 1), 7)
	}
	shows(t, c, "a", 7, 0)
	c.add("a", versioned(t, "a", 1), 6)
	shows(t, c, "a", 7, 0)
}

// TestThingCacheReadsBatches shows that no kind of write passes the cache by.
func TestThingCacheReadsBatches(t *testing.T) {
	for name, c := range map[string]struct {
		write  func(b *pebble.Batch) error
		a, b   int64 // the versions that are shown afterwards
		others bool  // whether the page is untouched
	}{
		"set":                  {write: func(b *pebble.Batch) error { return b.Set(thingKey(nil, "a"), versioned(t, "a", 2), nil) }, a: 2, b: 1},
		"delete":               {write: func(b *pebble.Batch) error { return b.Delete(thingKey(nil, "a"), nil) }, b: 1},
		"single delete":        {write: func(b *pebble.Batch) error { return b.SingleDelete(thingKey(nil, "a"), nil) }, b: 1},
		"sized delete":         {write: func(b *pebble.Batch) error { return b.DeleteSized(thingKey(nil, "a"), 10, nil) }, b: 1},
		"merge":                {write: func(b *pebble.Batch) error { return b.Merge(thingKey(nil, "a"), []byte("x"), nil) }, b: 1},
		"range of things":      {write: func(b *pebble.Batch) error { return b.DeleteRange(thingKey(nil, "a"), thingKey(nil, "aa"), nil) }},
		"range of everything":  {write: func(b *pebble.Batch) error { return b.DeleteRange([]byte{0}, []byte{0xff}, nil) }},
		"range of other rows":  {write: func(b *pebble.Batch) error { return b.DeleteRange([]byte{kindThing + 1}, []byte{0xff}, nil) }, a: 1, b: 1, others: true},
		"another row":          {write: func(b *pebble.Batch) error { return b.Set(headKey(nil, 1, registry.ThingKey{Name: "a"}), nil, nil) }, a: 1, b: 1, others: true},
		"nothing but a record": {write: func(b *pebble.Batch) error { return b.LogData([]byte{kindThing, 'a'}, nil) }, a: 1, b: 1, others: true},
	} {
		t.Run(name, func(t *testing.T) {
			cache := newTestCache(t)
			cache.add("a", versioned(t, "a", 1), 1)
			cache.add("b", versioned(t, "b", 1), 1)
			var b pebble.Batch
			if err := c.write(&b); err != nil {
				t.Fatal(err)
			}
			if err := cache.publish(b.Repr(), 2); err != nil {
				t.Fatal(err)
			}
			shows(t, cache, "a", 2, c.a)
			shows(t, cache, "b", 2, c.b)
			if c.others {
				shows(t, cache, "a", 1, 1)
			} else {
				shows(t, cache, "a", 1, 0)
			}
		})
	}
}

// TestThingCacheWaitsForTheUpdate shows a command that stands behind an import of its thing, in one group: it must not meet the row from before.
func TestThingCacheWaitsForTheUpdate(t *testing.T) {
	s := openInMemory(t)
	imported := func(version int64) error {
		rows := []store.Row{store.ThingRow{Thing: &registry.Thing{Name: "a", Number: 1, Version: version}}}
		return s.Import(t.Context(), rows, []byte("more"))
	}
	if err := imported(1); err != nil {
		t.Fatal(err)
	}
	var met int64
	look := func(release <-chan struct{}) func(v store.ThingView) (store.ThingChange, error) {
		return func(v store.ThingView) (store.ThingChange, error) {
			if release != nil {
				<-release
			}
			met = v.Thing.Version
			return store.ThingChange{}, nil
		}
	}
	release, answers := make(chan struct{}), make(chan error, 3)
	call := func(fn func() error) { go func() { answers <- fn() }() }
	call(func() error { return s.UpdateThing(t.Context(), "a", nil, look(release)) })
	waits(t, s, func(c *committer) bool { return c.current != nil })
	call(func() error { return imported(2) })
	waits(t, s, func(c *committer) bool { return c.handed != nil })
	call(func() error { return s.UpdateThing(t.Context(), "a", nil, look(nil)) })
	waits(t, s, func(c *committer) bool { return len(c.waiting) == 1 })
	close(release)
	for range cap(answers) {
		if err := <-answers; err != nil {
			t.Fatal(err)
		}
	}
	if met != 2 {
		t.Errorf("the command met version %d, want that of the import", met)
	}
}

// waits returns when the committer is in a state that it will come to.
func waits(t *testing.T, s *Store, state func(*committer) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if ctx.Err() != nil {
			t.Fatal("the committer does not get there")
		}
		s.committer.mu.Lock()
		reached := state(s.committer)
		s.committer.mu.Unlock()
		if reached {
			return
		}
		runtime.Gosched()
	}
}

func openInMemory(t *testing.T) *Store {
	t.Helper()
	s, err := Open("store", Options{FS: vfs.NewMem(), CacheSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestThingCacheReadsLargeBatches shows an update that Pebble does not put into its memtable, and takes away from its batch.
func TestThingCacheReadsLargeBatches(t *testing.T) {
	s := openInMemory(t)
	large := bytes.Repeat([]byte{1}, 20<<20)
	for version := range int64(3) {
		err := s.Update(t.Context(), func(tx store.Tx) error {
			if err := tx.PutThing(&registry.Thing{Name: "a", Number: 1, Version: version + 1}); err != nil {
				return err
			}
			return tx.PutRecord(store.SettingRecord, "large", large)
		})
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.ReadThing(t.Context(), "a", nil)
		if err != nil {
			t.Fatal(err)
		}
		if v.Thing == nil || v.Thing.Version != version+1 {
			t.Fatalf("after version %d a read shows %+v", version+1, v.Thing)
		}
	}
}
