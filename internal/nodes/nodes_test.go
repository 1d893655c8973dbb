package nodes_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"iotjobs/internal/bubble"
	"iotjobs/internal/jobs"
	"iotjobs/internal/nodes"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
)

// shares counts the shards of each node, and demands that no shard has two.
func shares(t *testing.T, residents ...*resident) (of []int, all int) {
	t.Helper()
	of = make([]int, len(residents))
	for shard := range uint64(16) {
		owners := 0
		for i, r := range residents {
			if r.node.Owns(shard) {
				of[i]++
				owners++
			}
		}
		if owners > 1 {
			t.Errorf("shard %d has %d owners", shard, owners)
		}
		all += owners
	}
	return of, all
}

func TestNodesShareTheShards(t *testing.T) {
	inHouse(t, func(h *house) {
		a := h.open("a", false)
		if _, all := shares(t, a); all != 16 {
			t.Fatalf("a node that is alone owns %d shards, want all", all)
		}
		b := h.open("b", false)
		c := h.open("c", false)
		bubble.Advance(5 * time.Second)
		if of, all := shares(t, a, b, c); all != 16 || min(of[0], of[1], of[2]) < 5 {
			t.Errorf("three nodes own %v shards, want a third each", of)
		}
		c.stop()
		h.must(c.node.Leave(h.t.Context()))
		bubble.Advance(5 * time.Second)
		if of, all := shares(t, a, b); all != 16 || of[0] != 8 {
			t.Errorf("after one has left, they own %v, want a half each", of)
		}
		b.stop() // dies
		for range 20 {
			bubble.Advance(time.Second)
			shares(t, a, b)
		}
		if of, all := shares(t, a); all != 16 {
			t.Errorf("20 s after the other has died, one owns %v shards, want all", of)
		}
	})
}

func TestALeaseIsHeldByOneAndGivenBack(t *testing.T) {
	inHouse(t, func(h *house) {
		a, b := h.open("a", false), h.open("b", false)
		holds := func(r *resident) store.Lease {
			held, err := r.node.Hold(h.t.Context(), "job/1")
			h.must(err)
			return held["job/1"]
		}
		first := holds(a)
		for range 30 { // longer than it lasts without renewal
			bubble.Advance(time.Second)
			if got := holds(a); got != first || first.Epoch == 0 {
				t.Fatalf("a holds %+v, then %+v", first, got)
			}
			if got := holds(b); got.Epoch != 0 {
				t.Fatalf("b got %+v, which a holds", got)
			}
		}
		bubble.Advance(8 * time.Second) // a has no work any more
		if got := holds(b); got.Epoch <= first.Epoch {
			t.Errorf("b got %+v after a had no work, want a higher epoch than %d", got, first.Epoch)
		}
		if got := holds(a); got.Epoch != 0 {
			t.Errorf("a got %+v, which b holds", got)
		}
	})
}

// TestANodeWithoutTheStoreStopsBeforeOthersBegin: its shards and leases are not trusted by the time that another can take them.
func TestANodeWithoutTheStoreStopsBeforeOthersBegin(t *testing.T) {
	inHouse(t, func(h *house) {
		a, b := h.open("a", false), h.open("b", false)
		bubble.Advance(5 * time.Second)
		a.way.cut.Store(true)
		for range 40 {
			bubble.Advance(500 * time.Millisecond)
			shares(t, a, b)
		}
		if of, _ := shares(t, a, b); of[0] != 0 || of[1] != 16 {
			t.Errorf("20 s after a was cut off they own %v shards, want 0 and 16", of)
		}
		if a.node.Ready() == nil || b.node.Ready() != nil {
			t.Errorf("ready: a %v, b %v; want only b", a.node.Ready(), b.node.Ready())
		}
		a.way.cut.Store(false)
		bubble.Advance(5 * time.Second)
		if of, _ := shares(t, a, b); of[0] != 8 || a.node.Ready() != nil {
			t.Errorf("after a is back they own %v shards, and a says %v", of, a.node.Ready())
		}
	})
}

// TestAJobIsSteppedByItsOwner: the job is created on a node that does no work, with more things than CreateJob queues itself.
func TestAJobIsSteppedByItsOwner(t *testing.T) {
	for name, test := range map[string]struct {
		deaf   bool
		within time.Duration
	}{"with hints": {false, time.Second}, "with every hint lost": {true, 10 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				a, b := h.open("a", false), h.open("b", true)
				names := a.fleet(300)
				bubble.Advance(5*time.Second + 5*time.Millisecond) // so that no interval of b ends just now
				h.store.deaf.Store(test.deaf)
				a.job("j", jobs.Config{})
				bubble.Advance(test.within)
				if _, counters := h.stored(); counters.Of(jobs.Queued) != 300 {
					t.Errorf("%d queued after %s, want 300", counters.Of(jobs.Queued), test.within)
				}
				for _, name := range names {
					_, err := a.UpdateJobExecution(h.t.Context(), service.UpdateJobExecutionInput{Thing: name, JobID: "j", Report: jobs.Report{Status: jobs.Succeeded}})
					h.must(err)
				}
				bubble.Advance(test.within)
				if job, _ := h.stored(); job.Status != jobs.JobCompleted {
					t.Errorf("the job is %s %s after its last device reported to the other node, want COMPLETED", job.Status, test.within)
				}
				_ = b
			})
		})
	}
}

// TestAHintIsFasterThanTheInterval shows that it is the hint that does it.
func TestAHintIsFasterThanTheInterval(t *testing.T) {
	inHouse(t, func(h *house) {
		a := h.open("a", false)
		h.open("b", true)
		a.fleet(300)
		bubble.Advance(5*time.Second + 10*time.Millisecond)
		a.job("j", jobs.Config{})
		bubble.Advance(100 * time.Millisecond)
		if _, counters := h.stored(); counters.Of(jobs.Queued) != 300 {
			t.Errorf("%d queued 100 ms after the job was created on another node, want 300", counters.Of(jobs.Queued))
		}
	})
}

// TestWorkGoesOnWhenItsOwnerDies, at no more than its rate.
func TestWorkGoesOnWhenItsOwnerDies(t *testing.T) {
	inHouse(t, func(h *house) {
		a := h.open("a", true)
		a.fleet(400)
		a.job("j", jobs.Config{Rollout: jobs.RolloutRate{MaximumPerMinute: 100}})
		bubble.Advance(5 * time.Second)
		b, c := h.open("b", true), h.open("c", true)
		_, _ = b, c
		bubble.Advance(65 * time.Second)
		a.stop()
		last := int64(0)
		for minute := range 5 {
			_, counters := h.stored()
			if released := counters.Of(jobs.Queued); released-last > 100 && minute > 0 {
				t.Errorf("minute %d: %d released, %d before", minute, released, last)
			} else {
				last = released
			}
			bubble.Advance(time.Minute)
		}
		if last != 400 {
			t.Errorf("%d released in the end, want 400", last)
		}
	})
}

// TestAStepUnderALostLeaseDoesNothing: a node that slept does not know that another has its work now.
func TestAStepUnderALostLeaseDoesNothing(t *testing.T) {
	inHouse(t, func(h *house) {
		a, b := h.open("a", false), h.open("b", false)
		a.fleet(300)
		a.job("j", jobs.Config{})
		job, before := h.stored()
		name := fmt.Sprintf("job/%d", job.Number)
		held, err := a.node.Hold(h.t.Context(), name)
		h.must(err)
		h.must(h.store.Release(h.t.Context(), held[name]))
		taken, err := b.node.Hold(h.t.Context(), name)
		h.must(err)
		if taken[name].Epoch <= held[name].Epoch {
			t.Fatalf("b took %+v from %+v", taken[name], held[name])
		}
		h.must(a.RunSteps(h.t.Context()))
		if _, after := h.stored(); after != before {
			t.Errorf("a node without its lease went from %v to %v", before, after)
		}
		h.must(b.RunSteps(h.t.Context()))
		if _, after := h.stored(); after.Of(jobs.Queued) != 300 {
			t.Errorf("the holder of the lease has queued %d, want 300", after.Of(jobs.Queued))
		}
	})
}

// TestEveryTimerFiresOnce on three nodes, one of which dies meanwhile.
func TestEveryTimerFiresOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		a, b, c := h.open("a", true), h.open("b", true), h.open("c", true)
		names := a.fleet(500)
		a.job("j", jobs.Config{InProgressTimeout: time.Minute})
		bubble.Advance(5 * time.Second)
		for i, name := range names {
			r := []*resident{a, b, c}[i%3]
			_, err := r.StartNextPendingJobExecution(h.t.Context(), service.StartNextPendingJobExecutionInput{Thing: name})
			h.must(err)
		}
		bubble.Advance(58 * time.Second)
		c.stop()
		bubble.Advance(20 * time.Second)
		for _, name := range names {
			e, err := a.DescribeJobExecution(h.t.Context(), service.JobExecutionInput{Thing: name, JobID: "j"})
			h.must(err)
			if e.Status != jobs.TimedOut || e.Version != 3 {
				t.Fatalf("execution of %s is %s version %d, want TIMED_OUT version 3", name, e.Status, e.Version)
			}
		}
		if job, _ := h.stored(); job.Status != jobs.JobCompleted {
			t.Errorf("the job is %s, want COMPLETED", job.Status)
		}
	})
}

func TestAClockThatIsOffIsNoticed(t *testing.T) {
	inHouse(t, func(h *house) {
		for _, test := range []struct {
			off   time.Duration
			right bool
		}{{0, true}, {9 * time.Second, true}, {11 * time.Second, false}, {-11 * time.Second, false}} {
			a := h.open("off "+test.off.String(), false)
			a.stop()
			a.node.Now = func() time.Time { return time.Now().Add(test.off) }
			h.must(a.node.Join(h.t.Context()))
			if err := a.node.Ready(); (err == nil) != test.right || !test.right && !errors.Is(err, nodes.ErrSkew) {
				t.Errorf("a clock that is off by %s: %v", test.off, err)
			}
			if skew := a.node.Skew(); skew != test.off {
				t.Errorf("a clock that is off by %s is measured as %s", test.off, skew)
			}
		}
	})
}
