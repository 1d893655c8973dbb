package fleet

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"
)

// Behaviour is how devices work.
type Behaviour struct {
	// FailureShare and RejectShare are how many executions of one end as FAILED and REJECTED, 0 to 1 together; the rest succeeds.
	FailureShare, RejectShare float64
	// Steps are reported one after the other while an execution is in progress.
	Steps []string
	// StepTime is how long a device works before each report.
	StepTime time.Duration
	// Seed makes a run repeatable: how an execution ends depends on it and on the execution's thing, job and number, and on nothing else.
	Seed uint64
}

// plan is how one execution will go.
type plan struct {
	end Status
	// steps is how many of Behaviour.Steps are reported; a failing device stops before or after any of them.
	steps int
}

func (b Behaviour) plan(thing ThingName, job JobID, number int64) plan {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(string(thing) + "\x00" + string(job) + "\x00" + strconv.FormatInt(number, 10))) // never fails
	random := rand.New(rand.NewPCG(b.Seed, hash.Sum64()))
	switch draw := random.Float64(); {
	case draw < b.FailureShare:
		return plan{Failed, random.IntN(len(b.Steps) + 1)}
	case draw < b.FailureShare+b.RejectShare:
		return plan{Rejected, 0}
	}
	return plan{Succeeded, len(b.Steps)}
}

// details are the status details that go with a report: the step and how far the work is.
func (b Behaviour) details(step int) map[string]string {
	return map[string]string{"step": b.Steps[step], "progress": strconv.Itoa(100*(step+1)/(len(b.Steps)+1)) + "%"}
}

func endDetails(p plan) map[string]string {
	if p.end == Failed {
		return map[string]string{"reason": "simulated failure after " + strconv.Itoa(p.steps) + " steps"}
	}
	if p.end == Rejected {
		return map[string]string{"reason": "simulated rejection"}
	}
	return map[string]string{"step": "done", "progress": "100%"}
}
