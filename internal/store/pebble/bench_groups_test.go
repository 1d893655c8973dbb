package pebble_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
)

// BenchmarkPutThing measures the import of things: new ones, a thousand in each update, without groups and in a group three levels deep.
func BenchmarkPutThing(b *testing.B) {
	for _, levels := range []int{0, 3} {
		b.Run(fmt.Sprintf("levels=%d", levels), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "store"), pebble.Options{})
			b.Cleanup(func() { mustClose(b, s) })
			group := nested(b, s, levels)
			b.ResetTimer()
			importThings(b, s, group, b.N)
		})
	}
}

// BenchmarkMembers measures a walk over the members of a group, a thousand in each page, as a job's cursor takes it; one operation is a member.
func BenchmarkMembers(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "store"), pebble.Options{CacheSize: 256 << 20})
	b.Cleanup(func() { mustClose(b, s) })
	group := nested(b, s, 3)
	importThings(b, s, group, benchThings)
	if err := s.Flush(); err != nil {
		b.Fatal(err)
	}
	for what, asOf := range map[string]uint64{"now": 0, "as of a version": 1 << 40} {
		b.Run(what, func(b *testing.B) {
			for seen := 0; seen < b.N; {
				n := walk(b, s, group.Number, asOf)
				if n != benchThings {
					b.Fatalf("the group holds %d things, want %d", n, benchThings)
				}
				seen += n
			}
		})
	}
}

// nested makes groups below each other and returns the lowest; nil for no levels.
func nested(tb testing.TB, s *pebble.Store, levels int) (lowest *registry.ThingGroup) {
	tb.Helper()
	update(tb, s, func(tx store.Tx) error {
		lowest = nil
		for level := range levels {
			n, err := tx.NextNumber()
			if err != nil {
				return err
			}
			next := &registry.ThingGroup{Name: registry.GroupName(fmt.Sprintf("level-%d", level)), Number: registry.GroupNumber(n), Version: 1}
			if lowest != nil {
				next.Path = append(append(next.Path, lowest.Path...), lowest.Number)
			}
			if err := tx.PutGroup(next); err != nil {
				return err
			}
			lowest = next
		}
		return nil
	})
	return lowest
}

func importThings(tb testing.TB, s *pebble.Store, group *registry.ThingGroup, n int) {
	tb.Helper()
	for first := 0; first < n; first += store.MaxThingsPerUpdate {
		update(tb, s, func(tx store.Tx) error {
			for i := first; i < min(n, first+store.MaxThingsPerUpdate); i++ {
				if err := importThing(tx, benchThing(i), group); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func importThing(tx store.Tx, name registry.ThingName, group *registry.ThingGroup) error {
	n, err := tx.NextNumber()
	if err != nil {
		return err
	}
	thing := &registry.Thing{
		Name: name, Number: registry.ThingNumber(n), ID: "5b4b2a1e-7d39-4a3c-9a43-0d2f5a1c0001", Type: "lamp", Version: 1,
		CreatedAt: time.Unix(1_800_000_000, 0), Attributes: map[string]string{"model": "x1", "site": "berlin"},
	}
	if group != nil {
		if err := thing.Join(group); err != nil {
			return err
		}
	}
	return tx.PutThing(thing)
}

func walk(tb testing.TB, s *pebble.Store, group registry.GroupNumber, asOf uint64) (seen int) {
	tb.Helper()
	var after registry.ThingKey
	for {
		var page []store.Member
		if err := s.View(context.Background(), func(tx store.ReadTx) (err error) {
			page, err = tx.Members(group, asOf, after, store.MaxThingsPerUpdate)
			return err
		}); err != nil {
			tb.Fatal(err)
		}
		seen += len(page)
		if len(page) < store.MaxThingsPerUpdate {
			return seen
		}
		after = page[len(page)-1].Thing
	}
}

func update(tb testing.TB, s *pebble.Store, fn func(tx store.Tx) error) {
	tb.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		tb.Fatal(err)
	}
}
