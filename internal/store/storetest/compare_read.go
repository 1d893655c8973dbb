package storetest

import (
	"context"
	"math/rand/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func playRead(ctx context.Context, s store.Store, r *rand.Rand, out *transcript) error {
	v, err := s.ReadThing(ctx, pick(r, playThings), someAddresses(r))
	out.say("view", v)
	return err
}

func playView(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	out.begin()
	for range 1 + r.IntN(5) {
		if err := playQuery(tx, r, out); err != nil {
			return err
		}
	}
	return nil
}

// playQuery asks one thing. Cursors are random, so most of them point at no row.
func playQuery(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	query := pick(r, []func(store.ReadTx, *rand.Rand, *transcript) error{
		queryThing, queryThings, queryJobs, queryJobExecutions, queryThingExecutions, queryDue, queryNextDue, queryMarks, queryRecords,
		queryGroup, queryGroups, queryMembers, queryMembers, queryJobLists, queryDueJobs, queryThingsOfType, queryEvents,
	})
	return query(tx, r, out)
}

func queryThing(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	v, err := tx.Thing(pick(r, playThings), someAddresses(r)...)
	out.say("thing", v)
	return err
}

func queryThings(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	list, err := tx.Things(pick(r, append([]registry.ThingName{"", "aa0"}, playThings...)), 1+r.IntN(10))
	out.say("things", list)
	return err
}

func queryJobs(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	after, err := someJobCursor(tx, r)
	if err != nil {
		return err
	}
	list, err := tx.Jobs(after, 1+r.IntN(6))
	out.say("jobs", list)
	if err != nil {
		return err
	}
	j, err := tx.Job(pick(r, playJobs))
	out.say("job", j)
	if err != nil || j == nil {
		return err
	}
	c, err := tx.Counters(j.Number)
	out.say("counters", c)
	return err
}

// someThing is the key of a thing that is there or not.
func someThing(tx store.ReadTx, r *rand.Rand) (registry.ThingKey, error) {
	key := registry.ThingKey{Name: pick(r, playThings), Number: registry.ThingNumber(r.IntN(30))}
	v, err := tx.Thing(key.Name)
	if err == nil && v.Thing != nil && r.IntN(4) > 0 {
		key = v.Thing.Key()
	}
	return key, err
}

func queryJobExecutions(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	j, err := tx.Job(pick(r, playJobs))
	if err != nil || j == nil {
		return err
	}
	var after store.ExecutionKey
	if r.IntN(2) == 0 {
		if after.Thing, err = someThing(tx, r); err != nil {
			return err
		}
		after.Number = jobs.ExecutionNumber(r.IntN(5))
	}
	limit := 1 + r.IntN(12)
	rows, err := tx.JobExecutions(j.Number, after, limit)
	out.say("executions of "+string(j.ID), rows)
	if err != nil {
		return err
	}
	in, err := tx.JobExecutionsIn(j.Number, pick(r, jobs.ExecutionStatuses()), after, limit)
	out.say("executions in a status of "+string(j.ID), in)
	return err
}

func queryThingExecutions(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	key, err := someThing(tx, r)
	if err != nil {
		return err
	}
	var after store.ExecutionCursor
	if r.IntN(2) == 0 {
		after = store.ExecutionCursor{Job: jobs.JobNumber(1 + r.IntN(30)), Number: jobs.ExecutionNumber(r.IntN(5))}
	}
	rows, err := tx.ThingExecutions(key, after, 1+r.IntN(12))
	out.say("executions of "+string(key.Name), rows)
	return err
}

func queryDue(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	rows, err := tx.Due(instant(r), 1+r.IntN(8))
	out.say("due", rows)
	return err
}

func queryNextDue(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	next, err := tx.NextDue(instant(r))
	out.say("next due", next)
	return err
}

func queryMarks(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	list, err := tx.Marks(jobs.JobNumber(r.IntN(20)), 1+r.IntN(4))
	out.say("number of marks", len(list))
	for _, n := range list {
		out.say("mark", n)
	}
	return err
}

func queryRecords(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	kind := pick(r, recordKinds)
	id := string(pick(r, playThings))
	value, err := tx.Record(kind, id)
	out.say("record", string(value))
	if err != nil {
		return err
	}
	list, err := tx.Records(kind, id, 1+r.IntN(5))
	out.say("records", list)
	return err
}

func queryEvents(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	last, err := tx.LastEvent()
	if err != nil {
		return err
	}
	list, err := tx.Events(last-min(last, uint64(r.IntN(15))), 1+r.IntN(10))
	out.say("events", list)
	return err
}
