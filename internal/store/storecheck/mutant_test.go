package storecheck

import (
	"slices"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// mutants are stores that are broken in one way, and what must be found in them: all of it, and nothing else.
var mutants = []struct {
	name   string
	broken mutant
	faults []string
}{
	{"forgotten timer", mutant{due: none[store.Due]}, []string{
		"execution 2 of job update on thing lamp (number 3) times out at 2026-03-01 13:00:00 +0000 UTC, and nothing is due then",
	}},
	{"timer that nobody wants", mutant{due: func(list []store.Due) []store.Due {
		return append(slices.Clone(list), store.Due{At: start.Add(2 * time.Hour), Thing: registry.ThingKey{Name: "door", Number: door}, Job: update, Number: 1})
	}}, []string{
		"execution 1 of job 7 on thing door (number 4) is due at 2026-03-01 14:00:00 +0000 UTC and has no such deadline",
	}},
	{"timer at another time", mutant{due: func(list []store.Due) []store.Due {
		list = slices.Clone(list)
		list[0].At = list[0].At.Add(time.Second)
		return list
	}}, []string{
		"execution 2 of job 7 on thing lamp (number 3) is due at 2026-03-01 13:00:01 +0000 UTC and has no such deadline",
		"execution 2 of job update on thing lamp (number 3) times out at 2026-03-01 13:00:00 +0000 UTC, and nothing is due then",
	}},
	{"timers out of order", mutant{due: func(list []store.Due) []store.Due {
		return append([]store.Due{{At: start.Add(2 * time.Hour), Thing: registry.ThingKey{Name: "door", Number: door}, Job: update, Number: 1}}, list...)
	}}, []string{
		"execution 1 of job 7 on thing door (number 4) is due at 2026-03-01 14:00:00 +0000 UTC and has no such deadline",
		"what is due at 2026-03-01 13:00:00 +0000 UTC is listed behind what is due at 2026-03-01 14:00:00 +0000 UTC",
	}},
	{"counter off", mutant{counters: func(c *jobs.Counters) { c.Add(jobs.Failed, 1) }}, []string{
		"job update counts 2 executions in FAILED and has 1",
	}},
	{"index by status misses one", mutant{executionsIn: func(status jobs.ExecutionStatus, list []store.ThingExecution) []store.ThingExecution {
		if status == jobs.Failed {
			return nil
		}
		return list
	}}, []string{
		"execution 1 of job update on thing lamp (number 3) is FAILED, but not in the list of that status",
		"execution 1 of job update on thing lamp (number 3) is not listed by its job",
	}},
	{"index by status keeps one", mutant{executionsIn: func(status jobs.ExecutionStatus, list []store.ThingExecution) []store.ThingExecution {
		if status != jobs.Rejected {
			return list
		}
		e := jobs.NewExecution(update, 1, start)
		return []store.ThingExecution{{Thing: registry.ThingKey{Name: "door", Number: door}, Execution: e}}
	}}, []string{
		"execution 1 of job reboot on thing door (number 4) is listed in REJECTED and not there",
		"execution 1 of job update on thing door (number 4) is listed in REJECTED and not there",
	}},
	{"job lists one less", mutant{executions: without(func(row store.ThingExecution) bool { return row.Thing.Name == "door" })}, []string{
		"execution 1 of job update on thing door (number 4) is listed in QUEUED and not there",
		"job update counts 1 executions in QUEUED and has 0",
	}},
	{"execution of another job", mutant{executions: func(list []store.ThingExecution) []store.ThingExecution {
		list = slices.Clone(list)
		for i := range list {
			if list[i].Thing.Name == "door" {
				list[i].Execution.Job = reboot
			}
		}
		return list
	}}, []string{
		"execution 1 of job update on thing door (number 4) is one of job 8",
	}},
	{"another state on the thing", mutant{thing: func(v store.ThingView) store.ThingView {
		if a := v.Addressed["reboot"]; a.Execution != nil {
			a.Execution.Version++
		}
		return v
	}}, []string{
		"execution 1 of job reboot on thing lamp (number 3) is not the same on its thing",
	}},
	{"number not remembered", mutant{thing: func(v store.ThingView) store.ThingView {
		if a, ok := v.Addressed["update"]; ok && v.Thing.Name == "lamp" {
			a.Head.Newest = 1
			v.Addressed["update"] = a
		}
		return v
	}}, []string{
		"execution 2 of job update on thing lamp (number 3) has a higher number than the highest that is remembered, 1",
	}},
	{"pending and not the newest", mutant{thing: func(v store.ThingView) store.ThingView {
		if a, ok := v.Addressed["update"]; ok && v.Thing.Name == "door" {
			a.Head.Newest = 9
			v.Addressed["update"] = a
		}
		return v
	}}, []string{
		"execution 1 of job update on thing door (number 4) is pending, but not the newest, 9",
	}},
	{"pending on a thing that is gone", mutant{
		executions: pendingOnGone,
		executionsIn: func(_ jobs.ExecutionStatus, list []store.ThingExecution) []store.ThingExecution {
			return pendingOnGone(list)
		},
		ofThing: func(key registry.ThingKey, list []jobs.JobExecution) []jobs.JobExecution {
			if key.Number == gone {
				list[0].Status = jobs.Queued
			}
			return list
		},
	}, []string{
		"execution 1 of job reboot on thing fan (number 5) is QUEUED, but not in the list of that status",
		"execution 1 of job reboot on thing fan (number 5) is listed in SUCCEEDED and not there",
		"execution 1 of job reboot on thing fan (number 5) is pending, but its thing is gone",
		"job reboot counts 0 executions in QUEUED and has 1",
		"job reboot counts 2 executions in SUCCEEDED and has 1",
	}},
	{"history of a gone thing is gone", mutant{ofThing: func(key registry.ThingKey, list []jobs.JobExecution) []jobs.JobExecution {
		if key.Number == gone {
			return nil
		}
		return list
	}}, []string{
		"execution 1 of job reboot on thing fan (number 5) is not in the history of its thing, which is gone",
	}},
	{"not in the queue", mutant{thing: func(v store.ThingView) store.ThingView {
		v.Pending = nil
		return v
	}}, []string{
		"execution 1 of job 7 on thing door is QUEUED, but not pending",
		"execution 2 of job 7 on thing lamp is IN_PROGRESS, but not pending",
	}},
	{"only in the queue", mutant{ofThing: func(key registry.ThingKey, list []jobs.JobExecution) []jobs.JobExecution {
		if key.Number == door {
			return nil
		}
		return list
	}}, []string{
		"execution 1 of job 7 is pending on thing door and not in the list of its executions",
	}},
	{"without its job", mutant{thing: func(v store.ThingView) store.ThingView {
		delete(v.Jobs, update)
		return v
	}}, []string{
		"execution 1 of job 7 is pending on thing door without its job",
		"execution 2 of job 7 is pending on thing lamp without its job",
	}},
	{"two pending of one job", mutant{ofThing: func(key registry.ThingKey, list []jobs.JobExecution) []jobs.JobExecution {
		if key.Number != door {
			return list
		}
		second := list[0]
		second.Number = 2
		return []jobs.JobExecution{second, list[0]}
	}}, []string{
		"execution 2 of job update on thing door (number 4) is not listed by its job",
		"thing door has two pending executions of job 7",
	}},
	{"job that is gone", mutant{
		jobs: without(func(j *jobs.Job) bool { return j.Number == reboot }),
		jobsIn: func(_ jobs.JobStatus, list []*jobs.Job) []*jobs.Job {
			return without(func(j *jobs.Job) bool { return j.Number == reboot })(list)
		},
		jobNumbered: withoutReboot,
		executionsIn: func(_ jobs.ExecutionStatus, list []store.ThingExecution) []store.ThingExecution {
			return without(ofReboot)(list)
		},
	}, []string{
		"execution 1 on thing lamp belongs to job 8, which is gone",
	}},
	{"job not found by its ID", mutant{jobNamed: nothing[jobs.Job]}, []string{
		"job reboot (number 8) is not found by its ID", "job update (number 7) is not found by its ID",
	}},
	{"job not found by its number", mutant{jobNumbered: nothing[jobs.Job]}, []string{
		"job 7 is marked and gone", "job reboot (number 8) is not found by its number", "job update (number 7) is not found by its number",
	}},
	{"job in the list of another status", mutant{jobsIn: func(status jobs.JobStatus, list []*jobs.Job) []*jobs.Job {
		if status == jobs.JobCompleted || status == jobs.JobCanceled {
			return []*jobs.Job{{Number: reboot + 1 - jobs.JobNumber(len(list)), ID: "reboot", Status: jobs.JobCompleted}}
		}
		return list
	}}, []string{
		"job reboot (number 9) is listed in CANCELED and not there",
	}},
	{"job in no list of its status", mutant{jobsIn: func(status jobs.JobStatus, list []*jobs.Job) []*jobs.Job {
		if status == jobs.JobCompleted {
			return nil
		}
		return list
	}}, []string{
		"job reboot is in COMPLETED, whose list does not show it",
	}},
	{"follower forgotten", mutant{jobsFollowing: func(registry.GroupNumber, []*jobs.Job) []*jobs.Job { return nil }}, []string{
		"job update follows group 1, which does not know",
	}},
	{"follower that does not follow", mutant{jobsFollowing: func(group registry.GroupNumber, list []*jobs.Job) []*jobs.Job {
		if group == hall {
			return []*jobs.Job{{ID: "reboot", Number: reboot, Status: jobs.JobCompleted}}
		}
		return list
	}}, []string{
		"job reboot is listed as following group 2 and does not",
	}},
	{"nobody wakes a job", mutant{dueJobs: none[jobs.JobNumber]}, []string{
		"job 7 wants to wake at 2026-03-01 12:01:00 +0000 UTC, and nobody will wake it",
	}},
	{"job that does not want to wake", mutant{dueJobs: func(list []jobs.JobNumber) []jobs.JobNumber { return append(slices.Clone(list), reboot) }}, []string{
		"job 8 is due to wake and does not want to",
	}},
	{"mark of a job that is gone", mutant{marks: func(list []jobs.JobNumber) []jobs.JobNumber { return append(slices.Clone(list), 99) }}, []string{
		"job 99 is marked and gone",
	}},
	{"thing not found", mutant{thing: func(v store.ThingView) store.ThingView {
		if v.Thing != nil && v.Thing.Name == "door" && len(v.Addressed) == 0 {
			v.Thing = nil
		}
		return v
	}}, []string{
		"thing door (number 4) is not found by its name",
	}},
	{"type forgotten", mutant{thingsOfType: none[*registry.Thing]}, []string{
		"1 things have type light, and 0 are listed",
	}},
	{"thing of another type", mutant{thingsOfType: func([]*registry.Thing) []*registry.Thing { return []*registry.Thing{{Name: "door", Type: "gate"}} }}, []string{
		`thing door is listed with type light and has type "gate"`,
	}},
	{"group that does not show a member", mutant{members: func(group registry.GroupNumber, list []store.Member) []store.Member {
		if group == hall {
			return nil
		}
		return list
	}}, []string{
		"thing lamp is in group 2, whose members do not show it so",
	}},
	{"member in another way", mutant{members: func(group registry.GroupNumber, list []store.Member) []store.Member {
		list = slices.Clone(list)
		for i := range list {
			list[i].Direct = true
		}
		return list
	}}, []string{
		"thing lamp is in group 1, whose members do not show it so",
	}},
	{"member that is not in the group", mutant{members: func(group registry.GroupNumber, list []store.Member) []store.Member {
		return withMember(group, list, store.Member{Thing: registry.ThingKey{Name: "door", Number: door}})
	}}, []string{
		"group 1 holds thing door, which is not in it",
	}},
	{"member that is gone", mutant{members: func(group registry.GroupNumber, list []store.Member) []store.Member {
		return withMember(group, list, store.Member{Thing: registry.ThingKey{Name: "fan", Number: gone}})
	}}, []string{
		"group 1 holds thing fan (number 5), which is gone",
	}},
	{"thing not in the group above", mutant{things: func(list []*registry.Thing) []*registry.Thing {
		for _, thing := range list {
			thing.Groups = slices.DeleteFunc(thing.Groups, func(m registry.Membership) bool { return m.Group == plant })
		}
		return list
	}}, []string{
		"thing lamp is in groups [{2 true}], and those that it was put into are below others: [{1 false} {2 true}]",
	}},
	{"group that is gone", mutant{groupNumbered: func(g *registry.ThingGroup) *registry.ThingGroup {
		if g.Number == hall {
			return nil
		}
		return g
	}}, []string{
		"group hall (number 2) is not found by its number",
		"thing lamp is in group 2, which is gone",
		"thing lamp is in groups [{1 false} {2 true}], and those that it was put into are below others: []",
	}},
	{"parent that is gone", mutant{groupNumbered: func(g *registry.ThingGroup) *registry.ThingGroup {
		if g.Number == plant {
			return nil
		}
		return g
	}}, []string{
		"group hall is below groups [1], but its parent, if it exists, is below []",
		"group plant (number 1) is not found by its number",
		"thing lamp is in group 1, which is gone",
	}},
	{"group not found by its name", mutant{groupNamed: nothing[registry.ThingGroup]}, []string{
		"group hall (number 2) is not found by its name", "group plant (number 1) is not found by its name",
	}},
	{"child forgotten", mutant{childGroups: without(func(g *registry.ThingGroup) bool { return g.Number == hall })}, []string{
		"1 groups are below group 1 (0: they are roots), and 0 are listed",
	}},
	{"child of another group", mutant{childGroups: func(list []*registry.ThingGroup) []*registry.ThingGroup {
		for _, g := range list {
			if g.Number == hall {
				g.Path = nil
			}
		}
		return list
	}}, []string{
		"group hall is listed below group 1 and is below group 0",
	}},
	{"list that goes in a circle", mutant{things: func(list []*registry.Thing) []*registry.Thing { return append(list, list...) }}, []string{
		"the things cannot be read: door is listed behind lamp",
	}},
}

func TestMutantIsCaught(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			faults, sum := faultsOf(t, whole(t), func(tx store.ReadTx) store.ReadTx {
				m.broken.ReadTx = tx
				return m.broken
			})
			if !slices.Equal(faults, m.faults) {
				t.Errorf("found\n  %s\nwant\n  %s", strings.Join(faults, "\n  "), strings.Join(m.faults, "\n  "))
			}
			if sum.Faults != len(faults) {
				t.Errorf("the summary counts %d faults of %d", sum.Faults, len(faults))
			}
		})
	}
}

// none is an empty list, whatever was in it.
func none[R any](_ []R) []R { return nil }

// nothing is what is not found.
func nothing[R any](_ *R) *R { return nil }

// without leaves out the rows that drop names.
func without[R any](drop func(R) bool) func([]R) []R {
	return func(list []R) []R { return slices.DeleteFunc(slices.Clone(list), drop) }
}

func pendingOnGone(list []store.ThingExecution) []store.ThingExecution {
	list = slices.Clone(list)
	for i := range list {
		if list[i].Thing.Number == gone {
			list[i].Execution.Status = jobs.Queued
		}
	}
	return list
}

func withoutReboot(j *jobs.Job) *jobs.Job {
	if j != nil && j.Number == reboot {
		return nil
	}
	return j
}

func ofReboot(row store.ThingExecution) bool { return row.Execution.Job == reboot }

// withMember adds a member to the group plant, where its name has its place.
func withMember(group registry.GroupNumber, list []store.Member, m store.Member) []store.Member {
	if group != plant {
		return list
	}
	list = append(slices.Clone(list), m)
	slices.SortFunc(list, func(a, b store.Member) int { return compareThings(a.Thing, b.Thing) })
	return list
}
