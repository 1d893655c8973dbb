package postgres

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// aheadAtOnce is how many listed things are read together with the first one.
const aheadAtOnce = 200

// expect notes what was listed.
func (t *tx) expect(members []store.Member) {
	t.ahead = t.ahead[:0]
	for _, m := range members {
		t.ahead = append(t.ahead, m.Thing.Name)
	}
}

// thing shows a thing, which is locked then.
func (t *tx) thing(name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
	if err := t.load(name, addrs); err != nil {
		return store.ThingView{}, err
	}
	return t.work.things[name].view(addrs, t.work.jobs, t.work.ids), nil
}

// load locks a thing and reads it with what the addresses name, as far as that is not known yet. The thing is in things afterwards, also if it does
// not exist.
func (t *tx) load(name registry.ThingName, addrs []store.Address) error {
	w := t.work
	var names []registry.ThingName
	var missing []address
	if state := w.things[name]; state == nil {
		names = t.with(name)
		for _, n := range names {
			missing = append(missing, addressesOf(n, addrs)...)
		}
	} else {
		for _, a := range addrs {
			if job := w.ids[a.Job]; job == nil || !state.knows(job.Number, a.Number) {
				missing = append(missing, address{name, a})
			}
		}
	}
	if len(names) == 0 && len(missing) == 0 && t.knowsJobs(name) {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	if len(names) > 0 {
		w.queueThings(names)
	}
	asked := append([]registry.ThingName{name}, names...)
	queueJobs(w.session, func(job *jobs.Job) {
		if w.jobs[job.Number] == nil {
			w.addJob(job)
		}
	}, selectJobsOf, texts(asked), idsOf(missing))
	queueAddressed(w.session, missing, w.things)
	if err := t.send(); err != nil {
		return err
	}
	for _, n := range names {
		if w.things[n] == nil {
			w.things[n] = newThingState()
		}
	}
	return t.fillNew()
}

// with is the name and those that are expected behind it.
func (t *tx) with(name registry.ThingName) []registry.ThingName {
	names := []registry.ThingName{name}
	at := slices.Index(t.ahead, name)
	if at < 0 {
		return names
	}
	for _, next := range t.ahead[at+1:] {
		if len(names) == aheadAtOnce {
			break
		}
		if t.work.things[next] == nil {
			names = append(names, next)
		}
	}
	t.ahead = t.ahead[at:]
	return names
}

// knowsJobs tells whether the jobs of all pending executions of a thing are there. Those that do not exist any more are none.
func (t *tx) knowsJobs(name registry.ThingName) bool {
	state := t.work.things[name]
	for i := range state.pending {
		if job := state.pending[i].Job; t.work.jobs[job] == nil {
			if _, gone := t.deleted[job]; !gone {
				return false
			}
		}
	}
	return true
}

// fillNew adds the configurations of jobs that have none yet.
func (t *tx) fillNew() error {
	var list []*jobs.Job
	for _, job := range t.work.jobs {
		if job.Config == nil {
			list = append(list, job)
		}
	}
	return t.fill(list...)
}

// lockListed queues the question for the things of a list of executions, which locks them.
func (t *tx) lockListed(list string, args []any) {
	t.session.query(func(rows pgx.Rows) error {
		s, err := scanThing(rows)
		if err == nil && t.work.things[s.thing.Name] == nil {
			t.work.things[s.thing.Name] = s
		}
		return err
	}, `SELECT name, number, type, registry, pending FROM thing WHERE name = ANY(ARRAY(SELECT l.thing_name FROM (`+list+`) AS l)) ORDER BY name FOR UPDATE`, args...)
}

// holdsAll tells whether every thing of a list is locked. One that is gone cannot come back while the update runs.
func (t *tx) holdsAll(rows []listedRow) bool {
	for _, row := range rows {
		if row.alive && t.work.things[row.key.Thing.Name] == nil {
			return false
		}
	}
	return true
}

func (t *tx) ChangeThing(key registry.ThingKey, change store.ThingChange) error {
	if err := t.load(key.Name, nil); err != nil {
		return err
	}
	return t.work.change(key, change)
}

func (t *tx) PutThing(thing *registry.Thing) error {
	if err := storableThing(thing); err != nil {
		return err
	}
	if err := t.load(thing.Name, nil); err != nil {
		return err
	}
	state := t.work.things[thing.Name]
	old, isNew := state.thing, state.thing == nil
	if old != nil && old.Number != thing.Number {
		return fmt.Errorf("put thing %s: its number would change from %d to %d", thing.Name, old.Number, thing.Number)
	}
	row := rowOfThing(thing)
	value, err := encode(&row)
	if err != nil {
		return err
	}
	var typeName *string
	if thing.Type != "" {
		text := string(thing.Type)
		typeName = &text
	}
	if isNew {
		t.session.exec(`INSERT INTO thing (name, number, type, registry) VALUES ($1, $2, $3, $4)`, string(thing.Name), int64(thing.Number), typeName, value)
		old = &registry.Thing{}
	} else {
		t.session.exec(`UPDATE thing SET type = $2, registry = $3 WHERE name = $1`, string(thing.Name), typeName, value)
	}
	state.thing = thing.Clone()
	state.fresh = state.fresh || isNew && uint64(thing.Number) > t.begun
	t.regroup(thing.Key(), old.Groups, thing.Groups)
	return nil
}

// storableThing refuses a thing that would not be found again, and groups that are not by number, each once.
func storableThing(thing *registry.Thing) error {
	if err := storable("thing name", string(thing.Name)); err != nil {
		return err
	}
	if thing.Number == 0 {
		return fmt.Errorf("put thing %s: it has no number", thing.Name)
	}
	if thing.Type != "" {
		if err := storable("type name", string(thing.Type)); err != nil {
			return err
		}
	}
	var last registry.GroupNumber
	for _, m := range thing.Groups {
		if m.Group <= last {
			return fmt.Errorf("put thing %s: its group %d is not in order", thing.Name, m.Group)
		}
		last = m.Group
	}
	return nil
}

func (t *tx) DeleteThing(name registry.ThingName) error {
	if err := t.load(name, nil); err != nil {
		return err
	}
	state := t.work.things[name]
	switch {
	case state.thing == nil:
		return fmt.Errorf("delete thing %s: there is none", name)
	case len(state.pending) > 0:
		return fmt.Errorf("delete thing %s: job %d is pending", name, state.pending[0].Job)
	}
	if err := t.work.flush(); err != nil {
		return err
	}
	t.session.exec(`DELETE FROM thing WHERE name = $1`, string(name))
	t.regroup(state.thing.Key(), state.thing.Groups, nil)
	t.work.things[name] = newThingState()
	return nil
}

// regroup writes the memberships that follow from the groups of a thing before and after, both in order of their numbers.
func (t *tx) regroup(thing registry.ThingKey, before, after []registry.Membership) {
	version := int64(t.last + 1)
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Group < after[0].Group:
			// What began at this version was at none.
			key := []any{int64(before[0].Group), string(thing.Name), int64(thing.Number), version}
			t.session.exec(`DELETE FROM membership WHERE grp = $1 AND thing_name = $2 AND thing = $3 AND joined = $4 AND departed IS NULL`, key...)
			t.session.exec(`UPDATE membership SET departed = $4 WHERE grp = $1 AND thing_name = $2 AND thing = $3 AND departed IS NULL`, key...)
			before = before[1:]
		case len(before) == 0 || after[0].Group < before[0].Group:
			t.session.exec(`INSERT INTO membership (grp, thing_name, thing, joined, direct) VALUES ($1, $2, $3, $4, $5)`,
				int64(after[0].Group), string(thing.Name), int64(thing.Number), version, after[0].Direct)
			after = after[1:]
		default:
			if before[0].Direct != after[0].Direct {
				t.session.exec(`UPDATE membership SET direct = $4 WHERE grp = $1 AND thing_name = $2 AND thing = $3 AND departed IS NULL`,
					int64(after[0].Group), string(thing.Name), int64(thing.Number), after[0].Direct)
			}
			before, after = before[1:], after[1:]
		}
	}
}
