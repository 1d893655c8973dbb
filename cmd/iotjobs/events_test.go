package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"iotjobs/internal/config"
	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
	"iotjobs/internal/sink"
)

// eventReceiver is a webhook's other side. It refuses posts until it is told to take them.
type eventReceiver struct {
	*httptest.Server

	takes atomic.Bool
	posts chan string // type and ID of each post, taken or not
}

const webhookSecret = "a secret of the tests"

func newEventReceiver(t *testing.T) *eventReceiver {
	t.Helper()
	r := &eventReceiver{posts: make(chan string, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			return // the server was stopped in the middle
		}
		if got := q.Header.Get("Webhook-Signature"); got != sink.Sign([]byte(webhookSecret), q.Header.Get("Webhook-Id"), q.Header.Get("Webhook-Timestamp"), body) {
			t.Errorf("a post is signed with %q", got)
		}
		var event struct{ ID, Type string }
		if err := json.Unmarshal(body, &event); err != nil {
			t.Error(err)
		}
		if !r.takes.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		r.posts <- event.Type + " " + event.ID
	}))
	t.Cleanup(r.Close)
	return r
}

// serveWith runs a server until stop.
func serveWith(t *testing.T, c *config.Config) (s *service.Service, stop func()) {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	dir, err := openDirectory(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	server, err := newServer(t.Context(), c, dir, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.run(ctx) }()
	return dir.service, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := dir.close(); err != nil {
			t.Error(err)
		}
	}
}

// finishJob lets a thing work through a job with both types of events switched on.
func finishJob(t *testing.T, s *service.Service) {
	t.Helper()
	ctx := t.Context()
	_, made := s.CreateThing(ctx, service.CreateThingInput{Name: "lamp"})
	enabled := s.UpdateEventConfigurations(ctx, map[jobs.EventType]bool{jobs.JobEvents: true, jobs.JobExecutionEvents: true})
	_, created := s.CreateJob(ctx, service.CreateJobInput{ID: "j", Config: jobs.Config{
		TargetSelection: jobs.Snapshot, Document: "{}", Targets: []jobs.Target{{Kind: jobs.ThingTarget, Name: "lamp"}},
	}})
	_, reported := s.UpdateJobExecution(ctx, service.UpdateJobExecutionInput{Thing: "lamp", JobID: "j", Report: jobs.Report{Status: jobs.Succeeded}})
	for _, err := range []error{made, enabled, created, reported} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestWebhookGetsEventsAfterARestart stops the server while the receiver refuses everything: the same event is posted again by the next start.
func TestWebhookGetsEventsAfterARestart(t *testing.T) {
	receiver := newEventReceiver(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(webhookSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Data, c.HTTP, c.HTTPS, c.Admin, c.NoProfile = t.TempDir(), "off", "127.0.0.1:0", "off", true
	c.Webhook, c.WebhookSecretFile = receiver.URL+"/events", secret
	s, stop := serveWith(t, &c)
	finishJob(t, s)
	refused := <-receiver.posts
	stop()
	receiver.takes.Store(true)
	_, stop = serveWith(t, &c)
	var taken, next string
	for !strings.HasPrefix(next, "iotjobs.job.completed ") { // what was posted before the stop may arrive late
		taken, next = next, <-receiver.posts
	}
	stop()
	if taken != refused || !strings.HasPrefix(taken, "iotjobs.jobExecution.succeeded ") {
		t.Errorf("refused %q, then posted %q before %q", refused, taken, next)
	}
}

// TestWithoutAWebhookNothingIsStored shows that events that nobody takes fill no disk.
func TestWithoutAWebhookNothingIsStored(t *testing.T) {
	c := config.Default()
	c.Data, c.HTTP, c.HTTPS, c.Admin, c.NoProfile = t.TempDir(), "off", "127.0.0.1:0", "off", true
	s, stop := serveWith(t, &c)
	defer stop()
	finishJob(t, s)
	if events, err := s.PendingEvents(t.Context(), 0, 10); err != nil || len(events) > 0 {
		t.Errorf("%d events are stored, %v", len(events), err)
	}
}

func TestBadWebhookSecretsAreRefused(t *testing.T) {
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{short, filepath.Join(t.TempDir(), "none")} {
		c := config.Default()
		c.Webhook, c.WebhookSecretFile = "https://receiver.example/", file
		_, err := openWebhook(&c, &service.Service{}, nil, nil)
		if err == nil || !strings.Contains(err.Error(), "--webhook-secret-file") {
			t.Errorf("%s: got %v", file, err)
		}
	}
}
