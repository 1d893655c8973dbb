package sim

import (
	"fmt"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// reconcile follows the service in what it has done by itself, if it may, and then demands that the model and what was seen are the same.
// Things leave deleted groups before or after jobs are canceled by themselves; what was seen tells which.
func (m *model) reconcile(o *observation) (*model, error) {
	var found error
	for _, leaveFirst := range []bool{false, true} {
		next := m.clone()
		err := next.follow(o, leaveFirst)
		if err == nil {
			return next, nil
		}
		if found == nil {
			found = err
		}
	}
	return m, found
}

func (m *model) follow(o *observation, leaveFirst bool) error {
	clear(m.fresh)
	if err := m.meet(o); err != nil {
		return err
	}
	steps := []func(*observation) error{m.followTimers, m.followJobs, m.followReleases, m.followLeavers}
	if leaveFirst {
		steps = []func(*observation) error{m.followTimers, m.followLeavers, m.followJobs, m.followReleases}
	}
	for _, step := range append(steps, m.followEnds, m.sameRows, m.sameQueues) {
		if err := step(o); err != nil {
			return err
		}
	}
	return nil
}

// meet compares who exists, and learns the service's numbers.
func (m *model) meet(o *observation) error {
	if len(o.things) != len(m.things) || len(o.groups) != len(m.names) {
		return fmt.Errorf("%d things and %d groups exist, should be %d and %d", len(o.things), len(o.groups), len(m.things), len(m.names))
	}
	for name, number := range m.names {
		g := m.groups[number]
		if seen, ok := o.groups[name]; !ok || g.stored != 0 && g.stored != seen {
			return fmt.Errorf("group %s is missing, or another one", name)
		}
		g.stored = o.groups[name]
	}
	for _, seen := range o.things {
		t := m.things[seen.Name]
		if t == nil || t.stored != 0 && t.stored != seen.Number {
			return fmt.Errorf("thing %s should not exist, or is another one", seen.Name)
		}
		t.stored = seen.Number
	}
	for id := range o.jobs {
		if m.jobs[id] == nil {
			return fmt.Errorf("job %s should not exist", id)
		}
	}
	for id, j := range m.jobs {
		if o.jobs[id] != nil {
			continue
		}
		if j.status != jobs.JobDeletionInProgress {
			return fmt.Errorf("job %s is missing", id)
		}
		delete(m.jobs, id)
	}
	return nil
}

// followTimers lets executions time out that were seen to have.
func (m *model) followTimers(o *observation) error {
	for _, j := range m.jobsByAge() {
		seen := m.seen(o, j)
		for _, t := range m.thingsByName() {
			r := j.pendingOn(t.number)
			if r == nil || r.status != jobs.InProgress {
				continue
			}
			if now, ok := seen[t.number][r.number]; ok && now.status == jobs.TimedOut {
				if err := m.timeOut(j, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// followJobs lets jobs start and be canceled. What completes does so after all else.
func (m *model) followJobs(o *observation) error {
	for _, j := range m.jobsByAge() {
		status := o.jobs[j.id].Status
		if status == jobs.JobCompleted && j.status == jobs.JobScheduled {
			status = jobs.JobInProgress
		}
		if status == jobs.JobCompleted {
			continue
		}
		if err := m.become(j, status, o.jobs[j.id].ForceCanceled); err != nil {
			return err
		}
	}
	return nil
}

// followReleases lets the rollout queue what was seen to be queued.
func (m *model) followReleases(o *observation) error {
	for _, j := range m.jobsByAge() {
		seen := m.seen(o, j)
		for _, t := range m.thingsByName() {
			if len(seen[t.number]) <= len(j.rows[t.number]) {
				continue
			}
			if err := m.release(j, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// followLeavers lets things leave deleted groups, and compares all groups.
func (m *model) followLeavers(o *observation) error {
	for _, seen := range o.things {
		t := m.things[seen.Name]
		if err := m.leave(t, func(g int) bool { return seen.DirectlyIn(m.groups[g].stored) }); err != nil {
			return err
		}
		if got, want := len(seen.DirectGroups()), len(t.direct); got != want {
			return fmt.Errorf("thing %s is in %d groups, should be in %d", t.name, got, want)
		}
	}
	return nil
}

func (m *model) followEnds(o *observation) error {
	for _, j := range m.jobsByAge() {
		if err := m.become(j, o.jobs[j.id].Status, o.jobs[j.id].ForceCanceled); err != nil {
			return err
		}
		if got, want := configText(*o.jobs[j.id].Config, len(o.jobs[j.id].Config.Targets)), configText(j.config, len(j.things)+len(j.groups)); got != want {
			return fmt.Errorf("job %s is configured as %s, should be %s", j.id, got, want)
		}
	}
	return nil
}

// configText is what UpdateJob and AssociateTargetsWithJob change of a job.
func configText(c jobs.Config, targets int) string {
	var retried []jobs.RetryCriterion
	for _, criterion := range c.Retries {
		if criterion.NumberOfRetries > 0 {
			retried = append(retried, criterion)
		}
	}
	return fmt.Sprint(targets, c.InProgressTimeout, c.Rollout.MaximumPerMinute, c.Rollout.Exponential != nil, c.Abort, retried)
}

// seen are the rows of a job on the things that are there, by thing and number.
func (m *model) seen(o *observation, j *modelJob) map[int]map[jobs.ExecutionNumber]row {
	seen := map[int]map[jobs.ExecutionNumber]row{}
	for _, rows := range m.byThing(o, j) {
		t := m.things[rows.name]
		if t == nil {
			continue
		}
		current := rows.list[min(len(rows.list), len(rows.gone)):]
		seen[t.number] = map[jobs.ExecutionNumber]row{}
		for _, r := range current {
			seen[t.number][r.number] = r
		}
	}
	return seen
}

// nameRows are the executions of a job on all things that had a name: those that are gone come first.
type nameRows struct {
	name registry.ThingName
	list []row // as listed
	gone []row // as they should be
}

func (m *model) byThing(o *observation, j *modelJob) map[registry.ThingName]*nameRows {
	all := map[registry.ThingName]*nameRows{}
	of := func(name registry.ThingName) *nameRows {
		if all[name] == nil {
			all[name] = &nameRows{name: name}
		}
		return all[name]
	}
	for _, e := range o.rows[j.id] {
		n := of(e.thing)
		n.list = append(n.list, e.row)
	}
	for _, thing := range sortedKeys(j.rows) {
		n := of(j.names[thing])
		if t := m.things[n.name]; t == nil || t.number != thing {
			n.gone = append(n.gone, newestFirst(j.rows[thing])...)
		}
	}
	return all
}

func newestFirst(rows []row) []row {
	rows = slices.Clone(rows)
	slices.Reverse(rows)
	return rows
}

// sameRows compares every execution, and the order in which they are listed.
func (m *model) sameRows(o *observation) error {
	for _, j := range m.jobsByAge() {
		if !slices.IsSortedFunc(o.rows[j.id], func(a, b listed) int { return compareNames(a.thing, b.thing) }) {
			return fmt.Errorf("the executions of job %s are not listed by thing", j.id)
		}
		for name, rows := range m.byThing(o, j) {
			want := rows.gone
			if t := m.things[name]; t != nil {
				want = append(want, newestFirst(j.rows[t.number])...)
			}
			if !slices.Equal(rows.list, want) {
				return fmt.Errorf("job %s has on thing %s the executions\n%+v, should have\n%+v", j.id, name, rows.list, want)
			}
		}
	}
	return nil
}

// sameQueues compares the order of what is pending. What the background has queued comes last, in any order, which the model learns.
func (m *model) sameQueues(o *observation) error {
	for _, t := range m.thingsByName() {
		var seen, old []int
		for _, id := range o.queues[t.name] {
			if j := m.jobs[id]; j != nil && slices.Contains(t.queue, j.number) {
				seen = append(seen, j.number)
			}
		}
		for _, number := range t.queue {
			if !m.fresh[place{t.number, number}] {
				old = append(old, number)
			}
		}
		if len(seen) != len(t.queue) || !slices.Equal(seen[:len(old)], old) {
			return fmt.Errorf("the queue of thing %s holds jobs %v, should hold %v first of %v", t.name, seen, old, t.queue)
		}
		t.queue = seen
	}
	return nil
}
