package pebble

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
)

// TestTheWriterIsTheLibrary writes what the CBOR library writes, byte for byte.
func TestTheWriterIsTheLibrary(t *testing.T) {
	thing, pending := fullThing(t)
	registry, err := encode(rowOfThing(thing))
	if err != nil {
		t.Fatal(err)
	}
	executions := append(pending,
		jobs.JobExecution{Status: jobs.Queued}, // no member that may be left out
		jobs.JobExecution{Status: jobs.Queued, StatusDetails: map[string]string{}, Number: -1, Version: math.MinInt64, QueuedAt: time.Unix(-1, 0)},
		jobs.JobExecution{
			Job: math.MaxUint64, Status: jobs.InProgress, Number: math.MaxInt64, RetryAttempt: 255, StartedBy: strings.Repeat("x", 300),
			StatusDetails: map[string]string{"b": "2", "aa": "1", "": "", "a": strings.Repeat("y", 70_000), "B": "\xff"},
		},
	)
	for n := range int64(4) {
		executions = append(executions, jobs.JobExecution{Job: 23 + jobs.JobNumber(n), Status: jobs.Queued, Version: 1<<(8<<n) - 1, RetryAttempt: 1 << (4 << n)})
	}
	for _, e := range executions {
		want, err := encode(rowOfExecution(&e))
		if err != nil {
			t.Fatal(err)
		}
		var w rowWriter
		if w.execution(&e); !bytes.Equal(w.b, want) {
			t.Errorf("wrote %x\nwant  %x\nof %+v", w.b, want, e)
		}
	}
	for _, n := range []int{0, 1, 30, 300} {
		var queue []jobs.JobExecution
		for i := range n {
			queue = append(queue, executions[i%len(executions)])
		}
		want, err := thingBytes(thing, queue)
		if err != nil {
			t.Fatal(err)
		}
		var w rowWriter
		if w.thing(registry, queue); !bytes.Equal(w.b, want) {
			t.Errorf("a thing with %d executions is not what the library writes", n)
		}
	}
}
