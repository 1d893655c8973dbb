package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/store/postgres/pgtest"
	"iotjobs/test/process"
)

// Sizes of the chaos: it lasts until the timers are past their time, with nodes dying all along.
const (
	devices       = 64
	watchers      = 8
	callsOfDevice = 600
	timedThings   = 90
	slowThings    = 300
	slowRate      = 20 // a minute
	chaosLasts    = 68 * time.Second
)

// TestChaos kills nodes, cuts their connections and restarts the database while 64 devices work through three nodes.
func TestChaos(t *testing.T) {
	h, random := newHouse(t), seeded(t)
	database, err := pgtest.Start(t.Context(), pgtest.Options{})
	h.must(err)
	t.Cleanup(func() { h.must(database.Close()) })
	c := &chaos{house: h, rand: random, database: database}
	url := database.NewURL()
	l := &load{history: newHistory()}
	for _, name := range []string{"a", "b", "c"} {
		p := newProxy(t, url)
		c.proxies = append(c.proxies, p)
		n := h.newNode(name, p.through(t, url), "--max-active-jobs", "0")
		c.nodes, l.nodes = append(c.nodes, n), append(l.nodes, n)
		h.must(n.Start(t.Context()))
	}
	l.api, err = newAPI(c.nodes[0].Dir)
	h.must(err)
	c.load = l
	things := h.furnish(l, c.nodes[0], map[string]int{"work": devices, "timed": timedThings, "slow": slowThings})
	for i := range 3 {
		h.must(l.createJob(t.Context(), random, fmt.Sprintf("work-%d", i), "work", nil))
	}
	h.must(l.createJob(t.Context(), random, "slow", "slow", map[string]any{"jobExecutionsRolloutConfig": map[string]int{"maximumPerMinute": slowRate}}))
	h.must(l.createJob(t.Context(), random, "timed", "timed", map[string]any{"timeoutConfig": map[string]int{"inProgressTimeoutInMinutes": 1}}))
	l.jobs = l.jobs[:3] // those that devices work on
	c.startTimers(things["timed"])

	ctx, end := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for i, thing := range things["work"] {
		d := &caller{load: l, id: i, thing: thing, rand: rand.New(rand.NewPCG(random.Uint64(), 0))}
		callers.Go(func() { d.work(ctx, callsOfDevice) })
	}
	for i := range watchers {
		w := &caller{load: l, id: devices + i, rand: rand.New(rand.NewPCG(random.Uint64(), 0))}
		callers.Go(func() { w.watch(ctx, things["work"], callsOfDevice) })
	}
	err = c.run(ctx)
	end()
	callers.Wait()
	h.must(err)

	c.afterwards(things)
}

// chaos is three nodes, each with its own way to one database.
type chaos struct {
	*house

	rand     *rand.Rand
	database *pgtest.Cluster
	nodes    []*node
	proxies  []*proxy
	load     *load
	met      struct{ kills, cuts, restarts int }
}

// startTimers lets every thing begin, each through another node.
func (c *chaos) startTimers(things []string) {
	c.t.Helper()
	for i, thing := range things {
		in := map[string]any{"status": "IN_PROGRESS"}
		c.must(c.load.api.call(c.t.Context(), c.nodes[i%len(c.nodes)].Endpoint(), device, http.MethodPost, "/things/"+thing+"/jobs/timed", in, nil))
	}
}

// run lets one disaster follow the other, and makes a job now and then, so that there is something to do.
func (c *chaos) run(ctx context.Context) error {
	began := time.Now()
	for n := 0; time.Since(began) < chaosLasts; n++ {
		if err := c.load.createJob(ctx, c.rand, fmt.Sprintf("work-in-chaos-%d", n), "work", nil); err != nil {
			return err
		}
		c.moment(ctx, 1500*time.Millisecond)
		if err := c.disaster(ctx, n); err != nil {
			return fmt.Errorf("disaster %d: %w", n, err)
		}
	}
	return nil
}

func (c *chaos) disaster(ctx context.Context, n int) error {
	i := c.rand.IntN(len(c.nodes))
	switch draw := c.rand.IntN(10); {
	case n == 3: // long enough that the node says so
		return c.isolate(ctx, i)
	case n == 5 || draw == 0 && c.met.restarts < 3:
		c.met.restarts++
		return errors.Join(c.database.Stop(pgtest.Immediate), c.database.Restart(ctx))
	case draw < 4:
		c.met.cuts++
		c.proxies[i].sever()
		c.moment(ctx, 2*time.Second)
		c.proxies[i].mend()
		return nil
	default:
		c.met.kills++
		if err := c.nodes[i].Kill(); err != nil {
			return err
		}
		c.moment(ctx, time.Second)
		return c.nodes[i].Start(ctx)
	}
}

// isolate cuts a node off until it says that it is not ready, and waits until it is again by itself.
func (c *chaos) isolate(ctx context.Context, i int) error {
	c.met.cuts++
	c.proxies[i].sever()
	defer c.proxies[i].mend()
	err := c.nodes[i].Eventually(ctx, "/readyz tells that the database is away", func() bool {
		status, text := c.nodes[i].Readyz(ctx)
		return status == http.StatusServiceUnavailable && strings.Contains(text, "the database has not been reached")
	})
	c.proxies[i].mend()
	return errors.Join(err, c.nodes[i].AwaitReady(ctx))
}

func (c *chaos) moment(ctx context.Context, most time.Duration) {
	timer := time.NewTimer(time.Duration(c.rand.Int64N(int64(most))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// afterwards looks whether everything that was answered is there, once.
func (c *chaos) afterwards(things map[string][]string) {
	t := c.t
	t.Helper()
	for _, n := range c.nodes {
		c.must(n.AwaitReady(t.Context()))
	}
	last := &caller{load: c.load, id: devices + watchers, rand: c.rand}
	for _, job := range c.load.jobs {
		for _, thing := range things["work"] {
			if _, err := last.read(t.Context(), thing, job); err != nil {
				t.Errorf("%s on %s: %v", job, thing, err)
			}
		}
	}
	t.Logf("%d kills, %d cuts, %d restarts of the database; %d calls known, %d reports acknowledged, %d without an answer",
		c.met.kills, c.met.cuts, c.met.restarts, len(c.load.history.operations), c.load.acks.Load(), c.load.history.unknown)
	if err := errors.Join(c.load.faults...); err != nil {
		t.Error(err)
	}
	if err := c.load.history.explained(t); err != nil {
		t.Error(err)
	}
	c.checkTimers(things["timed"])
	var released []listed
	c.must(process.Eventually(t.Context(), "a second minute of the rollout", func() (second bool) {
		var err error
		released, err = c.load.api.listExecutions(t.Context(), c.nodes[1].Endpoint(), "slow")
		return err == nil && len(released) > slowRate
	}))
	if err := rateKept(released, slowRate); err != nil {
		t.Errorf("%d released: %v", len(released), err)
	}
	for _, n := range c.nodes[1:] {
		c.must(n.Stop())
	}
	c.must(c.nodes[0].check(t.Context()))
	c.must(c.nodes[0].Stop())
	c.must(c.nodes[0].checkDatabase(t.Context()))
}

func (c *chaos) checkTimers(things []string) {
	t := c.t
	t.Helper()
	c.must(process.Eventually(t.Context(), "every timer has fired", func() bool {
		var out struct {
			Job struct {
				Details struct {
					TimedOut int `json:"numberOfTimedOutThings"`
				} `json:"jobProcessDetails"`
			} `json:"job"`
		}
		err := c.load.api.call(t.Context(), c.nodes[2].Endpoint(), control, http.MethodGet, "/jobs/timed", nil, &out)
		return err == nil && out.Job.Details.TimedOut == len(things)
	}))
	for _, thing := range things {
		e, err := c.load.api.execution(t.Context(), c.nodes[0].Endpoint(), thing, "timed")
		if err != nil || !firedOnce(e) {
			t.Errorf("%s: %+v, %v; want TIMED_OUT version 3 of the first execution", thing, e, err)
		}
	}
}

// firedOnce: queued is version 1, begun 2.
func firedOnce(e execution) bool {
	return e.Status == "TIMED_OUT" && e.VersionNumber == 3 && e.Number == 1
}
