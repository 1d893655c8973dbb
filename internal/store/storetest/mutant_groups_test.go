package storetest_test

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// wrongWrites is an update with some of its calls replaced.
type wrongWrites struct {
	store.Tx
	deleteThing func(registry.ThingName) error
	purge       func(until uint64, limit int) (int, error)
}

func (w wrongWrites) DeleteThing(name registry.ThingName) error {
	if w.deleteThing != nil {
		return w.deleteThing(name)
	}
	return w.Tx.DeleteThing(name)
}

func (w wrongWrites) PurgeMembers(until uint64, limit int) (int, error) {
	if w.purge != nil {
		return w.purge(until, limit)
	}
	return w.Tx.PurgeMembers(until, limit)
}

// writes makes a mutation of all updates out of one of their transaction.
func writes(mutate func(store.Tx) store.Tx) func(store.Store) store.Store {
	return func(s store.Store) store.Store {
		return wrong{Store: s, update: func(ctx context.Context, fn func(store.Tx) error) error {
			return s.Update(ctx, func(tx store.Tx) error { return fn(mutate(tx)) })
		}}
	}
}

// ghosts leaves deleted things in their groups.
func ghosts(s store.Store) store.Store {
	var mu sync.Mutex
	gone := map[registry.GroupNumber][]store.Member{}
	haunted := writes(func(tx store.Tx) store.Tx {
		return wrongWrites{Tx: tx, deleteThing: func(name registry.ThingName) error {
			v, err := tx.Thing(name)
			if err != nil || v.Thing == nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, m := range v.Thing.Groups {
				gone[m.Group] = append(gone[m.Group], store.Member{Thing: v.Thing.Key(), Direct: m.Direct})
			}
			return tx.DeleteThing(name)
		}}
	})(s)
	return reads(func(tx store.ReadTx) store.ReadTx {
		return wrongReads{ReadTx: tx, members: func(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
			list, err := tx.Members(group, asOf, after, limit)
			mu.Lock()
			defer mu.Unlock()
			for _, m := range gone[group] {
				if asOf == 0 && m.Thing.Name > after.Name {
					list = append(list, m)
				}
			}
			slices.SortFunc(list, func(a, b store.Member) int { return cmp.Compare(a.Thing.Name, b.Thing.Name) })
			return list[:min(len(list), limit)], err
		}}
	})(haunted)
}

// presentMembers reads every group as it is now.
func presentMembers(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, members: func(group registry.GroupNumber, _ uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
		return tx.Members(group, 0, after, limit)
	}}
}

// membersTooEarly takes who joins next for a member.
func membersTooEarly(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, members: func(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
		if asOf != 0 {
			asOf++
		}
		return tx.Members(group, asOf, after, limit)
	}}
}

// shortPurge leaves what ended at the version itself.
func shortPurge(tx store.Tx) store.Tx {
	return wrongWrites{Tx: tx, purge: func(until uint64, limit int) (int, error) { return tx.PurgeMembers(max(until, 1)-1, limit) }}
}

// undeadGroups finds groups by their name while they are being deleted.
func undeadGroups(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, group: func(name registry.GroupName) (*registry.ThingGroup, error) {
		if g, err := tx.Group(name); g != nil || err != nil {
			return g, err
		}
		version, err := tx.Version()
		for n := registry.GroupNumber(1); err == nil && uint64(n) <= version; n++ {
			var g *registry.ThingGroup
			if g, err = tx.GroupByNumber(n); g != nil && g.Name == name {
				return g, nil
			}
		}
		return nil, err
	}}
}

// followedForEver lists jobs by the groups in their configuration, also when they have finished.
func followedForEver(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, follow: func(group registry.GroupNumber, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
		all, err := tx.Jobs(after, 1000)
		list := slices.DeleteFunc(all, func(j *jobs.Job) bool {
			running := j.Clone()
			running.Status = jobs.JobInProgress
			return !running.Follows(group)
		})
		return list[:min(len(list), limit)], err
	}}
}

// forgottenWake forgets the last job that is due.
func forgottenWake(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, dueJobs: func(until time.Time, limit int) ([]jobs.JobNumber, error) {
		list, err := tx.DueJobs(until, limit)
		return list[:max(len(list), 1)-1], err
	}}
}

// nextWithoutJobs looks for due executions only.
func nextWithoutJobs(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, nextDue: func(after time.Time) (time.Time, error) {
		rows, err := tx.Due(time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), 1_000_000)
		for _, d := range rows {
			if d.At.After(after) {
				return d.At, err
			}
		}
		return time.Time{}, err
	}}
}
