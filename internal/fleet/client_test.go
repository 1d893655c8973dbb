package fleet

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func testClient(t *testing.T, c Client) *Client {
	t.Helper()
	if c.Endpoint == "" {
		c.Endpoint = "http://127.0.0.1:8080"
	}
	c.Region, c.Credentials, c.Now, c.Recorder = fakeRegion, Credentials{AccessKeyID: fakeKey, SecretAccessKey: fakeSecret}, time.Now, &Recorder{}
	client, err := NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// transport answers without a network, so that it works in a bubble.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

func TestErrorsAreReadAsAWSClientsDo(t *testing.T) {
	for name, c := range map[string]struct {
		header http.Header
		body   string
		want   Error
	}{
		"header": {
			http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}, "X-Amzn-Requestid": {"r-1"}},
			`{"message":"Thing t is not found."}`,
			Error{Type: "ResourceNotFoundException", Message: "Thing t is not found.", RequestID: "r-1"},
		},
		"header with suffix": {http.Header{"X-Amzn-Errortype": {"LimitExceededException:http://internal.example/"}}, `{}`, Error{Type: "LimitExceededException"}},
		"body":               {nil, `{"__type":"com.amazon.coral.service#UnknownOperationException","message":null}`, Error{Type: "UnknownOperationException"}},
		"other member case":  {nil, `{"__type":"A","Message":"b"}`, Error{Type: "A", Message: "b"}},
		"no JSON":            {nil, `<html>`, Error{Type: "HTTP418"}},
		"empty":              {nil, ``, Error{Type: "HTTP418"}},
	} {
		client := testClient(t, Client{HTTP: &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			r := answer(http.StatusTeapot, c.body)
			if c.header != nil {
				r.Header = c.header
			}
			return r, nil
		})}})
		_, err := client.CreateThing(t.Context(), "t")
		got, ok := errors.AsType[*Error](err)
		c.want.Status = http.StatusTeapot
		if !ok || *got != c.want {
			t.Errorf("%s: got %#v, want %#v", name, got, c.want)
		}
		if got := client.Recorder.Errors(); len(got) != 1 || got[0] != (ErrorCount{CreateThing, c.want.Type, 1}) {
			t.Errorf("%s: recorded %v", name, got)
		}
	}
}

func TestErrorText(t *testing.T) {
	e := &Error{Operation: UpdateJobExecution, Type: "InvalidStateTransitionException", Message: "Expected version 1 but found version 2", RequestID: "r-1"}
	if got, want := e.Error(), "UpdateJobExecution: InvalidStateTransitionException: Expected version 1 but found version 2 (request r-1)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What may pass is tried again after 50, 100, 200 ms; what will not pass is not.
func TestRetries(t *testing.T) {
	broken := errors.New("connection reset")
	for name, c := range map[string]struct {
		status int
		kind   string
		body   string
		err    error
		sent   int
		unsure bool
	}{
		"no answer":                {err: broken, sent: 4, unsure: true},
		"internal":                 {status: 500, sent: 4, unsure: true},
		"unavailable":              {status: 503, sent: 4, unsure: true},
		"unreadable":               {status: 200, body: "<html>", sent: 4, unsure: true},
		"throttled":                {status: 429, sent: 4},
		"throttled, control plane": {status: 400, kind: "ThrottlingException", sent: 4},
		"invalid":                  {status: 400, kind: "InvalidRequestException", sent: 1},
		"denied":                   {status: 403, sent: 1},
		"conflict":                 {status: 409, sent: 1},
		"redirect":                 {status: 307, sent: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent []time.Duration
				start := time.Now()
				client := testClient(t, Client{Attempts: 4, HTTP: &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
					sent = append(sent, time.Since(start))
					r := answer(c.status, cmp.Or(c.body, `{}`))
					r.Header.Set("X-Amzn-Errortype", c.kind)
					if c.err != nil {
						return nil, c.err
					}
					return r, nil
				})}})
				_, err := client.GetPendingJobExecutions(t.Context(), "t")
				e, ok := errors.AsType[*Error](err)
				if !ok || e.Status != c.status || e.Unsure != c.unsure {
					t.Fatalf("got %#v", err)
				}
				if c.err != nil && (!errors.Is(err, broken) || e.Type != NoAnswer) {
					t.Errorf("got %v", err)
				}
				want := []time.Duration{0, 50 * time.Millisecond, 150 * time.Millisecond, 350 * time.Millisecond}[:c.sent]
				if fmt.Sprint(sent) != fmt.Sprint(want) {
					t.Errorf("sent at %v, want %v", sent, want)
				}
				if got := client.Recorder.Retries(); got != c.sent-1 {
					t.Errorf("%d retries recorded", got)
				}
			})
		})
	}
}

func TestWaitIsBoundedAndSpread(t *testing.T) {
	client := testClient(t, Client{HTTP: http.DefaultClient, MaxBackoff: time.Second})
	for _, attempt := range []int{6, 31, 32, 1000} {
		if got := client.wait(attempt); got != time.Second {
			t.Errorf("attempt %d: %s", attempt, got)
		}
	}
	client.Jitter = func() float64 { return 0.5 }
	if got := client.wait(1); got != 37500*time.Microsecond {
		t.Errorf("spread: %s, want three quarters of 50 ms", got)
	}
}

// The time that a call waits before a retry is not latency.
func TestLatencyLeavesOutTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		client := testClient(t, Client{Backoff: time.Hour, MaxBackoff: time.Hour, HTTP: &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			calls++
			<-time.After(time.Duration(calls) * time.Second)
			return answer(map[int]int{1: 503, 2: 200}[calls], `{}`), nil
		})}})
		if _, err := client.GetPendingJobExecutions(t.Context(), "t"); err != nil {
			t.Fatal(err)
		}
		l := client.Recorder.Latencies()[0]
		if l.Calls != 2 || l.P50 > 1010*time.Millisecond || l.P50 < time.Second || l.Max != 2*time.Second {
			t.Errorf("%+v", l)
		}
	})
}

func TestCallEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 70*time.Millisecond, why)
		defer cancel()
		client := testClient(t, Client{Attempts: 100, HTTP: &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			return answer(503, `{}`), nil
		})}})
		if _, err := client.GetPendingJobExecutions(ctx, "t"); !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnswersThatCannotBeRead(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON": `<html>`, "empty": ``, "too long": `"` + strings.Repeat("x", maxAnswer) + `"`,
	} {
		client := testClient(t, Client{Attempts: 1, HTTP: &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			return answer(200, body), nil
		})}})
		if _, err := client.GetPendingJobExecutions(t.Context(), "t"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A server that does not answer, and one that sends elsewhere: the client neither waits for ever nor follows.
func TestHTTPClientIsBounded(t *testing.T) {
	client := NewHTTPClient(7, nil)
	tr, ok := client.Transport.(*http.Transport)
	if !ok || tr.MaxIdleConnsPerHost != 7 || tr.MaxConnsPerHost != 7 || tr.ResponseHeaderTimeout <= 0 || client.Timeout <= 0 {
		t.Errorf("%+v, %+v", client, tr)
	}
	var followed atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		followed.Store(r.URL.Path == "/elsewhere")
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c := testClient(t, Client{Endpoint: server.URL, HTTP: client})
	if _, err := c.CreateThing(t.Context(), "t"); err == nil || followed.Load() {
		t.Errorf("got %v, followed %v", err, followed.Load())
	}
}

// Connections are kept: as many as there are workers, not one per call.
func TestConnectionsAreReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		if err := newFleet(s, 100).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.network.opened.Load(); got > 8 {
			t.Errorf("%d connections were opened by 8 workers", got)
		}
	})
}

func TestPathsAreWrittenAsAWSClientsDo(t *testing.T) {
	var uris []string
	client := testClient(t, Client{HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		var raw bytes.Buffer
		if err := r.Write(&raw); err != nil {
			return nil, err
		}
		line, _, _ := strings.Cut(raw.String(), " HTTP/1.1\r\n")
		uris = append(uris, line)
		return answer(200, `{}`), nil
	})}})
	_, _ = client.GetPendingJobExecutions(t.Context(), "a:b_c-d")
	_, _ = client.StartNextPendingJobExecution(t.Context(), "a:b", nil)
	_, _ = client.DescribeJobExecution(t.Context(), "t", "$next")
	want := []string{"GET /things/a%3Ab_c-d/jobs", "PUT /things/a%3Ab/jobs/$next", "GET /things/t/jobs/%24next?includeJobDocument=false"}
	if strings.Join(uris, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", uris, want)
	}
}

// The signature holds for names that are escaped, which the path and the canonical path write differently.
func TestSignatureOfEscapedNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		s.queue("job-1", "a:b")
		execution, err := s.client().StartNextPendingJobExecution(t.Context(), "a:b", nil)
		if err != nil || execution == nil || execution.ThingName != "a:b" {
			t.Errorf("got %+v, %v", execution, err)
		}
	})
}

func TestNewClientRefuses(t *testing.T) {
	good := Client{Endpoint: "http://127.0.0.1:1", Region: "r", Credentials: Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, HTTP: http.DefaultClient, Now: time.Now}
	if _, err := NewClient(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Client){
		"no scheme":  func(c *Client) { c.Endpoint = "127.0.0.1:8080" },
		"no host":    func(c *Client) { c.Endpoint = "http://" },
		"ftp":        func(c *Client) { c.Endpoint = "ftp://a" },
		"path":       func(c *Client) { c.Endpoint = "http://a/things" },
		"query":      func(c *Client) { c.Endpoint = "http://a?b" },
		"no region":  func(c *Client) { c.Region = "" },
		"no secret":  func(c *Client) { c.Credentials.SecretAccessKey = "" },
		"no clock":   func(c *Client) { c.Now = nil },
		"no network": func(c *Client) { c.HTTP = nil },
	} {
		c := good
		change(&c)
		if _, err := NewClient(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
