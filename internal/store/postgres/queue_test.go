package postgres

import (
	"fmt"
	"testing"

	"iotjobs/internal/registry"
)

// TestBlockedCommandsKeepTheirOrder takes more blocked commands than a group holds: those of a thing stay together.
func TestBlockedCommandsKeepTheirOrder(t *testing.T) {
	q := newQueue()
	var all []*command
	add := func(name string) { all = append(all, &command{name: registry.ThingName(name)}) }
	for i := range maxGroup {
		add(fmt.Sprint("thing", i))
	}
	add("thing0") // beyond the group, for a thing that is in it
	add("other")
	q.release(nil, nil, all, false, 0)
	group := q.takeBlocked()
	if len(group) != maxGroup+1 || group[maxGroup] != all[maxGroup] {
		t.Errorf("the group holds %d commands", len(group))
	}
	q.release(group, nil, nil, true, 0)
	if _, busy := q.busy["other"]; !busy {
		t.Error("a thing whose command is blocked is free")
	}
	if group = q.takeBlocked(); len(group) != 1 || group[0].name != "other" {
		t.Errorf("the next group is %v", group)
	}
}
