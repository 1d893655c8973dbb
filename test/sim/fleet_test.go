package sim

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"iotjobs/internal/bubble"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store/storetest"
)

// How many devices there are; few are enough to find what is wrong on purpose.
const wholeFleet, smallFleet = 200, 60

// Rates of the jobs, per minute, and the in-progress timer of those that have one.
const (
	fastRate, slowRate = 40, 7
	patience           = 30 * time.Minute
)

// TestFleetInFakeTime lets a fleet work for hours of fake time on the real worker, whose ticks are late now and then. The machine fails, and is
// back ten minutes later. Afterwards every execution, job and device must tell the same story.
func TestFleetInFakeTime(t *testing.T) {
	seed := seeded(t)
	synctest.Test(t, func(t *testing.T) {
		for _, fault := range simulate(t, seed, wholeFleet, fault{}) {
			t.Error(fault)
		}
	})
}

// TestMutantFleetIsFound shows that the same checks find a store or a disk that is wrong in one way.
func TestMutantFleetIsFound(t *testing.T) {
	for name, wrong := range map[string]fault{
		"missed due time":          {mutate: reading(seeing{due: seldom()})},
		"job that is not woken":    {mutate: reading(seeing{dueJobs: noJobs})},
		"minute that is forgotten": {mutate: writing(withoutMinute, false)},
		"forgotten membership":     {mutate: reading(seeing{members: withoutSome})},
		"lost update":              {mutate: lostUpdate},
		"early answer":             {lyingDisk: true},
	} {
		t.Run(name, func(t *testing.T) {
			seed := seeded(t)
			synctest.Test(t, func(t *testing.T) {
				found := simulate(t, seed, smallFleet, wrong)
				if len(found) == 0 {
					t.Fatal("the checks found nothing")
				}
				t.Logf("%d faults, the first: %v", len(found), found[0])
			})
		})
	}
}

// simulate runs the fleet for some hours and returns what is wrong afterwards. It must be called in a bubble.
func simulate(t *testing.T, seed uint64, size int, wrong fault) []error {
	t.Helper()
	h := &house{t: t, random: roll(seed, 0), size: size, fault: wrong, disk: newDisk()}
	h.disk.lies = wrong.lyingDisk
	h.start()
	h.furnish()
	fleet := startFleet(t.Context(), h, seed)
	bubble.Advance(12 * time.Minute)
	h.crash()
	bubble.Advance(10 * time.Minute)
	h.start()
	bubble.Advance(3 * time.Hour)
	fleet.stop()
	bubble.Advance(patience + 2*latest) // for the timers of what was still going on
	found := append(fleet.faults(), h.check(fleet)...)
	if err := storetest.Check(t.Context(), h.store); err != nil {
		found = append(found, err)
	}
	h.stop()
	h.must(h.store.Close())
	return found
}

// furnish registers the fleet on two floors and creates the jobs.
func (h *house) furnish() {
	h.t.Helper()
	h.began = time.Now()
	var things []service.ThingImport
	for i := range h.size {
		in := service.CreateThingInput{Name: deviceName(i)}
		things = append(things, service.ThingImport{CreateThingInput: in, Groups: []registry.GroupName{registry.GroupName(floors(i % 2)[0].Name)}})
	}
	_, err := h.service.ImportThings(h.t.Context(), service.ImportThingsInput{Things: things, CreateMissing: true})
	h.must(err)
	at := func(after time.Duration) string { return h.began.UTC().Add(after).Format(time.RFC3339) }
	for id, config := range map[jobs.JobID]jobs.Config{
		"quick": {
			TargetSelection: jobs.Snapshot, Targets: floors(0, 1), Rollout: jobs.RolloutRate{MaximumPerMinute: fastRate}, InProgressTimeout: patience,
			Retries: []jobs.RetryCriterion{{FailureType: jobs.AnyFailure, NumberOfRetries: 3}},
		},
		"slow": {TargetSelection: jobs.Snapshot, Targets: floors(0), Rollout: jobs.RolloutRate{MaximumPerMinute: slowRate}},
		"later": {
			TargetSelection: jobs.Continuous, Targets: floors(1), Rollout: jobs.RolloutRate{MaximumPerMinute: fastRate}, InProgressTimeout: patience,
			Schedule: jobs.Schedule{StartTime: at(laterStarts), EndTime: at(laterEnds), EndBehavior: jobs.ForceCancel},
		},
	} {
		config.Document = "{}"
		_, err := h.service.CreateJob(h.t.Context(), service.CreateJobInput{ID: id, Config: config})
		h.must(err)
	}
}

// When the scheduled job starts and ends.
const laterStarts, laterEnds = 45 * time.Minute, 145 * time.Minute

func floors(numbers ...int) (targets []jobs.Target) {
	for _, n := range numbers {
		targets = append(targets, jobs.Target{Kind: jobs.GroupTarget, Name: fmt.Sprintf("floor%d", n)})
	}
	return targets
}

func deviceName(i int) registry.ThingName { return registry.ThingName(fmt.Sprintf("device%03d", i)) }
