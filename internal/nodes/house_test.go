package nodes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"iotjobs/internal/clock"
	"iotjobs/internal/jobs"
	"iotjobs/internal/nodes"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
	"iotjobs/internal/worker"
)

// house is several nodes on one store, in a bubble.
type house struct {
	t     *testing.T
	store *network
}

// inHouse runs a test in a bubble and checks the store afterwards.
func inHouse(t *testing.T, test func(*house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t, &network{Shared: memory.NewShared(time.Now)}}
		test(h)
		if err := storetest.Check(context.WithoutCancel(t.Context()), h.store.Shared); err != nil {
			t.Errorf("the store contradicts itself: %v", err)
		}
	})
}

// network is the way to the store. It may lose hints, and be cut.
type network struct {
	store.Shared

	deaf, cut atomic.Bool
}

var errCut = errors.New("the network is cut")

func (n *network) Tell(ctx context.Context, h store.Hint) error {
	if n.deaf.Load() {
		return nil
	}
	return n.Shared.Tell(ctx, h)
}

func (n *network) View(ctx context.Context, fn func(store.ReadTx) error) error {
	if n.cut.Load() {
		return errCut
	}
	return n.Shared.View(ctx, fn)
}

func (n *network) Update(ctx context.Context, fn func(store.Tx) error) error {
	if n.cut.Load() {
		return errCut
	}
	return n.Shared.Update(ctx, fn)
}

func (n *network) Acquire(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error) {
	if n.cut.Load() {
		return nil, errCut
	}
	return n.Shared.Acquire(ctx, node, ttl, names...)
}

// resident is one node with all that runs on it.
type resident struct {
	*service.Service

	t    *testing.T
	node *nodes.Node
	way  *network
	// forgot is set when the node forgets everything that it keeps of who may do what.
	forgot atomic.Bool
	stop   func() // kills it: nothing is given back
}

// open makes a node and lets it run. Without work it has no worker.
func (h *house) open(id string, work bool) *resident {
	h.t.Helper()
	way := &network{Shared: h.store}
	log := slog.New(slog.NewTextHandler(h.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	n := &nodes.Node{Shared: way, ID: id, Now: time.Now, Log: log}
	s := &service.Service{
		Store: n.Store(), Now: clock.Real(time.Now, time.Time{}).Now, RealNow: time.Now, Quotas: service.DefaultQuotas(), Sealer: plainSealer{}, Nodes: n,
	}
	w := worker.New(s, log)
	look := w.Also("read the identity epoch", 250*time.Millisecond, s.RefreshIdentity)
	s.Wake = func(jobs.JobNumber) { w.Wake() }
	r := &resident{Service: s, t: h.t, node: n, way: way}
	s.OnIdentityChange = func(c service.IdentityChange) {
		if c.Everybody {
			r.forgot.Store(true)
		}
	}
	n.Heard = func(store.Hint) {
		look()
		w.Wake()
	}
	h.must(n.Join(h.t.Context()))
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 2)
	go func() { ended <- n.Run(ctx) }()
	go func() {
		if !work {
			ended <- nil
			return
		}
		ended <- w.Run(ctx)
	}()
	var stopped bool
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := errors.Join(<-ended, <-ended); err != nil {
			h.t.Error(err)
		}
	}
	h.t.Cleanup(r.stop)
	return r
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

type plainSealer struct{}

func (plainSealer) Seal(_ string, p []byte) ([]byte, error) { return p, nil }
func (plainSealer) Open(_ string, s []byte) ([]byte, error) { return s, nil }

// fleet makes a group g of n things.
func (r *resident) fleet(n int) []registry.ThingName {
	r.t.Helper()
	_, err := r.CreateThingGroup(r.t.Context(), service.CreateThingGroupInput{Name: "g"})
	r.must(err)
	names := make([]registry.ThingName, n)
	var part []service.ThingImport
	for i := range names {
		names[i] = registry.ThingName(fmt.Sprintf("t%04d", i))
		part = append(part, service.ThingImport{CreateThingInput: service.CreateThingInput{Name: names[i]}, Groups: []registry.GroupName{"g"}})
	}
	_, err = r.ImportThings(r.t.Context(), service.ImportThingsInput{Things: part})
	r.must(err)
	return names
}

// job makes a job on the group.
func (r *resident) job(id jobs.JobID, config jobs.Config) {
	r.t.Helper()
	config.Targets, config.TargetSelection, config.Document = []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}}, jobs.Snapshot, "{}"
	_, err := r.CreateJob(r.t.Context(), service.CreateJobInput{ID: id, Config: config})
	r.must(err)
}

func (r *resident) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// stored is job j as its row says.
func (h *house) stored() (job *jobs.Job, counters jobs.Counters) {
	h.t.Helper()
	h.must(h.store.Shared.View(h.t.Context(), func(tx store.ReadTx) (err error) {
		if job, err = tx.Job("j"); err != nil || job == nil {
			return err
		}
		counters, err = tx.Counters(job.Number)
		return err
	}))
	return job, counters
}
