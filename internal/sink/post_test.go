package sink_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/sink"
	"iotjobs/internal/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// arrived is a post as a server got it.
type arrived struct {
	header http.Header
	body   []byte
}

// overHTTP runs the webhook against a real server, which answers with a handler, until n posts have arrived.
func overHTTP(t *testing.T, w *world, n int, answer http.HandlerFunc) []arrived {
	t.Helper()
	posts := make(chan arrived, 100)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("got %s, %v", r.Method, err)
		}
		answer(rw, r)
		posts <- arrived{r.Header, body}
	}))
	defer server.Close()
	w.hook.URL, w.hook.Client = server.URL+"/events?token=hidden", sink.NewClient()
	defer w.hook.Client.CloseIdleConnections()
	defer w.run(w.hook)()
	got := make([]arrived, n)
	for i := range got {
		got[i] = <-posts
	}
	return got
}

func TestPostIsASignedCloudEvent(t *testing.T) {
	w := newWorld(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 7_000_000, time.UTC)
	running := jobs.JobExecution{Status: jobs.InProgress}
	succeeded := jobs.JobExecution{Status: jobs.Succeeded, StatusDetails: map[string]string{"step": "<last>"}}
	e, _ := jobs.ExecutionEventOf("j-1", "lamp:1", &running, &succeeded, at)
	e.ID = "cca89fa5-8a7f-4ced-8c20-5e653afb3572"
	completed := (&jobs.Job{ID: "j-1", CreatedAt: at, Config: &jobs.Config{TargetSelection: jobs.Snapshot}}).NewEvent(jobs.JobWasCompleted, at)
	completed.ID = "7364ffd1-8b65-4824-85d5-6c14686c97c6"
	if err := w.service.Store.Update(t.Context(), func(tx store.Tx) error { return tx.AppendEvents(e, completed) }); err != nil {
		t.Fatal(err)
	}
	sent := time.Unix(1_800_000_000, 0)
	w.hook.Now = func() time.Time { return sent }
	posts := overHTTP(t, w, 2, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
	for i, name := range []string{"execution_event", "job_event"} {
		golden(t, name, posts[i].body)
		id := []string{e.ID, completed.ID}[i]
		for header, want := range map[string]string{
			"Content-Type": "application/cloudevents+json; charset=utf-8", "Webhook-Id": id, "Webhook-Timestamp": "1800000000",
			"Webhook-Signature": "v1," + base64.StdEncoding.EncodeToString(mac(id+".1800000000."+string(posts[i].body))),
		} {
			if got := posts[i].header.Get(header); got != want {
				t.Errorf("%s: header %s is %q, want %q", name, header, got, want)
			}
		}
	}
}

func mac(text string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var text bytes.Buffer
	if err := json.Indent(&text, got, "", "  "); err != nil {
		t.Fatal(err)
	}
	text.WriteByte('\n')
	file := "testdata/" + name + ".json"
	if *update {
		if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text.Bytes(), want) {
		t.Errorf("%s (rewrite with -update)\n got %s\nwant %s", name, text.Bytes(), want)
	}
}

// TestRedirectIsAFailure keeps events from going where nobody sent them.
func TestRedirectIsAFailure(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	w := newWorld(t)
	w.tell("a 1")
	tries := 0
	overHTTP(t, w, 2, func(rw http.ResponseWriter, r *http.Request) {
		if tries++; tries == 1 {
			http.Redirect(rw, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}
	})
}

// TestStoppingEndsAPost does not wait for a receiver that never answers, and the event stays.
func TestStoppingEndsAPost(t *testing.T) {
	began := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a client that is gone only then
		close(began)
		<-r.Context().Done()
	}))
	defer server.Close()
	w := newWorld(t)
	w.hook.URL, w.hook.Client = server.URL, sink.NewClient()
	defer w.hook.Client.CloseIdleConnections()
	w.tell("a 1")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.hook.Run(ctx) }()
	<-began
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if left := w.waiting(); len(left) != 1 {
		t.Errorf("%q are stored, want the event that was not answered", left)
	}
}

func TestParseSecret(t *testing.T) {
	for text, want := range map[string]string{
		"sixteen bytes 16":                                   "sixteen bytes 16",
		"  surrounded by space, kept in\n":                   "surrounded by space, kept in",
		"whsec_" + base64.StdEncoding.EncodeToString(secret): string(secret),
	} {
		if got, err := sink.ParseSecret([]byte(text)); err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "fifteen bytes 1", "whsec_", "whsec_not base64 at all", "whsec_" + base64.StdEncoding.EncodeToString(secret[:15])} {
		got, err := sink.ParseSecret([]byte(text))
		if err == nil {
			t.Errorf("%q is taken as %q", text, got)
		} else if len(text) > 6 && strings.Contains(err.Error(), text[6:]) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}

// TestSignKnownAnswer is the example of the Standard Webhooks convention.
func TestSignKnownAnswer(t *testing.T) {
	key, err := sink.ParseSecret([]byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
	if err != nil {
		t.Fatal(err)
	}
	got := sink.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", strconv.Itoa(1614265330), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
