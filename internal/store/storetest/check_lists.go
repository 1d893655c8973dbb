package storetest

import (
	"maps"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

func (c *checker) jobsByStatus() error {
	byStatus := map[jobs.JobStatus][]*jobs.Job{}
	for _, s := range jobs.JobStatuses() {
		byStatus[s] = nil
	}
	for _, j := range c.all {
		byStatus[j.Status] = append(byStatus[j.Status], j)
	}
	for s, want := range byStatus {
		got, err := allJobsIn(c.tx, s, page)
		if err != nil {
			return err
		}
		c.same(got, want, "jobs in %s", s)
	}
	return nil
}

func (c *checker) types() error {
	byType := map[registry.TypeName][]*registry.Thing{}
	for _, t := range c.stored {
		byType[t.Type] = append(byType[t.Type], t)
	}
	byType[""] = nil
	for name, want := range byType {
		got, err := allThingsOfType(c.tx, name, page)
		if err != nil {
			return err
		}
		c.same(got, want, "things of type %q", name)
	}
	return nil
}

// groups checks the index of groups.
func (c *checker) groups() error {
	list, err := allGroups(c.tx, page)
	if err != nil {
		return err
	}
	children := map[registry.GroupNumber][]*registry.ThingGroup{0: nil}
	for _, g := range list {
		children[g.Parent()] = append(children[g.Parent()], g)
		if _, known := children[g.Number]; !known {
			children[g.Number] = nil
		}
		if _, known := c.members[g.Number]; !known {
			c.members[g.Number] = nil
		}
		byName, err := c.tx.Group(g.Name)
		if err != nil {
			return err
		}
		byNumber, err := c.tx.GroupByNumber(g.Number)
		if err != nil {
			return err
		}
		c.same(byName, g, "group %s by its name", g.Name)
		c.same(byNumber, g, "group %s by its number", g.Name)
	}
	for parent, want := range children {
		got, err := allChildGroups(c.tx, parent, page)
		if err != nil {
			return err
		}
		c.same(got, want, "children of group %d", parent)
	}
	return nil
}

// groupsOfThings checks the members of all groups that are listed or named by a thing.
func (c *checker) groupsOfThings() error {
	version, err := c.tx.Version()
	if err != nil {
		return err
	}
	for number, want := range c.members {
		g, err := c.tx.GroupByNumber(number)
		if err != nil {
			return err
		}
		if g == nil {
			c.miss("thing %s is in group %d, which is gone", want[0].Thing.Name, number)
		}
		for _, asOf := range []uint64{0, version + 1} {
			got, err := allMembers(c.tx, number, asOf, page)
			if err != nil {
				return err
			}
			c.same(got, want, "members of group %d as of version %d", number, asOf)
		}
	}
	return nil
}

// followed checks the jobs that follow the groups that are listed, named by a thing, or followed.
func (c *checker) followed() error {
	following := map[registry.GroupNumber][]*jobs.Job{}
	for number := range c.members {
		following[number] = nil
	}
	for _, j := range c.all {
		for _, t := range j.Config.Targets {
			if t.Kind == jobs.GroupTarget {
				following[t.Group] = nil
			}
		}
	}
	for number := range following {
		for _, j := range c.all {
			if j.Follows(number) {
				following[number] = append(following[number], j)
			}
		}
	}
	for _, number := range slices.Sorted(maps.Keys(following)) {
		got, err := allJobsFollowing(c.tx, number, page)
		if err != nil {
			return err
		}
		c.same(got, following[number], "jobs that follow group %d", number)
	}
	return nil
}

func (c *checker) wakes() error {
	waking := slices.DeleteFunc(slices.Clone(c.all), func(j *jobs.Job) bool { return j.WakeAt.IsZero() })
	slices.SortFunc(waking, func(a, b *jobs.Job) int {
		if order := a.WakeAt.Compare(b.WakeAt); order != 0 {
			return order
		}
		return int(a.Number) - int(b.Number)
	})
	var want []jobs.JobNumber
	for _, j := range waking {
		want = append(want, j.Number)
	}
	got, err := allDueJobs(c.tx, farFuture)
	if err != nil {
		return err
	}
	c.same(got, want, "jobs that are due")
	return c.next(waking)
}

// next checks the earliest due instant of all.
func (c *checker) next(waking []*jobs.Job) error {
	var want time.Time
	if len(waking) > 0 {
		want = waking[0].WakeAt
	}
	executions, err := c.tx.Due(farFuture, 1)
	if err != nil {
		return err
	}
	if len(executions) > 0 && (want.IsZero() || executions[0].At.Before(want)) {
		want = executions[0].At
	}
	got, err := c.tx.NextDue(time.Time{})
	if err != nil {
		return err
	}
	c.same(got, want, "the next due instant")
	return nil
}
