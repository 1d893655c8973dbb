package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iotjobs/internal/fleet"
	"iotjobs/test/process"
)

// Sizes of a campaign.
const (
	clients          = 16
	thingsOfClient   = 4
	halls            = 3
	thingsOfCampaign = 2400 // in the halls, those of the clients among them
)

// Names in the registry. The halls are groups below plant.
const (
	plant  = "plant"
	shift  = "shift"
	follow = "follow" // the job that follows the group shift
	single = "single" // a thing that jobs name beside the group
)

// campaign is one server, those who write to it, and what they know of it.
type campaign struct {
	server  *process.Server
	rand    *rand.Rand
	http    *http.Client
	acks    atomic.Int64 // in this round
	working atomic.Int64 // clients that write
	clients []*client
	// jobs are those over the whole plant that were not deleted, the newest last. Of the newest it may be open whether it was created.
	jobs     []string
	canceled string // the last one that was
	round    int
	// targets is how many things a job over the plant has to reach.
	targets int
	// halfMade counts the rounds that have ended while the job over the plant was being made.
	halfMade int
}

// newCampaign starts a server and makes groups, things and clients. tamper may change what the clients send; nil does not.
func newCampaign(ctx context.Context, t *testing.T, things int, tamper func(http.RoundTripper) http.RoundTripper) (*campaign, error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "fault-") // not t.TempDir: a socket's path is short
	if err != nil {
		return nil, err
	}
	c := &campaign{server: newServer(dir), rand: seeded(t), http: fleet.NewHTTPClient(2*clients, nil), targets: things + 1}
	if tamper != nil {
		c.http.Transport = tamper(c.http.Transport)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.server.Kill(), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	if err := c.server.Start(ctx); err != nil {
		return nil, err
	}
	for i := range clients {
		cl := &client{name: fmt.Sprintf("c%02d", i), acks: &c.acks, running: map[string]execution{}, book: book{}, changed: map[string]bool{}}
		cl.rand = rand.New(rand.NewPCG(c.rand.Uint64(), 0))
		for n := range thingsOfClient {
			cl.things = append(cl.things, thingName(i*thingsOfClient+n))
		}
		cl.sensor = "sensor-" + cl.name
		c.clients = append(c.clients, cl)
	}
	return c, errors.Join(c.connect(), c.furnish(ctx, things))
}

func thingName(n int) string { return fmt.Sprintf("thing-%05d", n) }

// connect lets all clients call the process that runs now.
func (c *campaign) connect() error {
	for _, cl := range c.clients {
		var err error
		if cl.api, err = newAPI(c.server, c.http); err != nil {
			return err
		}
	}
	return nil
}

// furnish imports the things, as an operator does.
func (c *campaign) furnish(ctx context.Context, things int) error {
	api := c.clients[0].api
	groups := []string{plant, shift}
	for i := range halls {
		groups = append(groups, hallName(i))
	}
	for _, group := range groups {
		in := map[string]string{}
		if strings.HasPrefix(group, "hall-") {
			in["parentGroupName"] = plant
		}
		if err := api.call(ctx, control, http.MethodPost, "/thing-groups/"+group, in, nil); err != nil {
			return err
		}
	}
	var lines strings.Builder
	for i := range things {
		fmt.Fprintf(&lines, `{"thingName":%q,"thingGroupNames":[%q]}`+"\n", thingName(i), hallName(i%halls))
	}
	fmt.Fprintf(&lines, `{"thingName":%q}`+"\n", single)
	for _, cl := range c.clients {
		fmt.Fprintf(&lines, `{"thingName":%q}`+"\n", cl.sensor)
	}
	file := filepath.Join(c.server.Dir, "things.jsonl")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		return err
	}
	if err := c.operator(ctx, "things", "import", file); err != nil {
		return err
	}
	return api.createJob(ctx, follow, "CONTINUOUS", api.ARN("thinggroup", shift))
}

func hallName(n int) string { return fmt.Sprintf("hall-%d", n) }

// runRound lets the clients write until a disaster has ended them, repair brings the server back, and everything is compared.
func (c *campaign) runRound(ctx context.Context, disaster func() error, repair func(context.Context) error) error {
	c.round++
	if err := c.endOldJobs(ctx); err != nil {
		return fmt.Errorf("before round %d: %w", c.round, err)
	}
	if err := c.write(ctx, disaster); err != nil {
		return fmt.Errorf("round %d: %w", c.round, err)
	}
	if err := errors.Join(repair(ctx), c.connect()); err != nil {
		return fmt.Errorf("after round %d: %w", c.round, err)
	}
	// Half of the time the job is left half-made, so that the next round cancels it so.
	if err := c.compare(ctx, c.rand.IntN(2) == 0); err != nil {
		return fmt.Errorf("after round %d: %w", c.round, err)
	}
	return nil
}

// write runs the clients and creates a job over the plant while they write. The disaster strikes at a random moment thereafter.
func (c *campaign) write(ctx context.Context, disaster func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	var creation error
	c.acks.Store(0)
	c.working.Store(clients)
	for _, cl := range c.clients {
		group.Go(func() {
			defer c.working.Add(-1)
			cl.work(ctx)
		})
	}
	id := fmt.Sprintf("plant-%d", c.round)
	err := c.untilDisaster(ctx, func() {
		group.Go(func() {
			api := c.clients[0].api
			creation = api.createJob(ctx, id, "SNAPSHOT", api.ARN("thinggroup", plant), api.ARN("thing", single))
		})
	})
	if err == nil {
		err = disaster()
	}
	if err == nil {
		err = process.Eventually(ctx, "no client gets an answer", func() bool { return c.working.Load() == 0 })
	}
	cancel()
	group.Wait()
	if refused(creation) {
		err = errors.Join(err, creation)
	}
	c.jobs = append(c.jobs, id)
	c.clients[0].book.of("job/"+id, state{}).add(outcome(creation), state{note: there})
	c.clients[0].changed["job/"+id] = true
	return errors.Join(append(c.faultsOfClients(), err)...)
}

// untilDisaster waits for the moment of the disaster, and before that for the one to create the job.
func (c *campaign) untilDisaster(ctx context.Context, create func()) error {
	created, struck := c.rand.Int64N(100), c.rand.Int64N(300)
	if err := c.acked(ctx, created); err != nil {
		return err
	}
	create()
	if err := c.acked(ctx, created+struck); err != nil {
		return err
	}
	// An acknowledgement is the moment after a commit; this leaves it.
	moment(c.rand, 3*time.Millisecond)
	return nil
}

func outcome(err error) eventKind {
	if err == nil {
		return acknowledged
	}
	return unanswered
}

// acked waits until the clients have so many acknowledgements, or have all found a fault.
func (c *campaign) acked(ctx context.Context, n int64) error {
	return c.server.Eventually(ctx, fmt.Sprintf("%d acknowledged writes", n), func() bool { return c.acks.Load() >= n || c.working.Load() == 0 })
}

// moment waits for a random time.
func moment(random *rand.Rand, most time.Duration) {
	<-time.After(time.Duration(random.Int64N(int64(most))))
}

func (c *campaign) faultsOfClients() (faults []error) {
	for _, cl := range c.clients {
		faults = append(faults, cl.faults...)
		cl.faults = nil
	}
	return faults
}

// endOldJobs cancels the job of the last round and deletes the one of the round before, which goes on in the background. Nobody else writes.
func (c *campaign) endOldJobs(ctx context.Context) error {
	api := c.clients[0].api
	if n := len(c.jobs); n > 1 {
		old := c.jobs[0]
		if err := api.call(ctx, control, http.MethodDelete, "/jobs/"+old+"?force=true", nil, nil); err != nil {
			return err
		}
		c.jobs = c.jobs[1:]
		c.forget(old)
	}
	if len(c.jobs) == 0 || c.jobs[0] == c.canceled {
		return nil
	}
	job := c.jobs[0]
	c.canceled = job
	force := c.rand.IntN(2) == 0
	if err := api.call(ctx, control, http.MethodPut, fmt.Sprintf("/jobs/%s/cancel?force=%v", job, force), struct{}{}, nil); err != nil {
		return err
	}
	return c.noteCanceled(job, force)
}

// forget drops what the clients know of a job that was deleted.
func (c *campaign) forget(job string) {
	for _, cl := range c.clients {
		maps.DeleteFunc(cl.book, func(name string, _ *history) bool {
			return name == "job/"+job || strings.HasPrefix(name, "execution/") && strings.HasSuffix(name, "/"+job)
		})
		maps.DeleteFunc(cl.running, func(_ string, e execution) bool { return e.job == job })
	}
}

// noteCanceled takes down what a cancel has done to the executions that clients know: at once, whatever their rows say.
func (c *campaign) noteCanceled(job string, force bool) error {
	for _, cl := range c.clients {
		for _, thing := range cl.things {
			h := cl.book[executionName(thing, job)]
			if h == nil {
				continue
			}
			possible, err := h.possible()
			if err != nil || len(possible) != 1 {
				return fmt.Errorf("execution of %s on %s can be %+v: %w", job, thing, possible, err)
			}
			if now := possible[0]; now.status == "QUEUED" || now.status == "IN_PROGRESS" && force {
				h.add(acknowledged, state{status: "CANCELED", note: now.note})
				cl.changed[executionName(thing, job)] = true
				delete(cl.running, thing)
			}
		}
	}
	return nil
}

// stop stops the server gently. Connections that were opened and never used would hold it up for five seconds.
func (c *campaign) stop() error {
	c.http.CloseIdleConnections()
	return c.server.Stop()
}

// String tells what the disasters have met, which depends on the moment: a campaign that has met nothing proves nothing.
func (c *campaign) String() string {
	open, happened, events := 0, 0, 0
	for _, cl := range c.clients {
		open, happened = open+cl.open, happened+cl.happened
		for h := range maps.Values(cl.book) {
			events += len(h.events)
		}
	}
	return fmt.Sprintf("%d rounds, %d of them in the middle of making a job; %d writes without an answer, %d of them had happened; %d events known at the end",
		c.round, c.halfMade, open, happened, events)
}
