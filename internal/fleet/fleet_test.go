package fleet

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// newFleet has things with one execution each.
func newFleet(f *fake, n int) *Fleet {
	f.t.Helper()
	things := NumberedThings("thing-", n)
	f.queue("job-1", things...)
	return &Fleet{Client: f.client(), Things: things, Workers: 8, Behaviour: Behaviour{Steps: []string{"download", "install"}, Seed: 1}}
}

// success is how an execution goes, whatever becomes of requests and answers.
var success = []string{"IN_PROGRESS started", "IN_PROGRESS download", "IN_PROGRESS install", "SUCCEEDED done"}

func wantEnded(t *testing.T, f *Fleet, s *fake, want map[Status]int) {
	t.Helper()
	if got := s.counts(); !maps.Equal(got, want) {
		t.Errorf("the server has %v, want %v", got, want)
	}
	if got := f.Counts().Ended; !maps.Equal(got, want) {
		t.Errorf("the devices counted %v, want %v", got, want)
	}
}

func TestFleetWorksUntilNothingIsPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		f := newFleet(s, 100)
		s.queue("job-2", f.Things[:50]...)
		s.queue("job-3", f.Things[:1]...)
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantEnded(t, f, s, map[Status]int{Succeeded: 151})
		for _, e := range s.all {
			if !slices.Equal(e.history, success) || e.version != 5 {
				t.Errorf("%s %s: version %d, %q", e.thing, e.job, e.version, e.history)
			}
		}
		if got := f.Counts("job-2", "job-3").Total(); got != 51 {
			t.Errorf("job-2 and job-3: %d ended, want 51", got)
		}
		if got := f.Counts(); got.Started != 151 || got.Reports != 302 || got.Repaired != 0 || got.Dropped != 0 {
			t.Errorf("counts: %+v", got)
		}
		if s.most != 8 {
			t.Errorf("%d calls at the same time, want one by each of 8 workers", s.most)
		}
		latencies := map[Operation]int{}
		for _, l := range f.Client.Recorder.Latencies() {
			latencies[l.Operation] = l.Calls
			if l.P50 != serviceTime || l.P99 != serviceTime || l.Max != serviceTime {
				t.Errorf("latency: %+v", l)
			}
		}
		// Each device polls once per execution, once more to see that it is done, and once in the last round.
		want := map[Operation]int{GetPendingJobExecutions: 351, StartNextPendingJobExecution: 151, UpdateJobExecution: 453}
		if !maps.Equal(latencies, want) {
			t.Errorf("calls %v, want %v", latencies, want)
		}
		if got := f.Client.Recorder.Errors(); len(got) != 0 {
			t.Errorf("errors: %v", got)
		}
	})
}

// A server that does not count one version per update is reported, not believed.
func TestUpdateThatSkipsAVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		s.queue("job-1", "t")
		s.skipVersions = true
		client := s.client()
		err := client.UpdateJobExecution(t.Context(), Update{Thing: "t", Job: "job-1", Status: Succeeded, ExpectedVersion: 1, ExecutionNumber: 1})
		if !is(err, "UnexpectedVersion") || len(client.Recorder.Errors()) != 1 {
			t.Errorf("got %v, recorded %v", err, client.Recorder.Errors())
		}
	})
}

func TestSharesAreKeptAndRepeatable(t *testing.T) {
	const n = 4000
	ends := func(seed uint64) (map[Status]int, []Status) {
		b := Behaviour{FailureShare: 0.2, RejectShare: 0.05, Steps: []string{"a", "b"}, Seed: seed}
		counts, all := map[Status]int{}, make([]Status, n)
		for i, thing := range NumberedThings("thing-", n) {
			p := b.plan(thing, "job-1", 1)
			counts[p.end]++
			all[i] = p.end
			if want := map[Status]int{Succeeded: 2, Rejected: 0}; p.end != Failed && p.steps != want[p.end] || p.steps > 2 {
				t.Fatalf("%s: %+v", thing, p)
			}
		}
		return counts, all
	}
	for seed := range uint64(20) {
		counts, all := ends(seed)
		for status, share := range map[Status]float64{Failed: 0.2, Rejected: 0.05, Succeeded: 0.75} {
			if off := math.Abs(float64(counts[status])-n*share) / math.Sqrt(n*share*(1-share)); off > 4 {
				t.Errorf("seed %d: %d of %d are %s, that is %.1f standard deviations off %g", seed, counts[status], n, status, off, share)
			}
		}
		if _, again := ends(seed); !slices.Equal(all, again) {
			t.Errorf("seed %d: another run differs", seed)
		}
		if _, other := ends(seed + 1); slices.Equal(all, other) {
			t.Errorf("seeds %d and %d give the same", seed, seed+1)
		}
	}
}

// How executions end does not depend on how many devices work at the same time; what is rejected was never started.
func TestFleetKeepsItsShares(t *testing.T) {
	var before []Status
	for _, workers := range []int{1, 16} {
		synctest.Test(t, func(t *testing.T) {
			s := newFake(t)
			f := newFleet(s, 200)
			f.Workers, f.Behaviour.FailureShare, f.Behaviour.RejectShare = workers, 0.3, 0.2
			if err := f.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			counts := s.counts()
			wantEnded(t, f, s, counts)
			if counts[Failed] < 40 || counts[Failed] > 80 || counts[Rejected] < 20 || counts[Rejected] > 60 || counts[Failed]+counts[Rejected]+counts[Succeeded] != 200 {
				t.Errorf("counts: %v", counts)
			}
			var ends []Status
			for _, e := range s.all {
				ends = append(ends, e.status)
				if e.status == Rejected && e.version != 2 {
					t.Errorf("%s was started before it was rejected: %q", e.thing, e.history)
				}
			}
			if before != nil && !slices.Equal(before, ends) {
				t.Error("with other workers other executions fail")
			}
			before = ends
		})
	}
}

// A device that stopped in the middle, or never started, is no obstacle: what is in progress is handed out again.
func TestFleetTakesUpWhatIsInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		f := newFleet(s, 2)
		s.all[0].change(InProgress, map[string]string{"step": "download"})
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantEnded(t, f, s, map[Status]int{Succeeded: 2})
	})
}

func TestFleetGoesOnUntilEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		f := newFleet(s, 3)
		rounds := 0
		f.Ended = func(context.Context) (bool, error) {
			if rounds++; rounds == 2 {
				s.queue("late", f.Things...)
			}
			return rounds == 4, nil
		}
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantEnded(t, f, s, map[Status]int{Succeeded: 6})
		f.Ended = func(context.Context) (bool, error) { return false, errors.New("no such job") }
		if err := f.Run(t.Context()); err == nil || err.Error() != "no such job" {
			t.Errorf("got %v", err)
		}
	})
}

// Polls that fail now and then keep no fleet going, but a device with work that has not got through does.
func TestFleetStopsWhenEachDeviceWasFoundIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		f := newFleet(s, 3)
		f.Client.Attempts = 1
		s.fault = func(q request) fault {
			switch {
			case q.operation == StartNextPendingJobExecution && q.thing == "thing-000003" && q.n <= 5: // its first tries
				return throttled
			case q.operation == GetPendingJobExecutions && q.thing == "thing-000001" && q.n > 10: // all but its first polls
				return unavailable
			}
			return served
		}
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantEnded(t, f, s, map[Status]int{Succeeded: 3})
	})
}

func TestRoundsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		f := newFleet(s, 3)
		f.Rounds, f.Ended = 3, func(context.Context) (bool, error) { return false, nil }
		if err := f.Run(t.Context()); !errors.Is(err, ErrRoundsUsed) {
			t.Errorf("got %v", err)
		}
		if got := s.requests(GetPendingJobExecutions); got != 4*3 {
			t.Errorf("%d polls, want 12: three devices, one execution each, three rounds", got)
		}
	})
}

func TestNoDeviceGetsThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		f := newFleet(s, 3)
		f.Client.Attempts = 2
		s.fault = func(request) fault { return unavailable }
		err := f.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "no device got through: thing-00000") || !is(err, "ServiceUnavailableException") {
			t.Errorf("got %v", err)
		}
	})
}

func TestFleetEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		f := newFleet(s, 50)
		f.Behaviour.StepTime = time.Hour
		why := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 90*time.Minute, why)
		defer cancel()
		if err := f.Run(ctx); !errors.Is(err, why) {
			t.Errorf("got %v, want %v", err, why)
		}
		if got := f.Counts(); got.Reports != f.Workers {
			t.Errorf("%d reports after an hour and a half, want one by each of %d workers", got.Reports, f.Workers)
		}
	})
}
