package main

import (
	"fmt"
	"io"
	"time"

	"iotjobs/internal/fleet"
)

// printEnds shows how the devices ended their executions.
func printEnds(out io.Writer, counts fleet.Counts) {
	fmt.Fprintln(out, "Executions ended by the devices")
	printCounts(out, counts.Ended)
	if counts.Dropped > 0 {
		fmt.Fprintf(out, "  %-30s %9s\n", "changed by somebody else", grouped(counts.Dropped))
	}
	if counts.Repaired > 0 {
		fmt.Fprintf(out, "  %-30s %9s\n", "updates whose answer was lost", grouped(counts.Repaired))
	}
	fmt.Fprintln(out)
}

func printCounts(out io.Writer, counts map[fleet.Status]int) {
	total := 0
	for _, status := range fleet.Statuses() {
		if n := counts[status]; n > 0 {
			fmt.Fprintf(out, "  %-30s %9s\n", status, grouped(n))
			total += n
		}
	}
	if total == 0 {
		fmt.Fprintln(out, "  none")
	}
}

// printCalls shows what the calls of a run took, and how many failed.
func printCalls(out io.Writer, recorder *fleet.Recorder, calls int, elapsed time.Duration) {
	const row = "%-32s %9s %10s %10s %10s\n"
	fmt.Fprintf(out, row, "Calls", "count", "p50", "p99", "max")
	for _, l := range recorder.Latencies() {
		fmt.Fprintf(out, "  %-30s %9s %10s %10s %10s\n", l.Operation, grouped(l.Calls), brief(l.P50), brief(l.P99), brief(l.Max))
	}
	fmt.Fprintf(out, "  %-30s %9s   in %s: %s per second\n", "all", grouped(calls), seconds(elapsed), grouped(int(rate(calls, elapsed))))
	if failures := recorder.Errors(); len(failures) > 0 {
		fmt.Fprintf(out, "\nCalls that failed; %s were sent again\n", grouped(recorder.Retries()))
		for _, f := range failures {
			fmt.Fprintf(out, "  %-30s %9s   %s\n", f.Operation, grouped(f.Count), f.Type)
		}
	}
	fmt.Fprintln(out)
}
