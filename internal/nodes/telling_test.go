package nodes_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/bubble"
	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
)

// overhear gathers what nodes tell each other.
func (h *house) overhear() (told func() []store.Hint) {
	heard := make(chan store.Hint, 100)
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.store.Hints(ctx, func(hint store.Hint) { heard <- hint }) }()
	h.t.Cleanup(func() {
		cancel()
		h.must(<-ended)
	})
	return func() (all []store.Hint) {
		bubble.Advance(time.Second)
		for len(heard) > 0 {
			all = append(all, <-heard)
		}
		return all
	}
}

// TestThingsAreToldIfWanted: without, what devices do is told only as far as it concerns jobs.
func TestThingsAreToldIfWanted(t *testing.T) {
	inHouse(t, func(h *house) {
		a := h.open("a", false)
		names := a.fleet(1)
		a.job("j", jobs.Config{})
		told := h.overhear()
		told() // of what was made here
		report := func(status jobs.ExecutionStatus) {
			t.Helper()
			_, err := a.UpdateJobExecution(t.Context(), service.UpdateJobExecutionInput{Thing: names[0], JobID: "j", Report: jobs.Report{Status: status}})
			h.must(err)
		}
		report(jobs.InProgress)
		_, err := a.CreateThing(t.Context(), service.CreateThingInput{Name: "another"})
		h.must(err)
		if got := told(); len(got) != 0 {
			t.Errorf("told %+v, want nothing", got)
		}
		a.node.TellThings = true
		report(jobs.InProgress)
		if got := told(); len(got) != 1 || !slices.Equal(got[0].Things, names) || len(got[0].Jobs) != 0 {
			t.Errorf("told %+v, want that %s has changed", got, names[0])
		}
		a.node.TellThings = false
		report(jobs.Succeeded)
		if got := told(); len(got) != 1 || len(got[0].Things) != 0 || len(got[0].Jobs) != 1 {
			t.Errorf("told %+v, want that the job has something to do", got)
		}
	})
}
