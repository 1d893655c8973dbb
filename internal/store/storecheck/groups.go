package storecheck

import (
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// groups goes through the groups that are not being deleted.
func (c *checker) groups() error {
	for group, err := range rows(c.ctx, c.tx.Groups, groupName, ascending) {
		if err != nil {
			return err
		}
		c.sum.Groups++
		c.children[group.Parent()]++
		if err := c.blame(c.group(group), "group %s cannot be read", group.Name); err != nil {
			return err
		}
	}
	return nil
}

func groupName(group *registry.ThingGroup) registry.GroupName { return group.Name }

// group looks for a group in every way in which one is found, but as a child.
func (c *checker) group(group *registry.ThingGroup) error {
	byName, err := c.tx.Group(group.Name)
	if err != nil {
		return err
	}
	if byName == nil || byName.Number != group.Number {
		c.fault("group %s (number %d) is not found by its name", group.Name, group.Number)
	}
	path, err := c.path(group.Number)
	if err != nil {
		return err
	}
	if !slices.Equal(path, append(slices.Clone(group.Path), group.Number)) {
		c.fault("group %s (number %d) is not found by its number", group.Name, group.Number)
	}
	parent := group.Parent()
	if parent == 0 {
		return nil
	}
	if path, err = c.path(parent); err != nil {
		return err
	}
	if !slices.Equal(path, group.Path) {
		c.fault("group %s is below groups %v, but its parent, if it exists, is below %v", group.Name, group.Path, path)
	}
	return nil
}

// path leads from the root to the group itself; it is empty if there is no such group.
func (c *checker) path(number registry.GroupNumber) ([]registry.GroupNumber, error) {
	path, known := c.paths[number]
	if known {
		return path, nil
	}
	group, err := c.tx.GroupByNumber(number)
	if err != nil {
		return nil, err
	}
	if group != nil && group.Number == number {
		path = append(slices.Clone(group.Path), number)
	}
	c.paths[number] = path
	return path, nil
}

// childGroups compares the lists by parent with the groups, as thingsByType does.
func (c *checker) childGroups() error {
	for parent, want := range c.children {
		list := func(after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
			return c.tx.ChildGroups(parent, after, limit)
		}
		listed := 0
		for child, err := range rows(c.ctx, list, groupName, ascending) {
			if err != nil {
				return err
			}
			if listed++; child.Parent() != parent {
				c.fault("group %s is listed below group %d and is below group %d", child.Name, parent, child.Parent())
			}
		}
		if listed != want {
			c.fault("%d groups are below group %d (0: they are roots), and %d are listed", want, parent, listed)
		}
	}
	return nil
}

// memberships compares the groups that a thing names with their members.
func (c *checker) memberships(thing *registry.Thing) error {
	var wanted []registry.Membership // what follows from the groups that it was put into
	for _, m := range thing.Groups {
		c.sum.Memberships++
		path, err := c.path(m.Group)
		if err != nil {
			return err
		}
		if len(path) == 0 {
			c.fault("thing %s is in group %d, which is gone", thing.Name, m.Group)
		}
		if m.Direct {
			for _, group := range path {
				wanted = append(wanted, registry.Membership{Group: group, Direct: group == m.Group})
			}
		}
		// Behind the number before its own comes the thing itself.
		members, err := c.tx.Members(m.Group, 0, registry.ThingKey{Name: thing.Name, Number: thing.Number - 1}, 1)
		if err != nil {
			return err
		}
		if len(members) == 0 || members[0] != (store.Member{Thing: thing.Key(), Direct: m.Direct}) {
			c.fault("thing %s is in group %d, whose members do not show it so", thing.Name, m.Group)
		}
	}
	slices.SortFunc(wanted, func(a, b registry.Membership) int { return ascending(a.Group, b.Group) })
	if !slices.Equal(thing.Groups, wanted) {
		c.fault("thing %s is in groups %v, and those that it was put into are below others: %v", thing.Name, thing.Groups, wanted)
	}
	return nil
}

// members compares what every group that was met holds with the things, and who follows it with the jobs.
func (c *checker) members() error {
	for group := range c.paths {
		if err := c.blame(c.membersOf(group), "the members of group %d cannot be read", group); err != nil {
			return err
		}
		if err := c.blame(c.followers(group), "the jobs that follow group %d cannot be read", group); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) membersOf(group registry.GroupNumber) error {
	list := func(after registry.ThingKey, limit int) ([]store.Member, error) {
		return c.tx.Members(group, 0, after, limit)
	}
	for member, err := range rows(c.ctx, list, memberKey, compareThings) {
		if err != nil {
			return err
		}
		view, err := c.tx.Thing(member.Thing.Name)
		if err != nil {
			return err
		}
		switch thing := view.Thing; {
		case thing == nil || thing.Number != member.Thing.Number:
			c.fault("group %d holds thing %s (number %d), which is gone", group, member.Thing.Name, member.Thing.Number)
		case !thing.In(group):
			c.fault("group %d holds thing %s, which is not in it", group, thing.Name)
		}
	}
	return nil
}

func memberKey(member store.Member) registry.ThingKey { return member.Thing }

func (c *checker) followers(group registry.GroupNumber) error {
	list := func(after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
		return c.tx.JobsFollowing(group, after, limit)
	}
	for job, err := range rows(c.ctx, list, jobNumber, descending) {
		if err != nil {
			return err
		}
		if !job.Follows(group) {
			c.fault("job %s is listed as following group %d and does not", job.ID, group)
		}
	}
	return nil
}
