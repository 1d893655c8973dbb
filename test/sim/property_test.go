package sim

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
	"iotjobs/internal/store/storetest"
)

// steps is how long a world is played.
const steps = 120

// fault makes a world wrong on purpose; the zero value does not.
type fault struct {
	mutate    func(store.Store) store.Store
	lyingDisk bool
	// shape makes worlds in which it shows sooner; nil leaves them as they are drawn.
	shape func(*shape)
}

// TestServiceFollowsItsModel plays random worlds on every engine. The first has the seed that is logged, the others those that follow it; one that
// fails is cut down to the steps that it needs. On the embedded store it plays on until everything has happened that can.
func TestServiceFollowsItsModel(t *testing.T) {
	for i, e := range engines {
		t.Run(e.name, func(t *testing.T) { followsModel(t, e.sites(t), e.runs(*runs), i == 0) })
	}
}

func followsModel(t *testing.T, sites func() site, worlds int, everything bool) {
	t.Helper()
	base := seeded(t)
	happened := map[string]int{}
	for i := 0; i < worlds || everything && worlds > 1 && i < mostRuns && missing(happened) != nil; i++ {
		p := play{seed: base + uint64(i), kept: all(steps), happened: happened, sites: sites}
		if err := p.run(t.Context(), logger(t)); err != nil {
			t.Errorf("make sim SEED=%d: %v", p.seed, err)
			p.explain(t)
			return
		}
	}
	if !everything {
		return
	}
	for _, event := range missing(happened) {
		t.Errorf("in no world: %s", event)
	}
}

// mostRuns bounds the wait for rare events.
const mostRuns = 300

// missing are events that have not happened.
func missing(happened map[string]int) (events []string) {
	for _, event := range []string{
		"a SNAPSHOT job releases", "a CONTINUOUS job releases", "a SNAPSHOT job completes", "a CONTINUOUS job completes",
		"a job starts at its startTime", "a job is canceled at its endTime", "a job is aborted",
		"a retry after FAILED", "a retry after TIMED_OUT", "an execution times out",
		"a thing that joins is queued", "an execution is removed because its thing left", "a thing leaves a deleted group in the background",
		"refused: resource not found", "refused: resource already exists", "refused: invalid request", "refused: invalid state transition",
		"refused: version mismatch", "refused: version conflict",
		"injected fault: nothing changed", "injected fault: the outcome of the commit is unknown",
	} {
		if happened[event] == 0 {
			events = append(events, event)
		}
	}
	return events
}

// explain cuts a world that fails down and reports it.
func (p *play) explain(t *testing.T) {
	t.Helper()
	p.shrink(t.Context())
	err := p.run(t.Context(), logger(t))
	report := strings.Join(p.trace, "\n")
	t.Errorf("the same in %d steps: %v\n%s", len(p.kept), err, report)
	if err := os.WriteFile(artifact(t, fmt.Sprintf("world-%d.txt", p.seed)), []byte(report), 0o600); err != nil {
		t.Error(err)
	}
}

func all(n int) []int {
	kept := make([]int, n)
	for i := range kept {
		kept[i] = i
	}
	return kept
}

// play is a world and the steps of it that are played. Each step draws for itself, so the others stay much the same without it.
type play struct {
	seed  uint64
	kept  []int
	fault fault
	// sites makes the site of the world; nil for a disk that forgets what was not synced.
	sites func() site
	trace []string
	// happened counts events; nil to count none.
	happened map[string]int
}

func (p *play) site() site {
	if p.sites != nil {
		return p.sites()
	}
	d := newDisk()
	d.lies = p.fault.lyingDisk
	return pebbleSite{d}
}

// run plays the steps, and then lets every job come to its end.
func (p *play) run(ctx context.Context, log *slog.Logger) (err error) {
	w, err := newWorld(p.seed, log, p.site(), p.fault)
	if err != nil {
		return err
	}
	defer func() {
		p.trace = w.trace
		for event, n := range w.model.events {
			if p.happened != nil {
				p.happened[event] += n
			}
		}
		if closed := w.close(); err == nil {
			err = closed
		}
	}()
	for _, n := range p.kept {
		if err := w.step(ctx, n); err != nil {
			return fmt.Errorf("step %d: %w", n, err)
		}
	}
	if err := w.finish(ctx); err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	return storetest.Check(ctx, w.store)
}

// finish lets time pass and devices work until every job has ended or has nothing left to do, and fails when that takes too long.
func (w *world) finish(ctx context.Context) error {
	const rounds = 500
	for n := range rounds {
		r := roll(w.seed, uint64(1_000_000+n))
		d := &dealer{shape: w.shape, r: r, m: w.model}
		for _, op := range slices.Concat([]operation{d.catchUp()}, d.work(), []operation{d.wait()}) {
			if w.model.atRest() {
				return nil
			}
			if err := w.do(ctx, op, r); err != nil {
				return fmt.Errorf("%s: %w", op.text, err)
			}
		}
	}
	return fmt.Errorf("%d minutes have not been enough to end what was left", rounds)
}

// atRest tells whether nothing is left to do.
func (m *model) atRest() bool {
	for _, t := range m.things {
		if len(t.queue) > 0 {
			return false
		}
	}
	for _, j := range m.jobs {
		if j.status == jobs.JobScheduled || j.status == jobs.JobInProgress && (j.config.TargetSelection == jobs.Snapshot || len(m.waiting(j)) > 0) {
			return false
		}
	}
	return true
}
