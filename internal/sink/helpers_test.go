package sink_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/sink"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/wire"
)

var secret = []byte("a secret that is long enough")

// world is a store with events and a receiver without a network.
type world struct {
	*receiver

	t        *testing.T
	service  *service.Service
	registry *prometheus.Registry
	hook     *sink.Webhook
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, service: &service.Service{Store: memory.New(), Now: time.Now}, receiver: &receiver{}, registry: prometheus.NewRegistry()}
	w.hook = w.newHook(w.service)
	return w
}

func (w *world) newHook(s sink.Service) *sink.Webhook {
	return &sink.Webhook{
		Service: s, URL: "http://receiver.example/events?token=hidden", Secret: secret, Realm: wire.Realm{Region: "eu-central-1", Account: "123456789012"},
		Keep: 2000, Client: &http.Client{Transport: w.receiver}, Now: time.Now, Jitter: func() float64 { return 0 },
		Metrics: sink.NewMetrics(prometheus.WrapRegistererWithPrefix("", w.registry)), Log: slog.New(slog.NewTextHandler(w.t.Output(), nil)),
	}
}

// tell stores events: "a 1" is event 1 of thing a, "job 2" one of a job.
func (w *world) tell(ids ...string) {
	w.t.Helper()
	var events []jobs.Event
	for _, id := range ids {
		e := jobs.Event{ID: id, At: time.Now(), Operation: "succeeded", JobID: "j"}
		if thing, _, _ := strings.Cut(id, " "); thing == "job" {
			e.Operation, e.Job = jobs.JobWasCompleted, &jobs.JobEvent{TargetSelection: jobs.Snapshot}
		} else {
			e.Execution = &jobs.ExecutionEvent{Thing: registry.ThingName(thing), Status: jobs.Succeeded}
		}
		events = append(events, e)
	}
	if err := w.service.Store.Update(w.t.Context(), func(tx store.Tx) error { return tx.AppendEvents(events...) }); err != nil {
		w.t.Fatal(err)
	}
}

// waiting are the IDs of the events that are stored.
func (w *world) waiting() (ids []string) {
	w.t.Helper()
	events, err := w.service.PendingEvents(context.WithoutCancel(w.t.Context()), 0, 100_000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

// metric is the value of a metric, of the label's value if it has one.
func (w *world) metric(name, label string) float64 {
	w.t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && (len(m.GetLabel()) == 0 || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return 0
}

// inBubble runs the webhook on a fake clock while test runs.
func inBubble(t *testing.T, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		stop := w.run(w.hook)
		test(w)
		stop()
	})
}

// run starts a webhook; stop ends it.
func (w *world) run(hook *sink.Webhook) (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- hook.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("the webhook ended with %v", err)
		}
	}
}

// receiver answers posts without a network.
type receiver struct {
	mu    sync.Mutex
	tried []post // each post that arrived, refused ones too
	// answer is the status for an event; nil is 200 for all.
	answer func(id string) int
}

type post struct {
	id     string
	at     time.Time
	status int
}

func (r *receiver) answers(answer func(id string) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// RoundTrip takes a post.
func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	var body struct{ ID string }
	if err := json.NewDecoder(request.Body).Decode(&body); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	status := http.StatusOK
	if r.answer != nil {
		status = r.answer(body.ID)
	}
	r.tried = append(r.tried, post{body.ID, time.Now(), status})
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader("thanks"))}, nil
}

// delivered are the IDs of the posts that were taken.
func (r *receiver) delivered() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.tried {
		if p.status == http.StatusOK {
			ids = append(ids, p.id)
		}
	}
	return ids
}

func (r *receiver) posts() []post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]post(nil), r.tried...)
}
