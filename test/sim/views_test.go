package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func sortedKeys[K cmp.Ordered, V any](of map[K]V) []K { return slices.Sorted(maps.Keys(of)) }

func compareNames(a, b registry.ThingName) int { return cmp.Compare(a, b) }

// said is a row as an answer shows it.
func (r row) said(id jobs.JobID) string { return fmt.Sprintf("%s %s", id, r) }

// refusedWith renders a refusal, or nothing.
func refusedWith(code jobs.Code) string {
	if code == 0 {
		return ""
	}
	return "refused: " + code.Error()
}

// rendered is what a call shows or why it was refused; any other error stays one.
func rendered(shown string, err error) (string, error) {
	if refusal, ok := errors.AsType[*jobs.Error](err); ok {
		return refusedWith(refusal.Code), nil
	}
	return shown, err
}

// view is one question to an API about a thing, and the answer that is right.
type view struct {
	name string
	want string
	ask  func(context.Context, *service.Service) (string, error)
}

// compareViews asks every API about a thing and compares the answers with the model.
func (m *model) compareViews(ctx context.Context, s *service.Service, name registry.ThingName, ids []jobs.JobID, r *rand.Rand) error {
	views := []view{m.pendingView(name), m.nextView(name), m.historyView(name, "", r), m.groupsView(name)}
	for _, status := range jobs.ExecutionStatuses() {
		if r.IntN(4) == 0 {
			views = append(views, m.historyView(name, status, r))
		}
	}
	for _, id := range ids {
		views = append(views, m.executionViews(address{thing: name, job: id, number: jobs.ExecutionNumber(r.IntN(4))})...)
		views = append(views, m.executionViews(address{thing: name, job: id})...)
	}
	for _, v := range views {
		if err := v.compare(ctx, s); err != nil {
			return fmt.Errorf("thing %s: %w", name, err)
		}
	}
	return nil
}

// compare asks the question.
func (v view) compare(ctx context.Context, s *service.Service) error {
	got, err := rendered(v.ask(ctx, s))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s: %w", errBroken, v.name, err)
	case got != v.want:
		return fmt.Errorf("%s shows\n%s\nshould show\n%s", v.name, got, v.want)
	}
	return nil
}

// pendingView is GetPendingJobExecutions: at most ten of ordinary jobs and five of those with windows (Q6).
func (m *model) pendingView(name registry.ThingName) view {
	v := view{name: "GetPendingJobExecutions", want: refusedWith(jobs.ResourceNotFound)}
	if t := m.things[name]; t != nil {
		running, waiting := m.offered(t)
		list := func(of []*modelJob) (said []string) {
			for _, j := range of {
				said = append(said, j.pendingOn(t.number).said(j.id))
			}
			return said
		}
		v.want = fmt.Sprint(list(running), list(waiting))
	}
	v.ask = func(ctx context.Context, s *service.Service) (string, error) {
		out, err := s.GetPendingJobExecutions(ctx, service.GetPendingJobExecutionsInput{Thing: name})
		list := func(of []service.PendingExecution) (said []string) {
			for _, e := range of {
				said = append(said, rowOf(e.Execution).said(e.JobID))
			}
			return said
		}
		return fmt.Sprint(list(out.InProgress), list(out.Queued)), err
	}
	return v
}

const nothing = "nothing"

// nextView is DescribeJobExecution of $next.
func (m *model) nextView(name registry.ThingName) view {
	v := view{name: "DescribeJobExecution of $next", want: refusedWith(jobs.ResourceNotFound)}
	if t := m.things[name]; t != nil {
		v.want = nothing
		if j, r := m.next(t); r != nil {
			v.want = r.said(j.id)
		}
	}
	v.ask = func(ctx context.Context, s *service.Service) (string, error) {
		out, err := s.DescribePendingJobExecution(ctx, service.DescribePendingJobExecutionInput{Thing: name, JobID: jobs.NextJobID})
		return saidByDevice(out), err
	}
	return v
}

func saidByDevice(out service.DeviceExecutionOutput) string {
	if out.Execution == nil {
		return nothing
	}
	return rowOf(*out.Execution).said(out.JobID)
}

// executionViews are DescribeJobExecution of both planes. To a device a terminal one is refused (Q2).
func (m *model) executionViews(at address) []view {
	control := view{name: fmt.Sprintf("DescribeJobExecution %d of job %s", at.number, at.job), want: refusedWith(jobs.ResourceNotFound)}
	device := control
	device.name += " for the device"
	if _, _, r := m.find(at); r != nil {
		control.want, device.want = r.said(at.job), r.said(at.job)
		if !r.pending() {
			device.want = refusedWith(jobs.TerminalState)
		}
	}
	control.ask = func(ctx context.Context, s *service.Service) (string, error) {
		e, err := s.DescribeJobExecution(ctx, service.JobExecutionInput{Thing: at.thing, JobID: at.job, ExecutionNumber: at.number})
		return rowOf(e).said(at.job), err
	}
	device.ask = func(ctx context.Context, s *service.Service) (string, error) {
		in := service.DescribePendingJobExecutionInput{Thing: at.thing, JobID: at.job, ExecutionNumber: at.number}
		out, err := s.DescribePendingJobExecution(ctx, in)
		return saidByDevice(out), err
	}
	return []view{control, device}
}

// historyView is ListJobExecutionsForThing: the newest job first, of each the newest execution.
func (m *model) historyView(name registry.ThingName, status jobs.ExecutionStatus, r *rand.Rand) view {
	v := view{name: "ListJobExecutionsForThing in status " + string(status), want: refusedWith(jobs.ResourceNotFound)}
	if t := m.things[name]; t != nil {
		said := []string{}
		byAge := m.jobsByAge()
		slices.Reverse(byAge)
		for _, j := range byAge {
			for _, row := range newestFirst(j.rows[t.number]) {
				if status == "" || row.status == status {
					said = append(said, row.said(j.id))
				}
			}
		}
		v.want = fmt.Sprint(said)
	}
	v.ask = func(ctx context.Context, s *service.Service) (string, error) {
		said := []string{}
		err := pages(r, func(p service.Page) (string, error) {
			out, err := s.ListJobExecutionsForThing(ctx, service.ListJobExecutionsForThingInput{Thing: name, Status: status, Page: p})
			for _, e := range out.Executions {
				said = append(said, rowOf(e.Execution).said(e.JobID))
			}
			return out.NextToken, err
		})
		return fmt.Sprint(said), err
	}
	return v
}

// groupsView is ListThingGroupsForThing.
func (m *model) groupsView(name registry.ThingName) view {
	v := view{name: "ListThingGroupsForThing", want: refusedWith(jobs.ResourceNotFound)}
	if t := m.things[name]; t != nil {
		said := []string{}
		for _, g := range t.direct {
			if !m.groups[g].deleted {
				said = append(said, string(m.groups[g].name))
			}
		}
		slices.Sort(said)
		v.want = fmt.Sprint(said)
	}
	v.ask = func(ctx context.Context, s *service.Service) (string, error) {
		out, err := s.ListThingGroupsForThing(ctx, service.ListThingGroupsForThingInput{Thing: name})
		said := []string{}
		for _, g := range out.Groups {
			said = append(said, string(g.Name))
		}
		slices.Sort(said)
		return fmt.Sprint(said), err
	}
	return v
}

// membersView is ListThingsInThingGroup.
func (m *model) membersView(name registry.GroupName, recursive bool, r *rand.Rand) view {
	v := view{name: fmt.Sprintf("ListThingsInThingGroup of %s (recursive %v)", name, recursive), want: refusedWith(jobs.ResourceNotFound)}
	if group, ok := m.names[name]; ok {
		said := []registry.ThingName{}
		for _, t := range m.thingsByName() {
			if recursive && m.in(t.direct, group) || slices.Contains(t.direct, group) {
				said = append(said, t.name)
			}
		}
		v.want = fmt.Sprint(said)
	}
	v.ask = func(ctx context.Context, s *service.Service) (string, error) {
		said := []registry.ThingName{}
		err := pages(r, func(p service.Page) (string, error) {
			out, err := s.ListThingsInThingGroup(ctx, service.ListThingsInThingGroupInput{Group: name, Recursive: recursive, Page: p})
			said = append(said, out.Things...)
			return out.NextToken, err
		})
		return fmt.Sprint(said), err
	}
	return v
}
