package pgtest

import (
	"context"
	"sync"
	"testing"
)

// shared is the cluster that the tests of one process have in common.
var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Main is m.Run with the shared cluster cleaned up behind it; call it from TestMain and exit with what it returns.
func Main(m *testing.M) (status int) {
	status = m.Run()
	if shared.cluster == nil {
		return status
	}
	if err := shared.cluster.Close(); err != nil && status == 0 {
		return 1
	}
	return status
}

// Shared is a cluster for all tests of the process, started when the first one asks. TestMain must call Main. What a test does to it must be
// undone when the test ends.
func Shared(tb testing.TB) *Cluster {
	tb.Helper()
	shared.once.Do(func() { shared.cluster, shared.err = Start(context.Background(), Options{}) })
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("end of the server's log: %s", tail(shared.cluster.Log()))
		}
	})
	return shared.cluster
}

// NewURL is a place for a store in the shared cluster.
func NewURL(tb testing.TB) string {
	tb.Helper()
	return Shared(tb).NewURL()
}

func tail(log string) string { return log[max(0, len(log)-4000):] }
