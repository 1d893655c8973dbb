package storetest

import (
	"math/rand/v2"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// playUpdate writes a few things, looks at what it wrote, and sometimes thinks better of it.
func playUpdate(tx store.Tx, r *rand.Rand, out *transcript) error {
	out.begin()
	for range 1 + r.IntN(4) {
		step := pick(r, allSteps)
		out.did = append(out.did, step.name)
		if err := step.do(tx, r, out); err != nil {
			return err
		}
		if r.IntN(3) == 0 {
			if err := playQuery(tx, r, out); err != nil {
				return err
			}
		}
	}
	if r.IntN(10) == 0 {
		return errOfFn
	}
	return nil
}

type updateStep struct {
	name string
	do   func(store.Tx, *rand.Rand, *transcript) error
}

var allSteps = slices.Concat(updateSteps, groupSteps)

var updateSteps = []updateStep{
	{"register", stepRegister},
	{"register", stepRegister},
	{"attributes", stepAttributes},
	{"delete thing", stepDeleteThing},
	{"create job", stepCreate},
	{"create job", stepCreate},
	{"edit job", stepEditJob},
	{"edit job", stepEditJob},
	{"delete job", stepDeleteJob},
	{"purge job", stepPurge},
	{"change things", stepChangeThings},
	{"change things", stepChangeThings},
	{"change things", stepChangeThings},
	{"delete execution", stepDeleteExecution},
	{"delete execution", stepDeleteExecution},
	{"mark", stepMark},
	{"record", stepRecord},
	{"append events", stepAppendEvents},
	{"delete events", stepDeleteEvents},
}

func stepRegister(tx store.Tx, r *rand.Rand, out *transcript) error {
	name := pick(r, playThings)
	v, err := tx.Thing(name)
	if err != nil || v.Thing != nil {
		return err
	}
	t, err := register(tx, name)
	out.say("registered", t)
	return err
}

func stepAttributes(tx store.Tx, r *rand.Rand, _ *transcript) error {
	v, err := tx.Thing(pick(r, playThings))
	if err != nil || v.Thing == nil {
		return err
	}
	t := v.Thing.Clone()
	t.Version++
	t.Attributes = map[string]string{"at": instant(r).String()}
	t.Type = pick(r, playTypes)
	if r.IntN(15) == 0 {
		t.Number++ // the contract refuses it
	}
	return tx.PutThing(t)
}

func stepDeleteThing(tx store.Tx, r *rand.Rand, _ *transcript) error {
	v, err := tx.Thing(pick(r, playThings))
	if err != nil || v.Thing == nil {
		return err
	}
	if len(v.Pending) > 0 && r.IntN(5) > 0 {
		return nil // the contract refuses it
	}
	return tx.DeleteThing(v.Thing.Name)
}

func stepCreate(tx store.Tx, r *rand.Rand, out *transcript) error {
	id := pick(r, playJobs)
	j, err := tx.Job(id)
	if err != nil || j != nil {
		return err
	}
	j, err = create(tx, id)
	out.say("created", j)
	return err
}

func stepEditJob(tx store.Tx, r *rand.Rand, _ *transcript) error {
	j, err := tx.Job(pick(r, playJobs))
	if err != nil || j == nil {
		return err
	}
	j = j.Clone()
	j.Status = pick(r, append(jobs.JobStatuses(), jobs.JobInProgress, jobs.JobInProgress))
	j.LastUpdatedAt, j.ForceCanceled = instant(r), r.IntN(2) == 0
	j.Release = jobs.Release{Target: r.IntN(3), After: registry.ThingKey{Name: pick(r, playThings)}, Done: r.IntN(2) == 0}
	if j.WakeAt = (time.Time{}); r.IntN(3) > 0 {
		j.WakeAt = instant(r)
	}
	if r.IntN(2) == 0 {
		cfg := *j.Config
		cfg.Description = instant(r).String()
		if err := retarget(tx, r, &cfg); err != nil {
			return err
		}
		j.Config = &cfg // not taken while the revision is the stored one
		j.Revision += int64(min(1, r.IntN(4)))
	}
	return tx.PutJob(j)
}

func stepDeleteJob(tx store.Tx, r *rand.Rand, _ *transcript) error {
	j, err := tx.Job(pick(r, playJobs))
	if err != nil || j == nil {
		return err
	}
	return tx.DeleteJob(j.Number) // the contract refuses it while executions are left
}

// stepPurge deletes a job with all its executions, also those of things that are gone.
func stepPurge(tx store.Tx, r *rand.Rand, _ *transcript) error {
	j, err := tx.Job(pick(r, playJobs))
	if err != nil || j == nil || r.IntN(3) > 0 {
		return err
	}
	rows, err := allJobExecutions(tx, j.Number, func() int { return 4 })
	if err != nil {
		return err
	}
	for _, row := range rows {
		c := replace(&row.Execution, nil)
		c.Heads = map[jobs.JobNumber]jobs.Head{j.Number: {}}
		if err := tx.ChangeThing(row.Thing, c); err != nil {
			return err
		}
	}
	return tx.DeleteJob(j.Number)
}

func stepChangeThings(tx store.Tx, r *rand.Rand, out *transcript) error {
	for _, i := range r.Perm(len(playThings))[:1+r.IntN(3)] {
		v, err := tx.Thing(playThings[i], someAddresses(r)...)
		out.say("view", v)
		if err != nil {
			return err
		}
		key := registry.ThingKey{Name: playThings[i], Number: 1 << 40} // of no thing
		if v.Thing != nil {
			key = v.Thing.Key()
		}
		c := playChange(r, v, out)
		if v.Thing == nil && len(c.Executions) == 0 {
			continue
		}
		if err := tx.ChangeThing(key, c); err != nil {
			return err
		}
	}
	return nil
}

// stepDeleteExecution deletes any execution of a thing, and remembers the highest number that is left.
func stepDeleteExecution(tx store.Tx, r *rand.Rand, _ *transcript) error {
	v, err := tx.Thing(pick(r, playThings))
	if err != nil || v.Thing == nil {
		return err
	}
	rows, err := allThingExecutions(tx, v.Thing.Key(), func() int { return 5 })
	if err != nil || len(rows) == 0 {
		return err
	}
	gone := pick(r, rows)
	head := jobs.Head{Known: true}
	for _, e := range rows {
		if e.Job == gone.Job && e.Number != gone.Number {
			head.Newest = max(head.Newest, e.Number)
		}
	}
	c := replace(&gone, nil)
	c.Heads = map[jobs.JobNumber]jobs.Head{gone.Job: head}
	return tx.ChangeThing(v.Thing.Key(), c)
}

func stepMark(tx store.Tx, r *rand.Rand, _ *transcript) error {
	j, err := tx.Job(pick(r, playJobs))
	if err != nil || j == nil {
		return err
	}
	if r.IntN(2) == 0 {
		return tx.Mark(j.Number)
	}
	return tx.ClearMark(j.Number)
}

func stepRecord(tx store.Tx, r *rand.Rand, _ *transcript) error {
	kind, id := pick(r, recordKinds), string(pick(r, playThings))
	if r.IntN(3) == 0 {
		return tx.DeleteRecord(kind, id)
	}
	return tx.PutRecord(kind, id, []byte(instant(r).String()))
}

func stepAppendEvents(tx store.Tx, r *rand.Rand, _ *transcript) error {
	return tx.AppendEvents(someEvents(r)...)
}

func someEvents(r *rand.Rand) []jobs.Event {
	events := plainEvents(string(pick(r, playThings)), string(pick(r, playJobs)))
	events[0].Job, events[0].At = nil, instant(r)
	events[0].Execution = &jobs.ExecutionEvent{Thing: pick(r, playThings), Status: pick(r, jobs.ExecutionStatuses())}
	return events[:1+r.IntN(2)]
}

func stepDeleteEvents(tx store.Tx, r *rand.Rand, out *transcript) error {
	last, err := tx.LastEvent()
	if err != nil {
		return err
	}
	out.say("last event", last)
	return tx.DeleteEvents(last - min(last, uint64(r.IntN(20))))
}
