package load

import (
	"context"
	"sync"
	"testing"
	"time"
)

// workJob is the job that the devices work on: every thing has an execution of it.
const workJob = "work"

// world is what the benchmarks of devices and of jobs share: the product with all things and their executions, and the baselines.
type world struct {
	product, bare, hello *server
	operator             operator
}

var makeWorld = sync.OnceValues(func() (*world, error) {
	dir, err := newDirectory()
	if err != nil {
		return nil, err
	}
	say("importing %s things", grouped(*things))
	if err := importFleet(context.Background(), dir, *things); err != nil {
		return nil, err
	}
	w := &world{}
	if w.product, err = started(startProduct(dir)); err != nil {
		return nil, err
	}
	if w.bare, err = started(startBaseline(bare)); err != nil {
		return nil, err
	}
	if w.hello, err = started(startBaseline(hello)); err != nil {
		return nil, err
	}
	w.operator = operator{w.product, *things}
	say("giving each an execution")
	if _, err := w.operator.createJob(workJob); err != nil {
		return nil, err
	}
	if _, err := w.operator.released(workJob, time.Hour); err != nil {
		return nil, err
	}
	return w, w.product.settle()
})

// theWorld is made when the first benchmark needs it.
func theWorld(b *testing.B) *world {
	b.Helper()
	w, err := makeWorld()
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// started makes sure that a server is stopped at the end.
func started(s *server, err error) (*server, error) {
	if err == nil {
		closers = append(closers, s.stop)
	}
	return s, err
}
