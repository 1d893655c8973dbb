package sim

import (
	"errors"
	"testing"
)

// worldsPerMutant is how many worlds a mutant may survive. Most fall in the first, all within some.
const worldsPerMutant = 200

// TestMutantServiceLeavesItsModel shows that random worlds find stores and disks that are wrong in one way, by what they show.
func TestMutantServiceLeavesItsModel(t *testing.T) {
	for name, wrong := range map[string]fault{
		"missed due time":                  {mutate: reading(seeing{due: withoutLast})},
		"job that is not woken":            {mutate: reading(seeing{dueJobs: noJobs})},
		"early answer":                     {lyingDisk: true},
		"forgotten membership":             {mutate: reading(seeing{members: withoutSome})},
		"membership of now for a snapshot": {mutate: reading(seeing{asOf: asOfNow}), shape: unhurried},
		"cancel not seen":                  {mutate: reading(seeing{thing: beforeCancel}), shape: crowded},
		"rejections that are not counted":  {mutate: reading(seeing{counters: withoutRejected})},
		"minute that is forgotten":         {mutate: writing(withoutMinute, false)},
		"marks that are lost":              {mutate: writing(nil, true)},
		"lost update":                      {mutate: lostUpdate},
		"change that failed and was made":  {mutate: doneAfterAll},
		"stale read":                       {mutate: staleRead},
	} {
		t.Run(name, func(t *testing.T) {
			seed := seeded(t)
			for i := range uint64(worldsPerMutant) {
				p := play{seed: seed + i, kept: all(steps), fault: wrong}
				err := p.run(t.Context(), logger(t))
				if err == nil {
					continue
				}
				t.Logf("found in world %d: %v", i, err)
				if errors.Is(err, errBroken) {
					t.Error("a mutant that fails shows nothing")
				}
				return
			}
			t.Errorf("%d worlds found nothing", worldsPerMutant)
		})
	}
}

// unhurried is a world whose rollouts take their time.
func unhurried(s *shape) { s.virtual, s.perMinute = false, 2 }

// crowded is a world in which jobs are larger than a step.
func crowded(s *shape) { s.virtual, s.things, s.perMinute = false, largeWorld, 1000 }
