package storetest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func sharedPromises() []promise {
	return []promise{
		{name: "a lease ends by the store's clock", needs: needShared, run: leaseEnds},
		{name: "a renewal keeps the epoch and the lease", needs: needShared, run: leaseRenewed},
		{name: "a lease that is given back is free at once", needs: needShared, run: leaseReleased},
		{name: "each new holder has a higher epoch", needs: needShared, run: leaseEpochs},
		{name: "leases are acquired in bulk", needs: needShared, run: leasesInBulk},
		{name: "no lease has two holders", needs: needShared, run: leaseRace},
		{name: "an update under a lost lease changes nothing", needs: needShared, run: fenced},
		{name: "a change is seen by every node", needs: needShared, run: seenByAll},
		{name: "hints reach other nodes", needs: needShared, run: hintsArrive},
	}
}

// Lives of leases: one that ends within an experiment, and one that does not.
const (
	shortLease = 100 * time.Millisecond
	longLease  = time.Hour
)

// nodes opens the store for two nodes.
func (p *probe) nodes() (a, b store.Shared) { return p.node(), p.node() }

func (p *probe) node() store.Shared {
	s := p.engine.OpenShared(p.tb, p.dir)
	p.others = append(p.others, s)
	return s
}

func (p *probe) clock(s store.Shared) time.Time {
	now, err := s.Clock(p.ctx)
	p.ok(err, "read the clock")
	return now
}

// tryAcquire returns the leases that the node holds afterwards, by name.
func (p *probe) tryAcquire(s store.Shared, node string, ttl time.Duration, names ...string) map[string]store.Lease {
	leases, err := s.Acquire(p.ctx, node, ttl, names...)
	p.ok(err, "acquire")
	got := map[string]store.Lease{}
	for _, lease := range leases {
		if lease.Node != node || lease.Epoch == 0 || !slices.Contains(names, lease.Name) {
			p.failf("%s acquired %q and got %+v", node, names, lease)
		}
		got[lease.Name] = lease
	}
	p.same(len(got), len(leases), "leases of different names")
	return got
}

func (p *probe) acquire(s store.Shared, node string, ttl time.Duration, name string) store.Lease {
	lease, ok := p.tryAcquire(s, node, ttl, name)[name]
	if !ok {
		p.failf("%s did not get the lease %s, which is free", node, name)
	}
	return lease
}

func (p *probe) taken(s store.Shared, node, why string) {
	if lease, ok := p.tryAcquire(s, node, longLease, "l")["l"]; ok {
		p.failf("%s got the lease %+v %s", node, lease, why)
	}
}

// awaitLease tries until the node gets the lease.
func (p *probe) awaitLease(s store.Shared, node, name string) store.Lease {
	for {
		if lease, ok := p.tryAcquire(s, node, longLease, name)[name]; ok {
			return lease
		}
	}
}

func leaseEnds(p *probe) {
	a, b := p.nodes()
	began := p.clock(a)
	first := p.acquire(a, "a", shortLease, "l")
	second := p.awaitLease(b, "b", "l")
	if took := p.clock(b).Sub(began); took < shortLease {
		p.failf("b got a lease of %s that a had acquired %s before", shortLease, took)
	}
	if second.Epoch <= first.Epoch {
		p.failf("the epoch went from %d to %d with a new holder", first.Epoch, second.Epoch)
	}
	p.taken(a, "a", "that b holds")
}

func leaseRenewed(p *probe) {
	a, b := p.nodes()
	first := p.acquire(a, "a", longLease, "l")
	for range 3 {
		if again := p.acquire(a, "a", longLease, "l"); again != first {
			p.failf("the renewal of %+v gave %+v", first, again)
		}
	}
	p.taken(b, "b", "that a renewed")
	// A renewal may also shorten a lease. One that ended is acquired anew.
	p.same(p.acquire(a, "a", shortLease, "l"), first, "a renewal for a shorter time")
	for began := p.clock(a); p.clock(a).Sub(began) <= shortLease; {
	}
	if anew := p.acquire(a, "a", longLease, "l"); anew.Epoch <= first.Epoch {
		p.failf("a lease that had ended was renewed: %+v, then %+v", first, anew)
	}
}

func leaseReleased(p *probe) {
	a, b := p.nodes()
	first := p.acquire(a, "a", longLease, "l")
	p.taken(b, "b", "that a holds")
	p.ok(a.Release(p.ctx, first), "release")
	second := p.acquire(b, "b", longLease, "l")
	p.ok(a.Release(p.ctx, first), "release a lease that is another node's now")
	p.taken(a, "a", "that b holds")
	p.update("write under the lease that a could not release", func(tx store.Tx) error { return tx.Fence(second) })
	p.ok(a.Release(p.ctx), "release nothing")
	p.ok(b.Release(p.ctx, second, store.Lease{Name: "never", Node: "b", Epoch: 1}), "release one that is held and one that never was")
	p.acquire(a, "a", longLease, "l")
}

func leaseEpochs(p *probe) {
	a, b := p.nodes()
	last := uint64(0)
	for range 5 {
		for node, s := range map[string]store.Shared{"a": a, "b": b} {
			lease := p.acquire(s, node, longLease, "l")
			if lease.Epoch <= last {
				p.failf("the epoch went from %d to %d with a new holder", last, lease.Epoch)
			}
			last = lease.Epoch
			p.ok(s.Release(p.ctx, lease), "release")
		}
	}
}

func leasesInBulk(p *probe) {
	a, b := p.nodes()
	names := make([]string, 500)
	for i := range names {
		names[i] = "job/" + strconv.Itoa(i)
	}
	p.acquire(b, "b", longLease, names[7])
	p.same(len(p.tryAcquire(a, "a", longLease)), 0, "leases of no names")
	got := p.tryAcquire(a, "a", longLease, names...)
	p.same(len(got), len(names)-1, "leases that were free")
	if _, ok := got[names[7]]; ok {
		p.failf("a got the lease that b holds")
	}
	all := make([]store.Lease, 0, len(got))
	for _, lease := range got {
		all = append(all, lease)
	}
	p.ok(a.Release(p.ctx, all...), "release all")
	p.same(len(p.tryAcquire(b, "b", longLease, names...)), len(names), "leases that b holds, or that are free again")
}

func leaseRace(p *probe) {
	const racers = 8
	names := []string{"l1", "l2", "l3", "l4"}
	a, b := p.nodes()
	holders := make([]map[string]store.Lease, racers)
	errs := make([]error, racers)
	var all sync.WaitGroup
	for i := range racers {
		all.Go(func() {
			s, node := a, strconv.Itoa(i)
			if i%2 == 1 {
				s = b
			}
			mine := slices.Concat(names[i%4:], names[:i%4]) // each in another order
			leases, err := s.Acquire(p.ctx, node, longLease, mine...)
			holders[i], errs[i] = map[string]store.Lease{}, err
			for _, lease := range leases {
				holders[i][lease.Name] = lease
			}
		})
	}
	all.Wait()
	p.ok(errors.Join(errs...), "acquire")
	for _, name := range names {
		n := 0
		for _, held := range holders {
			if _, ok := held[name]; ok {
				n++
			}
		}
		p.same(n, 1, "holders of "+name)
	}
}

func fenced(p *probe) {
	a, b := p.nodes()
	p.thing("t")
	p.job("j")
	lost := p.acquire(a, "a", longLease, "l")
	other := p.acquire(a, "a", longLease, "other")
	put := func(s store.Store, lease store.Lease, early bool) error {
		return s.Update(p.ctx, func(tx store.Tx) error {
			if early {
				if err := tx.Fence(lease); err != nil {
					return err
				}
			}
			if err := tx.PutRecord(store.SettingRecord, "written by", []byte(lease.Node)); err != nil || early {
				return err
			}
			return tx.Fence(lease)
		})
	}
	p.ok(put(a, lost, true), "write under a lease")
	p.ok(put(a, lost, false), "write under a lease that is compared last")
	p.ok(a.Release(p.ctx, lost), "release")
	taken := p.acquire(b, "b", longLease, "l")
	p.ok(put(b, taken, true), "write under the lease that b took")
	stale := taken
	stale.Epoch--
	for what, lease := range map[string]store.Lease{
		"the lease that a lost": lost, "an older epoch of b": stale, "b's epoch in the name of a": {Name: "l", Node: "a", Epoch: taken.Epoch},
		"a lease that nobody acquired": {Name: "never", Node: "a", Epoch: 1},
	} {
		for _, early := range []bool{true, false} {
			p.unchanged("a write under "+what, func() {
				if err := put(a, lease, early); !errors.Is(err, store.ErrFenced) {
					p.failf("a write under %s returned %v, want %v", what, err, store.ErrFenced)
				}
			})
		}
	}
	p.ok(put(a, other, true), "write under the other lease of a")
}

// seenByAll: what one node was answered, all others read and build on.
func seenByAll(p *probe) {
	a, b := p.nodes()
	p.thing("t")
	p.job("j")
	p.device("t", "j", queue)
	for i := range 20 {
		s, other := a, b
		if i%2 == 1 {
			s, other = b, a
		}
		p.ok(s.UpdateThing(p.ctx, "t", []store.Address{{Job: "j"}}, func(v store.ThingView) (store.ThingChange, error) { return working(v, "j") }), "report")
		v, err := other.ReadThing(p.ctx, "t", []store.Address{{Job: "j"}})
		p.ok(err, "read")
		p.same(v.Addressed["j"].Execution.Version, jobs.VersionNumber(i+2), "version as another node reads it")
	}
}

func hintsArrive(p *probe) {
	a, b := p.nodes()
	heard := make(chan store.Hint, 1000)
	ctx, stop := context.WithCancel(p.ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- b.Hints(ctx, func(h store.Hint) {
			select {
			case heard <- h:
			default:
			}
		})
	}()
	sent := store.Hint{Things: []registry.ThingName{"a-thing", "ü"}, Jobs: []jobs.JobNumber{1, 1 << 40}}
	things, numbers := map[registry.ThingName]bool{}, map[jobs.JobNumber]bool{}
	empty := false
	retry := time.NewTicker(10 * time.Millisecond) // the first ones may come before anybody listens, and several as one
	defer retry.Stop()
	next := []store.Hint{sent, {}}
	for len(things) < len(sent.Things) || len(numbers) < len(sent.Jobs) || !empty {
		select {
		case h := <-heard:
			empty = empty || len(h.Things) == 0 && len(h.Jobs) == 0
			for _, name := range h.Things {
				things[name] = true
			}
			for _, number := range h.Jobs {
				numbers[number] = true
			}
		case <-retry.C:
			if err := a.Tell(p.ctx, next[0]); p.ctx.Err() == nil { // else the time is up, which the next round says
				p.ok(err, "tell")
			}
			slices.Reverse(next)
		case <-p.ctx.Done():
			p.failf("no hint arrived that has all of %+v, and an empty one: things %v, jobs %v, empty %v", sent, things, numbers, empty)
		}
	}
	for _, name := range sent.Things {
		p.same(things[name], true, "the hint of "+string(name))
	}
	for _, number := range sent.Jobs {
		p.same(numbers[number], true, "the hint of a job")
	}
	stop()
	select {
	case err := <-ended:
		p.ok(err, "the end of listening")
	case <-p.ctx.Done():
		p.failf("listening goes on after its context ended")
	}
}
