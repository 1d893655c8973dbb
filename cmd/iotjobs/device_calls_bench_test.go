package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iotjobs/internal/config"
	"iotjobs/internal/frontdoor"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
)

// BenchmarkDeviceCalls measures what is above the store, and nothing of net/http: signed calls of a device go straight to the door of a server
// whose store has the row at hand.
func BenchmarkDeviceCalls(b *testing.B) {
	s := newServerAtRest(b)
	if _, err := s.dir.service.CreateThing(b.Context(), service.CreateThingInput{Name: "lamp"}); err != nil {
		b.Fatal(err)
	}
	config := jobs.Config{
		TargetSelection: jobs.Snapshot, Document: `{"operation":"install-firmware","version":"2.4.1","url":"https://firmware.example.com/2.4.1.bin"}`,
		Targets: []jobs.Target{{Kind: jobs.ThingTarget, Name: "lamp"}},
	}
	if _, err := s.dir.service.CreateJob(b.Context(), service.CreateJobInput{ID: "job", Config: config}); err != nil {
		b.Fatal(err)
	}
	key, secret, err := s.dir.service.CreateAccessKey(b.Context(), service.CreateAccessKeyInput{})
	if err != nil {
		b.Fatal(err)
	}
	above, err := newAtHand(b.Context(), s.dir.store, "lamp", store.Address{Job: "job"})
	if err != nil {
		b.Fatal(err)
	}
	s.dir.service.Store = above
	door := s.drained(s.door())
	for _, c := range []benchCall{
		{name: "GetPendingJobExecutions", method: http.MethodGet, path: "/things/lamp/jobs"},
		{name: "DescribeJobExecution", method: http.MethodGet, path: "/things/lamp/jobs/job"},
		{
			name: "UpdateJobExecution", method: http.MethodPost, path: "/things/lamp/jobs/job",
			body: `{"status":"IN_PROGRESS","statusDetails":{"step":"download","progress":"50%"}}`,
		},
	} {
		b.Run(c.name, func(b *testing.B) {
			q := httptest.NewRequestWithContext(b.Context(), c.method, c.path, nil)
			q.URL.Host, q.URL.Scheme, q.ContentLength = q.Host, "http", int64(len(c.body))
			hash, keys := sha256.Sum256([]byte(c.body)), aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: secret}
			err := v4.NewSigner().SignHTTP(b.Context(), keys, q, hex.EncodeToString(hash[:]), frontdoor.DeviceScope, s.config.Region, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			q.URL.Host, q.URL.Scheme = "", ""
			b.ReportAllocs()
			for b.Loop() {
				request, answer := *q, nowhere{header: http.Header{}}
				request.Body = http.NoBody
				if c.body != "" {
					request.Body = io.NopCloser(strings.NewReader(c.body))
				}
				door.ServeHTTP(&answer, &request)
				if answer.status != http.StatusOK {
					b.Fatalf("%d %v", answer.status, answer.header)
				}
			}
		})
	}
}

// newServerAtRest is a server on a fresh directory that does not run.
func newServerAtRest(tb testing.TB) *server {
	tb.Helper()
	c := config.Default()
	c.Data, c.NoProfile = tb.TempDir(), true
	log := slog.New(slog.DiscardHandler)
	dir, err := openDirectory(tb.Context(), &c, log)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := newServer(tb.Context(), &c, dir, log)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := errors.Join(s.audit.close(), dir.close()); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// nowhere takes an answer and forgets it.
type nowhere struct {
	header http.Header
	status int
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w *nowhere) WriteHeader(status int)      { w.status = status }

// atHand is a store that reads one thing once, and forgets changes of it.
type atHand struct {
	store.Store

	view store.ThingView
}

func newAtHand(ctx context.Context, of store.Store, thing registry.ThingName, addrs ...store.Address) (*atHand, error) {
	view, err := of.ReadThing(ctx, thing, addrs)
	if err == nil && len(view.Pending) != 1 {
		err = fmt.Errorf("thing %s has %d pending executions, want one", thing, len(view.Pending))
	}
	return &atHand{of, view}, err
}

func (s *atHand) ReadThing(context.Context, registry.ThingName, []store.Address) (store.ThingView, error) {
	return s.view, nil
}

func (s *atHand) UpdateThing(_ context.Context, _ registry.ThingName, _ []store.Address, fn func(store.ThingView) (store.ThingChange, error)) error {
	_, err := fn(s.view)
	return err
}
