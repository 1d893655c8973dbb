package sim

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// change is the caller's function of UpdateThing.
type change = func(store.ThingView) (store.ThingChange, error)

// wrong is a store with some of its calls replaced. Those that are nil are those of the store below.
type wrong struct {
	store.Store
	updateThing func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn change) error
	readThing   func(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error)
	view        func(store.ReadTx) store.ReadTx
	update      func(store.Tx) store.Tx
}

func (w wrong) UpdateThing(ctx context.Context, name registry.ThingName, addrs []store.Address, fn change) error {
	if w.updateThing != nil {
		return w.updateThing(ctx, name, addrs, fn)
	}
	return w.Store.UpdateThing(ctx, name, addrs, fn)
}

func (w wrong) ReadThing(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
	if w.readThing != nil {
		return w.readThing(ctx, name, addrs)
	}
	return w.Store.ReadThing(ctx, name, addrs)
}

func (w wrong) View(ctx context.Context, fn func(store.ReadTx) error) error {
	return w.Store.View(ctx, func(tx store.ReadTx) error {
		if w.view != nil {
			tx = w.view(tx)
		}
		return fn(tx)
	})
}

func (w wrong) Update(ctx context.Context, fn func(store.Tx) error) error {
	return w.Store.Update(ctx, func(tx store.Tx) error {
		if w.update != nil {
			tx = w.update(tx)
		}
		return fn(tx)
	})
}

// sometimes is true every so many times.
func sometimes(every int64) func() bool {
	var n atomic.Int64
	return func() bool { return n.Add(1)%every == 0 }
}

var errThrownAway = errors.New("thrown away by a mutant")

// lostUpdate acknowledges some changes of things that it throws away.
func lostUpdate(s store.Store) store.Store {
	lose := sometimes(20)
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn change) error {
		err := s.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) {
			c, err := fn(v)
			if err == nil && !c.Empty() && lose() {
				err = errThrownAway
			}
			return c, err
		})
		if errors.Is(err, errThrownAway) {
			return nil
		}
		return err
	}}
}

// doubleApply applies some changes twice.
func doubleApply(s store.Store) store.Store {
	again := sometimes(20)
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn change) error {
		if again() {
			_ = s.UpdateThing(ctx, name, addrs, fn)
		}
		return s.UpdateThing(ctx, name, addrs, fn)
	}}
}

// decidedBefore lets changes be decided on what was read before the transaction that writes them: two callers overwrite each other.
func decidedBefore(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn change) error {
		for {
			before, err := s.ReadThing(ctx, name, addrs)
			if err != nil {
				return err
			}
			c, err := fn(before)
			if err != nil || c.Empty() {
				return err
			}
			for range 20 {
				runtime.Gosched()
			}
			write := func(now store.ThingView) (store.ThingChange, error) { return onStored(now, c), nil }
			if err := s.UpdateThing(ctx, name, addrs, write); err == nil || ctx.Err() != nil {
				return err
			} // an execution has ended meanwhile, and the store refuses what the change would make of it
		}
	}}
}

// onStored rewrites a change as if it had been decided on what is stored, which alone the store accepts.
func onStored(now store.ThingView, c store.ThingChange) store.ThingChange {
	c.Executions = slices.Clone(c.Executions)
	for i, x := range c.Executions {
		for _, e := range now.Pending {
			if x.Before != nil && e.Job == x.Before.Job && e.Number == x.Before.Number {
				c.Executions[i].Before = &e
			}
		}
	}
	return c
}

// staleRead shows some readers what a thing was when it was last read.
func staleRead(s store.Store) store.Store {
	type question struct {
		thing registry.ThingName
		addr  store.Address
	}
	var mu sync.Mutex
	last, stale := map[question]store.ThingView{}, sometimes(10)
	return wrong{Store: s, readThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
		q := question{thing: name}
		if len(addrs) > 0 {
			q.addr = addrs[0]
		}
		view, err := s.ReadThing(ctx, name, addrs)
		mu.Lock()
		defer mu.Unlock()
		if old, ok := last[q]; ok && stale() {
			return old, err
		}
		last[q] = view
		return view, err
	}}
}

// doneAfterAll says of some changes that nothing changed, although they are made.
func doneAfterAll(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn change) error {
		var faulty error
		err := s.UpdateThing(ctx, name, addrs, func(v store.ThingView) (c store.ThingChange, err error) {
			c, err = fn(v)
			if faulty = nil; !c.Empty() {
				faulty, err = err, nil
			}
			return c, err
		})
		return errors.Join(err, faulty)
	}}
}
