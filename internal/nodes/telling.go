package nodes

import (
	"context"
	"errors"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// Store is the shared store; what changes in it through this one is told to the other nodes after the commit, things only with TellThings.
func (n *Node) Store() store.Store { return telling{n.Shared, n} }

type telling struct {
	store.Shared

	node *Node
}

func (t telling) UpdateThing(
	ctx context.Context, name registry.ThingName, addrs []store.Address, fn func(store.ThingView) (store.ThingChange, error),
) error {
	var made store.ThingChange
	err := t.Shared.UpdateThing(ctx, name, addrs, func(view store.ThingView) (change store.ThingChange, err error) {
		change, err = fn(view)
		made = change
		return change, err
	})
	if mayBeThere(err) && !made.Empty() {
		t.node.tell([]registry.ThingName{name}, made.Marks)
	}
	return err
}

func (t telling) Update(ctx context.Context, fn func(store.Tx) error) error {
	var tx *tellingTx
	err := t.Shared.Update(ctx, func(inner store.Tx) error {
		tx = &tellingTx{Tx: inner} // of the last run
		return fn(tx)
	})
	if mayBeThere(err) && tx != nil {
		if tx.anything {
			t.node.out.add(store.Hint{})
		}
		t.node.tell(tx.changed.Things, tx.changed.Jobs)
	}
	return err
}

// tell leaves out what nobody wants to know. A hint of nothing would say that anything may have changed.
func (n *Node) tell(things []registry.ThingName, numbers []jobs.JobNumber) {
	if !n.TellThings {
		things = nil
	}
	if len(things)+len(numbers) > 0 {
		n.out.add(store.Hint{Things: things, Jobs: numbers})
	}
}

func mayBeThere(err error) bool { return err == nil || errors.Is(err, store.ErrUnknown) }

// tellingTx notes what an update changes.
type tellingTx struct {
	store.Tx

	changed  store.Hint
	anything bool
}

func (t *tellingTx) thing(name registry.ThingName) { t.changed.Things = append(t.changed.Things, name) }

func (t *tellingTx) job(number jobs.JobNumber) { t.changed.Jobs = append(t.changed.Jobs, number) }

func (t *tellingTx) PutThing(thing *registry.Thing) error {
	t.thing(thing.Name)
	return t.Tx.PutThing(thing)
}

func (t *tellingTx) DeleteThing(name registry.ThingName) error {
	t.thing(name)
	return t.Tx.DeleteThing(name)
}

func (t *tellingTx) ChangeThing(key registry.ThingKey, change store.ThingChange) error {
	t.thing(key.Name)
	t.changed.Jobs = append(t.changed.Jobs, change.Marks...)
	return t.Tx.ChangeThing(key, change)
}

func (t *tellingTx) PutJob(job *jobs.Job) error {
	t.job(job.Number)
	return t.Tx.PutJob(job)
}

func (t *tellingTx) DeleteJob(number jobs.JobNumber) error {
	t.job(number)
	return t.Tx.DeleteJob(number)
}

func (t *tellingTx) Mark(number jobs.JobNumber) error {
	t.job(number)
	return t.Tx.Mark(number)
}

// PutRecord: what stands in records (policies, mass changes, settings) has no name in a hint.
func (t *tellingTx) PutRecord(kind store.RecordKind, id string, value []byte) error {
	t.anything = true
	return t.Tx.PutRecord(kind, id, value)
}

func (t *tellingTx) DeleteRecord(kind store.RecordKind, id string) error {
	t.anything = true
	return t.Tx.DeleteRecord(kind, id)
}
