package fleet

import (
	"cmp"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var seed = flag.Uint64("seed", 0, "seed of random tests; 0 draws one")

// faulty lets each device meet faults in a share of its requests, the same ones whatever the other devices do meanwhile.
func faulty(share float64, seed uint64) func(request) fault {
	chances := map[string]*rand.Rand{}
	return func(q request) fault {
		if chances[q.thing] == nil {
			hash := fnv.New64a()
			_, _ = hash.Write([]byte(q.thing)) // never fails
			chances[q.thing] = rand.New(rand.NewPCG(seed, hash.Sum64()))
		}
		chance := chances[q.thing]
		if chance.Float64() < share {
			return faults[chance.IntN(len(faults))]
		}
		return served
	}
}

// Whatever becomes of requests and answers, every change happens exactly once, and device and server count the same.
func TestLostAnswersAreRepaired(t *testing.T) {
	seed := cmp.Or(*seed, rand.Uint64())
	t.Logf("-seed %d", seed)
	for _, hidden := range []bool{false, true} {
		t.Run(fmt.Sprintf("state hidden %v", hidden), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFake(t)
				s.hideState, s.fault = hidden, faulty(0.3, seed)
				f := newFleet(s, 150)
				f.Client.Attempts = 2 // gives up often
				f.Behaviour.FailureShare = 0.2
				f.Behaviour.RejectShare = 0.2
				if err := f.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				counts := s.counts()
				wantEnded(t, f, s, counts)
				if counts[Succeeded]+counts[Failed]+counts[Rejected] != 150 || len(counts) != 3 {
					t.Errorf("counts: %v", counts)
				}
				for _, e := range s.all {
					if e.status == Succeeded && !slices.Equal(e.history, success) {
						t.Errorf("%s: %q", e.thing, e.history)
					}
					if e.version != int64(len(e.history))+1 || len(slices.Compact(slices.Clone(e.history))) != len(e.history) {
						t.Errorf("%s: version %d after %q", e.thing, e.version, e.history)
					}
				}
				// About 400 updates meet a fault after they happened in 12 of 100 cases.
				if got := f.Counts(); got.Repaired < 20 || got.Dropped != 0 {
					t.Errorf("%d repaired, %d dropped", got.Repaired, got.Dropped)
				}
				wantEveryFault(t, f.Client.Recorder)
			})
		})
	}
}

func wantEveryFault(t *testing.T, r *Recorder) {
	t.Helper()
	kinds := map[string]bool{}
	for _, e := range r.Errors() {
		kinds[e.Type] = true
	}
	for _, kind := range []string{NoAnswer, "InternalServerException", "ServiceUnavailableException", "ThrottlingException", "InvalidStateTransitionException"} {
		if !kinds[kind] {
			t.Errorf("no error of type %s was recorded: %v", kind, kinds)
		}
	}
	if r.Retries() == 0 {
		t.Error("no retry was recorded")
	}
}

// Each update of an execution meets each fault, with and without another attempt of the client.
func TestEveryUpdateMeetsEveryFault(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		for _, attempts := range []int{1, 2} {
			for _, fate := range faults {
				for n := 1; n <= 3; n++ {
					t.Run(fmt.Sprintf("fault %d at update %d, %d attempts, state hidden %v", fate, n, attempts, hidden), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							s := newFake(t)
							s.hideState, s.fault = hidden, updateMeets(map[int]fault{n: fate})
							happened := fate == lostAnswer || fate == failedAfter
							runThroughFaults(t, s, attempts, map[bool]int{true: 1}[happened])
						})
					})
				}
			}
		}
	}
}

// A device that does not know whether its update happened goes on not knowing when the next copy is refused for another reason.
func TestThrottlingDoesNotSettleALostAnswer(t *testing.T) {
	for _, attempts := range []int{1, 2, 3} {
		for n := 1; n <= 3; n++ {
			t.Run(fmt.Sprintf("update %d, %d attempts", n, attempts), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newFake(t)
					s.fault = updateMeets(map[int]fault{n: lostAnswer, n + 1: throttled})
					runThroughFaults(t, s, attempts, 1)
				})
			})
		}
	}
}

// updateMeets disturbs some of the updates, by their number among all of them.
func updateMeets(fates map[int]fault) func(request) fault {
	return func(q request) fault {
		if q.operation != UpdateJobExecution {
			return served
		}
		return fates[q.n]
	}
}

func runThroughFaults(t *testing.T, s *fake, attempts, repaired int) {
	t.Helper()
	f := newFleet(s, 1)
	f.Things = append(f.Things, "idle") // else the round in which the device fails is one in which no device got through
	f.Client.Attempts = attempts
	if err := f.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantEnded(t, f, s, map[Status]int{Succeeded: 1})
	if got := s.all[0].history; !slices.Equal(got, success) {
		t.Errorf("%q", got)
	}
	if got := f.Counts(); got.Repaired != repaired || got.Dropped != 0 || got.Started != 1 || got.Reports != 2 {
		t.Errorf("%+v", got)
	}
}

// A step is worked for once, also if its report must be sent again on a later visit.
func TestWorkIsDoneOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		s.fault = updateMeets(map[int]fault{1: unavailable, 2: lostAnswer, 4: throttled})
		f := newFleet(s, 1)
		f.Things = append(f.Things, "idle")
		f.Client.Attempts, f.Behaviour.StepTime = 1, time.Hour
		start := time.Now()
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start).Truncate(time.Minute); took != 3*time.Hour {
			t.Errorf("three reports of an hour each took %s", took)
		}
	})
}

// A 409 is the device's own doing only if the state is what it sent.
func TestSomebodyElseWasFaster(t *testing.T) {
	for _, fate := range []fault{served, lostRequest, lostAnswer} {
		for name, interfere := range map[string]func(*fakeExecution){
			"canceled":      func(e *fakeExecution) { e.change(Canceled, nil) },
			"same status":   func(e *fakeExecution) { e.change(InProgress, map[string]string{"step": "of another"}) },
			"same, further": func(e *fakeExecution) { e.change(InProgress, map[string]string{"step": "x"}); e.change(Failed, nil) },
		} {
			t.Run(fmt.Sprintf("%s, fault %d", name, fate), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newFake(t)
					f := newFleet(s, 1)
					s.fault = func(q request) fault {
						// The request that meets the fault is the second update; the interference comes just before it, or before its second copy.
						at := 2
						if fate != served {
							at = 3
						}
						if q.operation == UpdateJobExecution && q.n == at {
							interfere(s.all[0])
						}
						if q.operation == UpdateJobExecution && q.n == 2 {
							return fate
						}
						return served
					}
					if err := f.Run(t.Context()); err != nil {
						t.Fatal(err)
					}
					e, got := s.all[0], f.Counts()
					if got.Dropped != 1 || got.Repaired != 0 {
						t.Errorf("%+v, want one dropped and none repaired; %q", got, e.history)
					}
					if name == "same status" && e.status != Succeeded { // still pending, so the device took it up again
						t.Errorf("ended as %s, want SUCCEEDED: %q", e.status, e.history)
					}
					if name != "same status" && got.Total() != 0 {
						t.Errorf("%d counted as ended by the device", got.Total())
					}
				})
			})
		}
	}
}

// A lost answer that was settled says nothing of later updates: their 409 is somebody else's doing.
func TestDoubtEndsWithTheUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		s.hideState = true
		s.fault = func(q request) fault {
			switch {
			case q.operation == UpdateJobExecution && q.n == 1:
				return unavailable
			case q.operation == UpdateJobExecution && q.n == 4: // the end: two reports went before, the first of them twice
				s.all[0].change(Canceled, nil)
			}
			return served
		}
		f := newFleet(s, 1)
		f.Things = append(f.Things, "idle")
		f.Client.Attempts = 1
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.Counts(); got.Dropped != 1 || got.Total() != 0 {
			t.Errorf("%+v, want one dropped; %q", got, s.all[0].history)
		}
	})
}

func TestDeletedExecutionIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		f := newFleet(s, 1)
		s.fault = func(q request) fault {
			if q.operation == UpdateJobExecution && q.n == 2 {
				s.queues = map[string][]*fakeExecution{}
			}
			return served
		}
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.Counts(); got.Dropped != 1 || got.Total() != 0 {
			t.Errorf("%+v", got)
		}
	})
}
