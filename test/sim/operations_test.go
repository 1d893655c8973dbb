package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// operation is one step of a world.
type operation struct {
	text string
	// expect lets the model do what was asked, and says what is answered. Nil for what only the background does: the model follows what it sees.
	expect func(*model) (says string, refusal jobs.Code)
	// call does it. Its error is a refusal, or it ends the world.
	call func(context.Context, *world) (says string, err error)
	// afterwards is what must hold once the call was answered; nil for nothing.
	afterwards func(*model) error
	// sturdy operations meet no injected faults; those that move the clock compare on the way.
	sturdy, moves bool
}

// shape is what a world is like. Names come from small pools, so that operations meet each other.
type shape struct {
	things, groups, jobs int
	virtual              bool
	perMinute            int
}

// shapes: most worlds are small; in the large ones nothing is done within one step.
func drawShape(r *rand.Rand) shape {
	s := shape{things: 6, groups: 5, jobs: 5, virtual: r.IntN(3) == 0, perMinute: []int{2, 5, 1000}[r.IntN(3)]}
	if r.IntN(6) == 0 {
		s.things, s.perMinute = largeWorld, 1000
	}
	return s
}

// largeWorld is more things than one step takes on.
const largeWorld = 140

func (s shape) thing(i int) registry.ThingName { return registry.ThingName(fmt.Sprintf("t%03d", i)) }
func (s shape) group(i int) registry.GroupName { return registry.GroupName(fmt.Sprintf("g%d", i)) }
func (s shape) job(i int) jobs.JobID           { return jobs.JobID(fmt.Sprintf("j%d", i)) }

func (s shape) jobIDs() (ids []jobs.JobID) {
	for i := range s.jobs {
		ids = append(ids, s.job(i))
	}
	return ids
}

// dealer draws operations. It looks at the model to draw what makes sense, and now and then what does not.
type dealer struct {
	shape

	r *rand.Rand
	m *model
}

// menu is what can happen, and how often against each other.
var menu = []struct {
	weight int
	deal   func(*dealer) operation
}{
	{3, (*dealer).createThing},
	{1, (*dealer).deleteThing},
	{2, (*dealer).importThings},
	{3, (*dealer).createGroup},
	{1, (*dealer).deleteGroup},
	{10, (*dealer).moveThing},
	{12, (*dealer).createJob},
	{2, (*dealer).associate},
	{3, (*dealer).updateJob},
	{2, (*dealer).cancelJob},
	{2, (*dealer).deleteJob},
	{3, (*dealer).cancelExecution},
	{2, (*dealer).deleteExecution},
	{2, (*dealer).describeJob},
	{1, (*dealer).listJobs},
	{14, (*dealer).startNext},
	{20, (*dealer).report},
	{9, (*dealer).advance},
	{5, (*dealer).runSteps},
	{4, (*dealer).fireTimers},
	{2, (*dealer).sweep},
	{4, (*dealer).catchUp},
	{1, (*dealer).reopen},
	{2, (*dealer).crash},
}

// founding is how every world begins, so that there is something to work with.
var founding = []func(*dealer) operation{
	(*dealer).createGroup, (*dealer).createGroup, (*dealer).createGroup, (*dealer).createGroup, (*dealer).importThings,
	(*dealer).createJob, (*dealer).createJob,
}

// deal draws the operation of a step.
func (d *dealer) deal(n int) operation {
	if n < len(founding) {
		return founding[n](d)
	}
	total := 0
	for _, item := range menu {
		total += item.weight
	}
	n = d.r.IntN(total)
	for _, item := range menu {
		if n -= item.weight; n < 0 {
			return item.deal(d)
		}
	}
	panic("the weights do not add up")
}

func (d *dealer) anyThing() registry.ThingName { return d.thing(d.r.IntN(d.things)) }
func (d *dealer) anyGroup() registry.GroupName { return d.group(d.r.IntN(d.groups)) }
func (d *dealer) anyJob() jobs.JobID           { return d.job(d.r.IntN(d.jobs)) }

// once in n is true.
func (d *dealer) once(n int) bool { return d.r.IntN(n) == 0 }

// knownThing is mostly one that is there, and often one that has something to do.
func (d *dealer) knownThing() registry.ThingName {
	all := d.m.thingsByName()
	if busy := slices.DeleteFunc(slices.Clone(all), func(t *modelThing) bool { return len(t.queue) == 0 }); len(busy) > 0 && d.once(2) {
		all = busy
	}
	if len(all) > 0 && !d.once(12) {
		return all[d.r.IntN(len(all))].name
	}
	return d.anyThing()
}

func (d *dealer) knownGroup() registry.GroupName {
	if all := sortedKeys(d.m.names); len(all) > 0 && !d.once(12) {
		return all[d.r.IntN(len(all))]
	}
	return d.anyGroup()
}

func (d *dealer) knownJob() jobs.JobID {
	if all := sortedKeys(d.m.jobs); len(all) > 0 && !d.once(12) {
		return all[d.r.IntN(len(all))]
	}
	return d.anyJob()
}

// anExecution is mostly one that is there, mostly a pending one, mostly the newest.
func (d *dealer) anExecution() address {
	at := address{thing: d.knownThing(), job: d.knownJob()}
	t := d.m.things[at.thing]
	if t == nil || d.once(12) {
		return at
	}
	if len(t.queue) > 0 && !d.once(6) {
		at.job = d.m.jobNumbered(t.queue[d.r.IntN(len(t.queue))]).id
	} else if had := slices.DeleteFunc(d.m.jobsByAge(), func(j *modelJob) bool { return len(j.rows[t.number]) == 0 }); len(had) > 0 {
		at.job = had[d.r.IntN(len(had))].id
	}
	if d.once(4) {
		at.number = jobs.ExecutionNumber(d.r.IntN(3))
	}
	return at
}

// aVersion is none, the right one or a wrong one.
func (d *dealer) aVersion(at address) jobs.VersionNumber {
	_, _, r := d.m.find(at)
	switch {
	case r == nil || d.once(2):
		return 0
	case d.once(4):
		return r.version + 1
	default:
		return r.version
	}
}

// someDetails is nil to keep what is there, or a text, or nothing.
func (d *dealer) someDetails() *string {
	text := fmt.Sprintf("n%d", d.r.IntN(1000))
	switch d.r.IntN(4) {
	case 0:
		return nil
	case 1:
		text = ""
	}
	return &text
}

func detailsMap(text *string) map[string]string {
	switch {
	case text == nil:
		return nil
	case *text == "":
		return map[string]string{}
	default:
		return map[string]string{"of": *text}
	}
}

// short is a text that is not too long for a line.
func short(v any) string {
	text := fmt.Sprint(v)
	return text[:min(len(text), 300)]
}

// refusalOnly is for calls whose answer is empty.
func refusalOnly(apply func(*model) jobs.Code) func(*model) (string, jobs.Code) {
	return func(m *model) (string, jobs.Code) { return "", apply(m) }
}
