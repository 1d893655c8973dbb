package cluster

import (
	"cmp"
	"fmt"
	"slices"
)

// rateKept demands that no minute has more executions queued than the rate, wherever it begins. Times are whole seconds on the wire, so a minute is a
// second short.
func rateKept(executions []listed, rate int) error {
	slices.SortFunc(executions, func(a, b listed) int { return cmp.Compare(a.Summary.QueuedAt, b.Summary.QueuedAt) })
	for i := rate; i < len(executions); i++ {
		if first, last := executions[i-rate].Summary.QueuedAt, executions[i].Summary.QueuedAt; last-first < 59 {
			return fmt.Errorf("%d were released within %.3f s, and the rate is %d a minute", rate+1, last-first, rate)
		}
	}
	seen := map[string]bool{}
	for _, e := range executions {
		if seen[e.ThingARN] || e.Summary.ExecutionNumber != 1 {
			return fmt.Errorf("%s was released twice", e.ThingARN)
		}
		seen[e.ThingARN] = true
	}
	return nil
}
