package sim

import (
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Things, groups, and what a change of membership does to jobs (CTRL-3, LIFE-3).

func (m *model) createThing(name registry.ThingName) *modelThing {
	if m.things[name] == nil {
		m.things[name] = &modelThing{number: m.draw(), name: name}
	}
	return m.things[name]
}

// deleteThing removes a thing with what it has pending; its history stays with the jobs (Q8).
func (m *model) deleteThing(name registry.ThingName) {
	t := m.things[name]
	if t == nil {
		return
	}
	for _, j := range m.jobs {
		if r := j.pendingOn(t.number); r != nil {
			m.end(j, t, r, jobs.Removed)
		}
		delete(j.owed, t.number)
	}
	delete(m.things, name)
}

func (m *model) createGroup(name, parent registry.GroupName) jobs.Code {
	var path []int
	if parent != "" {
		above, ok := m.names[parent]
		if !ok {
			return jobs.ResourceNotFound
		}
		path = append(slices.Clone(m.groups[above].path), above)
	}
	if number, ok := m.names[name]; ok {
		if !slices.Equal(m.groups[number].path, path) {
			return jobs.ResourceAlreadyExists
		}
		return 0
	}
	g := &modelGroup{number: m.draw(), name: name, path: path}
	m.groups[g.number], m.names[name] = g, g.number
	return 0
}

// deleteGroup takes the name away; the things leave one by one (leave).
func (m *model) deleteGroup(name registry.GroupName) jobs.Code {
	number, ok := m.names[name]
	if !ok {
		return 0
	}
	for _, g := range m.groups {
		if !g.deleted && len(g.path) > 0 && g.path[len(g.path)-1] == number {
			return jobs.InvalidRequest
		}
	}
	m.groups[number].deleted = true
	delete(m.names, name)
	return 0
}

// moveThing takes a thing out of groups and puts it into others, all or nothing. It also leaves what was deleted.
func (m *model) moveThing(name registry.ThingName, remove, add []registry.GroupName) jobs.Code {
	t := m.things[name]
	if t == nil {
		return jobs.ResourceNotFound
	}
	direct, refusal := m.moved(t.direct, remove, add)
	if refusal == 0 {
		m.regroup(t, direct)
	}
	return refusal
}

func (m *model) moved(direct []int, remove, add []registry.GroupName) ([]int, jobs.Code) {
	direct = slices.DeleteFunc(slices.Clone(direct), func(g int) bool { return m.groups[g].deleted })
	for _, name := range remove {
		group, ok := m.names[name]
		if !ok {
			return nil, jobs.ResourceNotFound
		}
		direct = slices.DeleteFunc(direct, func(g int) bool { return g == group })
	}
	for _, name := range add {
		group, ok := m.names[name]
		if !ok {
			return nil, jobs.ResourceNotFound
		}
		if slices.Contains(direct, group) {
			continue
		}
		if slices.ContainsFunc(direct, func(g int) bool { return m.root(g) == m.root(group) }) {
			return nil, jobs.InvalidRequest
		}
		direct = append(direct, group)
	}
	return direct, 0
}

func (m *model) root(group int) int {
	if path := m.groups[group].path; len(path) > 0 {
		return path[0]
	}
	return group
}

// in tells whether one of the groups is the asked one or below it.
func (m *model) in(direct []int, group int) bool {
	return slices.ContainsFunc(direct, func(g int) bool { return g == group || slices.Contains(m.groups[g].path, group) })
}

// holds tells whether a thing is a target of a job now.
func (m *model) holds(j *modelJob, t *modelThing) bool {
	return slices.Contains(j.things, t.number) || slices.ContainsFunc(j.groups, func(g int) bool { return m.in(t.direct, g) })
}

// regroup changes the groups of a thing. Jobs that follow a group which it has left take back what is queued, those that follow one which it has
// joined queue it (LIFE-3.3, LIFE-3.5, LIFE-3.6, LIFE-3.8).
func (m *model) regroup(t *modelThing, direct []int) {
	before := t.direct
	t.direct = direct
	for _, j := range m.jobsByAge() {
		if j.config.TargetSelection != jobs.Continuous || !j.active() {
			continue
		}
		left := slices.ContainsFunc(j.groups, func(g int) bool { return m.in(before, g) && !m.in(direct, g) })
		joined := slices.ContainsFunc(j.groups, func(g int) bool { return !m.in(before, g) && m.in(direct, g) })
		pending := j.pendingOn(t.number)
		if left && pending != nil && pending.status == jobs.Queued && !m.holds(j, t) {
			m.events["an execution is removed because its thing left"]++
			m.end(j, t, pending, jobs.Removed)
		}
		if left || joined {
			j.used[t.number] = retries{} // LIFE-3.10
		}
		if joined && j.accepts(m.now) && pending == nil {
			m.events["a thing that joins is queued"]++
			m.queue(j, t)
		}
	}
}
