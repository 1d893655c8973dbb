package storetest_test

import (
	"context"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// forgottenEvents drops what devices tell.
func forgottenEvents(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
		return s.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) {
			c, err := fn(v)
			c.Events = nil
			return c, err
		})
	}}
}

// eventsOfRefused tells what did not happen.
func eventsOfRefused(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
		var told []jobs.Event
		err := s.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) {
			c, err := fn(v)
			told = c.Events
			return c, err
		})
		if err != nil {
			_ = s.Update(ctx, func(tx store.Tx) error { return tx.AppendEvents(told...) })
		}
		return err
	}}
}

// eventsBackwards turns round what a device call tells.
func eventsBackwards(s store.Store) store.Store {
	return wrong{Store: s, updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn deviceFn) error {
		return s.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) {
			c, err := fn(v)
			c.Events = slices.Clone(c.Events)
			slices.Reverse(c.Events)
			return c, err
		})
	}}
}

// eventWrites replaces how an update deletes events.
type eventWrites struct {
	store.Tx
	delete func(until uint64) error
}

func (w eventWrites) DeleteEvents(until uint64) error { return w.delete(until) }

// deletesUnseen deletes one event more than was asked for.
func deletesUnseen(tx store.Tx) store.Tx {
	return eventWrites{Tx: tx, delete: func(until uint64) error { return tx.DeleteEvents(until + 1) }}
}

type eventReads struct {
	store.ReadTx
	events func(after uint64, limit int) ([]jobs.Event, error)
}

func (r eventReads) Events(after uint64, limit int) ([]jobs.Event, error) {
	return r.events(after, limit)
}

// skippedEvent leaves out every second event.
func skippedEvent(tx store.ReadTx) store.ReadTx {
	return eventReads{ReadTx: tx, events: func(after uint64, limit int) ([]jobs.Event, error) {
		list, err := tx.Events(after, 2*limit)
		return slices.DeleteFunc(list, func(e jobs.Event) bool { return e.Number%2 == 0 }), err
	}}
}

// eventNumbersAgain counts from what is there.
func eventNumbersAgain(tx store.ReadTx) store.ReadTx {
	return eventReads{ReadTx: tx, events: func(after uint64, limit int) ([]jobs.Event, error) {
		list, err := tx.Events(after, limit)
		for i := range list {
			list[i].Number = after + uint64(i) + 1
		}
		return list, err
	}}
}
