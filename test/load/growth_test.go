package load

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// Growth is measured with this many connections: enough to keep the machine busy, too few for long queues.
const growthConnections = 16

// executionsPerThing is how many executions a thing has in the stores of growth and memory. It is the same in small and large ones, so that
// only the number of rows differs.
const executionsPerThing = 10

// smallExecutions is what growth is compared with.
const smallExecutions = 10_000

// BenchmarkGrowth compares device calls with many executions stored, half of them pending and half history, with the same calls with few.
func BenchmarkGrowth(b *testing.B) {
	for b.Loop() {
		small := filled(b, stock{things: smallExecutions / executionsPerThing, pending: executionsPerThing / 2, history: executionsPerThing / 2})
		large := filled(b, stock{things: *executions / executionsPerThing, pending: executionsPerThing / 2, history: executionsPerThing / 2})
		for _, o := range []operation{update, pending, describe} {
			calls := []caller{onAnyJob(o, smallExecutions/executionsPerThing, executionsPerThing/2), onAnyJob(o, *executions/executionsPerThing, executionsPerThing/2)}
			t := takeTurns(b, []*server{large, small}, []caller{calls[1], calls[0]}, growthConnections)
			results.add(b, row{
				what: fmt.Sprintf("%s, %s executions: p50 of %s", o.name, grouped(*executions), grouped(smallExecutions)), bar: atMost(1.3),
				measured: t[0].against(t[1], sample.p50), detail: fmt.Sprintf("%s of %s", t[0].wait(sample.p50), t[1].wait(sample.p50)),
			})
		}
		stopAll(b, small, large)
	}
}

// cacheSize is the product's cache of blocks, in MiB.
const cacheSize = 256

// BenchmarkMemory measures the memory of a server that has many pending executions and has been called for a while.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		count := *executions / executionsPerThing
		s := filled(b, stock{things: count, pending: executionsPerThing})
		for _, o := range []operation{update, pending, describe, update} {
			takeTurns(b, []*server{s}, []caller{onAnyJob(o, count, executionsPerThing)}, growthConnections)
		}
		bytes, err := s.metric("process_resident_memory_bytes")
		if err != nil {
			b.Fatal(err)
		}
		results.add(b, row{
			what: fmt.Sprintf("memory beyond the cache, %s pending: MiB", grouped(*executions)), bar: atMost(150), measured: bytes/(1<<20) - cacheSize,
			detail: fmt.Sprintf("%.0f MiB resident", bytes/(1<<20)),
		})
		stopAll(b, s)
	}
}

// filled is a server on a store of its own.
func filled(b *testing.B, s stock) *server {
	b.Helper()
	dir := stored(b, s)
	server := serving(b, dir)
	if err := server.settle(); err != nil {
		b.Fatal(err)
	}
	return server
}

// stored is the directory of a store that no server has opened yet.
func stored(b *testing.B, s stock) (dir string) {
	b.Helper()
	dir, err := newDirectory()
	if err != nil {
		b.Fatal(err)
	}
	say("storing %s executions", grouped(s.executions()))
	if err := fill(context.Background(), dir, s); err != nil {
		b.Fatal(err)
	}
	return dir
}

// serving is a server on a directory, until the benchmark ends.
func serving(b *testing.B, dir string) *server {
	b.Helper()
	server, err := startProduct(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stopAll(b, server) })
	return server
}

func stopAll(b *testing.B, servers ...*server) {
	b.Helper()
	for _, s := range servers {
		if err := s.stop(); err != nil {
			b.Error(err)
		}
	}
}

// onAnyJob is a call about one of the jobs that are pending.
func onAnyJob(o operation, things, pending int) caller {
	calls := make([]caller, pending)
	for i := range calls {
		o := o
		if strings.Contains(o.answer, "executionNumber") { // every job is in the list
			o.answer = fmt.Sprintf("%q", jobNamed(i))
		}
		calls[i] = o.work(things, string(jobNamed(i)))
	}
	return func(c *connection) (int64, error) { return calls[c.random.IntN(pending)](c) }
}
