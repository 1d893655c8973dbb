package sim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"iotjobs/internal/jobs"
)

// This is the model of one thing for porcupine: a register for each of its executions, written from the rules and without package jobs' own
// transitions. One call reads or changes it at one moment between its beginning and its end.

// register is one execution as everybody sees it.
type register struct {
	status  jobs.ExecutionStatus
	version jobs.VersionNumber
	// details is what the device reported last: every report carries a text of its own.
	details string
}

// mostJobs is how many executions a thing has in these tests.
const mostJobs = 3

// registers are those of one thing, in queue order.
type registers [mostJobs]register

// kind is what a call does.
type kind string

const (
	startNext      kind = "start next"
	describeNext   kind = "describe $next"
	describe       kind = "describe"
	listPending    kind = "get pending"
	report         kind = "update"
	lookUp         kind = "describe (operator)"
	cancelOne      kind = "cancel execution (operator)"
	cancelWholeJob kind = "cancel job (operator)"
)

// call is what was asked.
type call struct {
	kind  kind
	thing int
	job   int // the place of the job in registers
	// The rest is for changes: what is reported, the version that is expected (0 for any), and whether a cancel is forced.
	status   jobs.ExecutionStatus
	details  string
	expected jobs.VersionNumber
	force    bool
}

// answer is what came back.
type answer struct {
	// code is 0 when the call succeeded; a refusal shows the execution, too.
	code  jobs.Code
	shown registers // those that the answer names; the others are zero
	// fate is set when the call had no proper answer.
	fate fate
}

type fate int

const (
	answered  fate = iota
	undone         // it failed, and nothing may have changed
	uncertain      // it may have happened or not
)

// possible lists the states that a call with that answer can leave behind; none if it cannot have been answered so.
func (s registers) possible(c call, a answer) []registers {
	next, right := s.apply(c)
	switch {
	case a.fate == undone:
		return []registers{s}
	case a.fate == uncertain:
		return []registers{s, next}
	case a == right:
		return []registers{next}
	default:
		return nil
	}
}

// apply is the rule: what the call makes of the registers, and what it is answered.
func (s registers) apply(c call) (registers, answer) {
	switch c.kind {
	case startNext:
		return s.start(c)
	case report:
		return s.report(c)
	case cancelOne:
		return s.cancel(c)
	case cancelWholeJob:
		if now := &s[c.job]; now.status == jobs.Queued || now.status == jobs.InProgress && c.force {
			now.status, now.version = jobs.Canceled, now.version+1
		}
		return s, answer{}
	case describeNext, describe, listPending, lookUp:
	}
	return s, s.read(c)
}

// next is the place of what StartNext takes: a running one first (HTTP-4.1); -1 when nothing is pending.
func (s registers) next() int {
	for _, status := range []jobs.ExecutionStatus{jobs.InProgress, jobs.Queued} {
		if i := slices.IndexFunc(s[:], func(r register) bool { return r.status == status }); i >= 0 {
			return i
		}
	}
	return -1
}

func (s registers) start(c call) (registers, answer) {
	i := s.next()
	if i < 0 {
		return s, answer{}
	}
	if s[i].status == jobs.Queued {
		s[i] = register{jobs.InProgress, s[i].version + 1, c.details}
	}
	return s, s.show(0, i)
}

func (s registers) report(c call) (registers, answer) {
	now := &s[c.job]
	switch {
	case c.expected != 0 && c.expected != now.version:
		return s, s.show(jobs.VersionMismatch, c.job)
	case now.status != jobs.Queued && now.status != jobs.InProgress:
		return s, s.show(jobs.InvalidStateTransition, c.job)
	}
	*now = register{c.status, now.version + 1, c.details}
	return s, s.show(0, c.job)
}

func (s registers) cancel(c call) (registers, answer) {
	now := &s[c.job]
	switch {
	case c.expected != 0 && c.expected != now.version:
		return s, answer{code: jobs.VersionConflict}
	case now.status == jobs.Queued || now.status == jobs.InProgress && c.force:
		now.status, now.version = jobs.Canceled, now.version+1
		return s, answer{}
	default:
		return s, s.show(jobs.InvalidStateTransition, c.job)
	}
}

// read is the answer of a call that changes nothing. To a device a terminal execution is refused (Q2).
func (s registers) read(c call) answer {
	switch next := s.next(); {
	case c.kind == listPending:
		return s.show(0, s.pending()...)
	case c.kind == describeNext && next < 0:
		return answer{}
	case c.kind == describeNext:
		return s.show(0, next)
	case c.kind == describe && !slices.Contains(s.pending(), c.job):
		return s.show(jobs.TerminalState, c.job)
	default:
		return s.show(0, c.job)
	}
}

// pending are the places of what is not over.
func (s registers) pending() (places []int) {
	for i, r := range s {
		if r.status == jobs.Queued || r.status == jobs.InProgress {
			places = append(places, i)
		}
	}
	return places
}

// show is the answer that names some of the executions.
func (s registers) show(code jobs.Code, places ...int) answer {
	a := answer{code: code}
	for _, i := range places {
		a.shown[i] = s[i]
	}
	return a
}

// thingModel is what porcupine checks: each thing by itself, with the first executions of so many jobs queued.
func thingModel(queued int) porcupine.Model {
	model := porcupine.NondeterministicModel{
		Partition: byThing,
		Init: func() []any {
			var s registers
			for i := range queued {
				s[i] = register{status: jobs.Queued, version: 1}
			}
			return []any{s}
		},
		Step: func(state, input, output any) (next []any) {
			for _, s := range state.(registers).possible(input.(call), output.(answer)) {
				next = append(next, s)
			}
			return next
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v → %v", input, output) },
		DescribeState:     func(state any) string { return fmt.Sprint(state) },
	}
	return model.ToModel()
}

func byThing(history []porcupine.Operation) [][]porcupine.Operation {
	var parts [mostThings][]porcupine.Operation
	for _, op := range history {
		thing := op.Input.(call).thing
		parts[thing] = append(parts[thing], op)
	}
	return parts[:]
}

func (c call) String() string {
	text := fmt.Sprintf("%s of j%d on t%d", c.kind, c.job, c.thing)
	if c.status != "" {
		text += fmt.Sprintf(" %s %q", c.status, c.details)
	}
	if c.expected != 0 {
		text += fmt.Sprintf(" expecting %d", c.expected)
	}
	if c.force {
		text += " by force"
	}
	return text
}

func (a answer) String() string {
	switch {
	case a.fate == undone:
		return "failed"
	case a.fate == uncertain:
		return "unknown"
	case a.code != 0:
		return a.code.Error() + a.shown.String()
	default:
		return "ok" + a.shown.String()
	}
}

func (s registers) String() string {
	var b strings.Builder
	for i, r := range s {
		if r.version != 0 {
			fmt.Fprintf(&b, " j%d %s %d %q", i, r.status, r.version, r.details)
		}
	}
	return b.String()
}
