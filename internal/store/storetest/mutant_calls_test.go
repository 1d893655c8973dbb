package storetest_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
)

type deviceFn = func(store.ThingView) (store.ThingChange, error)

// wrong is a store with some of its calls replaced; the others are those of the store below.
type wrong struct {
	store.Store
	updateThing func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error
	readThing   func(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error)
	view        func(ctx context.Context, fn func(store.ReadTx) error) error
	update      func(ctx context.Context, fn func(store.Tx) error) error
}

func (w wrong) UpdateThing(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
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
	if w.view != nil {
		return w.view(ctx, fn)
	}
	return w.Store.View(ctx, fn)
}

func (w wrong) Update(ctx context.Context, fn func(store.Tx) error) error {
	if w.update != nil {
		return w.update(ctx, fn)
	}
	return w.Store.Update(ctx, fn)
}

// onStored rewrites a change as if it had been decided on what is stored.
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

// lostUpdate decides outside the transaction that writes.
func lostUpdate(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
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
		return s.UpdateThing(ctx, name, addrs, func(now store.ThingView) (store.ThingChange, error) { return onStored(now, c), nil })
	}}
}

// doubleApply makes every change that can be made twice, as a retry after a lost answer does.
func doubleApply(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
		err := s.UpdateThing(ctx, name, addrs, fn)
		if err == nil {
			_ = s.UpdateThing(ctx, name, addrs, fn)
		}
		return err
	}}
}

// readBeside reads records before it is its turn.
func readBeside(s store.Store) store.Store {
	return wrong{Store: s, update: func(ctx context.Context, fn func(store.Tx) error) error {
		var early []byte
		if err := s.View(ctx, func(tx store.ReadTx) (err error) {
			early, err = tx.Record(store.SettingRecord, "n")
			return err
		}); err != nil {
			return err
		}
		for range 20 {
			runtime.Gosched()
		}
		return s.Update(ctx, func(tx store.Tx) error { return fn(recordBeside{tx, early}) })
	}}
}

type recordBeside struct {
	store.Tx
	early []byte
}

func (t recordBeside) Record(kind store.RecordKind, id string) ([]byte, error) {
	if id == "n" {
		return t.early, nil
	}
	return t.Tx.Record(kind, id)
}

// stalling is an engine of mutants that wait for the disk where they like: what they get is applied at once. So a store that is right
// elsewhere answers early here.
func stalling(mutate func(store.Store) store.Store) storetest.Engine {
	return storetest.Engine{OpenStalling: func(testing.TB, string) (store.Store, func() func()) {
		d := &diskOf{Store: memory.New()}
		return mutate(d), stall(&d.disk)
	}}
}

type diskOf struct {
	store.Store
	disk sync.RWMutex
}

// earlyVisibility shows a change and waits for the disk only then.
func earlyVisibility(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
		err := s.UpdateThing(ctx, name, addrs, fn)
		wait(&s.(*diskOf).disk)
		return err
	}}
}

// oldRead answers reads of a thing from the first read.
func oldRead(s store.Store) store.Store {
	type key struct {
		name  registry.ThingName
		first store.Address
		n     int
	}
	var mu sync.Mutex
	seen := map[key]store.ThingView{}
	return wrong{Store: s, readThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
		mu.Lock()
		defer mu.Unlock()
		k := key{name: name, n: len(addrs)}
		if len(addrs) > 0 {
			k.first = addrs[0]
		}
		if v, ok := seen[k]; ok && v.Thing != nil {
			return v, nil
		}
		v, err := s.ReadThing(ctx, name, addrs)
		seen[k] = v
		return v, err
	}}
}

// tornView shows the first thing of a view as it is, and the others as they were in the view before.
func tornView(s store.Store) store.Store {
	var mu sync.Mutex
	last := map[registry.ThingName]store.ThingView{}
	return wrong{Store: s, view: func(ctx context.Context, fn func(store.ReadTx) error) error {
		return s.View(ctx, func(tx store.ReadTx) error {
			first := true
			return fn(wrongReads{ReadTx: tx, thing: func(name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
				mu.Lock()
				defer mu.Unlock()
				v, err := tx.Thing(name, addrs...)
				old, seen := last[name]
				last[name] = v
				if !seen || first {
					old = v
				}
				first = false
				return old, err
			}})
		})
	}}
}

// errorCommits keeps what a function wrote before it failed.
func errorCommits(s store.Store) store.Store {
	return wrong{Store: s, update: func(ctx context.Context, fn func(store.Tx) error) error {
		var failed error
		err := s.Update(ctx, func(tx store.Tx) error {
			failed = fn(tx)
			return nil
		})
		return errors.Join(failed, err)
	}}
}

// canceledButDone looks at the context after the change.
func canceledButDone(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.UpdateThing(context.WithoutCancel(ctx), name, addrs, func(v store.ThingView) (store.ThingChange, error) {
			for range 20 {
				runtime.Gosched()
			}
			return fn(v)
		})
		return errors.Join(err, ctx.Err())
	}}
}

// uncheckedBefore writes without looking what is stored.
func uncheckedBefore(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
		return s.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) {
			c, err := fn(v)
			return onStored(v, c), err
		})
	}}
}

// forgottenMarks drops what devices mark.
func forgottenMarks(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
		return s.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) {
			c, err := fn(v)
			c.Marks = nil
			return c, err
		})
	}}
}

// numbersFromStart counts numbers in the process.
func numbersFromStart() func(store.Store) store.Store {
	return func(s store.Store) store.Store {
		var last uint64
		return wrong{Store: s, update: func(ctx context.Context, fn func(store.Tx) error) error {
			return s.Update(ctx, func(tx store.Tx) error { return fn(numbering{tx, &last}) })
		}}
	}
}

type numbering struct {
	store.Tx
	last *uint64
}

func (n numbering) NextNumber() (uint64, error) {
	*n.last++
	return *n.last, nil
}

// oneCase takes names for the same that differ in case.
func oneCase(s store.Store) store.Store {
	lower := func(name registry.ThingName) registry.ThingName {
		return registry.ThingName(strings.ToLower(string(name)))
	}
	return wrong{
		Store: s,
		updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
			return s.UpdateThing(ctx, lower(name), addrs, fn)
		},
		readThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
			return s.ReadThing(ctx, lower(name), addrs)
		},
	}
}

// plain is an engine of mutants without a session around them.
func plain(mutate func(store.Store) store.Store) storetest.Engine {
	return storetest.Engine{Open: func(testing.TB, string) store.Store { return mutate(memory.New()) }}
}

// neverClosed goes on after it was closed.
func neverClosed(s store.Store) store.Store { return unclosable{s} }

type unclosable struct{ store.Store }

func (unclosable) Close() error { return nil }

// headsUnasked shows the head also to those who have not asked for it.
func headsUnasked(s store.Store) store.Store {
	return wrong{Store: s, readThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
		addrs = slices.Clone(addrs)
		for i := range addrs {
			addrs[i].Head = true
		}
		return s.ReadThing(ctx, name, addrs)
	}}
}

// queueByJob shows pending executions by job.
func queueByJob(s store.Store) store.Store {
	return wrong{Store: s, readThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
		v, err := s.ReadThing(ctx, name, addrs)
		slices.SortFunc(v.Pending, func(a, b jobs.JobExecution) int { return int(a.Job) - int(b.Job) })
		return v, err
	}}
}
