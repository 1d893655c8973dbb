package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// echo is an operation whose members come from everywhere.
type echo struct {
	Name   string `json:"name"`
	Number int64  `json:"number"`
	Long   int64  `json:"long"`
	Flag   bool   `json:"flag"`
	Text   string `json:"text"`
}

func decodeEcho(q *httpapi.Request) (echo, error) {
	e := echo{Name: q.Path("name"), Number: q.PathLong("number", wire.Min(1))}
	e.Long, _ = q.QueryLong("long", wire.Max(9))
	e.Flag = q.QueryBool("flag", true)
	e.Text, _ = q.String("text", wire.MaxLen(3))
	if e.Text == "no" {
		return e, jobs.Errorf(jobs.LimitExceeded, "decode says no")
	}
	return e, nil
}

// api is a plane with one route, and what it logs.
func api(t *testing.T, op func(context.Context, echo) (echo, error)) (http.Handler, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	a := &httpapi.API{
		Log: slog.New(slog.NewTextHandler(io.MultiWriter(&log, t.Output()), nil)), Exception: wire.ControlException,
		ErrorReply: func(r *http.Request, e *jobs.Error) any {
			return map[string]string{"message": e.Message, "name": r.PathValue("name")}
		},
	}
	m := http.NewServeMux()
	m.Handle("PUT /echo/{name}/{number}", httpapi.Handle(a, decodeEcho, op, func(out echo) any {
		if out.Name == "silent" {
			return nil
		}
		return out
	}))
	m.Handle("DELETE /echo/{name}/{number}", httpapi.Handle(a, decodeEcho, httpapi.NoOutput(func(ctx context.Context, in echo) error {
		_, err := op(ctx, in)
		return err
	}), httpapi.NoBody))
	return m, &log
}

func call(t *testing.T, h http.Handler, method, target string, body io.Reader) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	w.Header().Set(wire.RequestIDHeader, "request-1")
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, body))
	return w
}

func same(_ context.Context, in echo) (echo, error) { return in, nil }

func TestHandle(t *testing.T) {
	h, _ := api(t, same)
	for _, c := range []struct {
		request, body string
		status        int
		want          string
	}{
		{"PUT /echo/a%2Fb/7?long=9&flag=false", `{"text":"abc"}`, 200, `{"name":"a/b","number":7,"long":9,"flag":false,"text":"abc"}`},
		{"PUT /echo/a/1", ``, 200, `{"name":"a","number":1,"long":0,"flag":true,"text":""}`},
		{"PUT /echo/silent/1", ``, 200, ""},
		{"DELETE /echo/a/1", ``, 200, ""},
		{"PUT /echo/a/1", `{`, 400, `{"message":"The request body is not valid JSON: unexpected EOF.","name":"a"}`},
		{"PUT /echo/a/1", `{"text":"no"}`, 410, `{"message":"decode says no","name":"a"}`},
	} {
		method, target, _ := strings.Cut(c.request, " ")
		got := call(t, h, method, target, strings.NewReader(c.body))
		if got.Code != c.status || got.Body.String() != c.want {
			t.Errorf("%s %s: got %d %s, want %d %s", c.request, c.body, got.Code, got.Body, c.status, c.want)
		}
	}
}

// TestViolationsFirst: what is wrong with single members is told before anything that decode found besides, all of it at once.
func TestViolationsFirst(t *testing.T) {
	h, _ := api(t, func(context.Context, echo) (echo, error) {
		t.Error("the operation ran")
		return echo{}, nil
	})
	got := call(t, h, "PUT", "/echo/a/0?long=10&flag=perhaps", strings.NewReader(`{"text":"no"}`))
	want := `{"message":"3 validation errors detected: Value '0' at 'number' failed to satisfy constraint: Member must have value greater than or equal to 1; ` +
		`Value '10' at 'long' failed to satisfy constraint: Member must have value less than or equal to 9; ` +
		`Value 'perhaps' at 'flag' failed to satisfy constraint: Member must be a boolean","name":"a"}`
	if got.Code != 400 || got.Body.String() != want {
		t.Errorf("got  %d %s\nwant 400 %s", got.Code, got.Body, want)
	}
	for _, target := range []string{"/echo/a/x", "/echo/a/99999999999999999999", "/echo/a/1?long=", "/echo/a/1?flag="} {
		if got := call(t, h, "PUT", target, http.NoBody); got.Code != 400 {
			t.Errorf("%s: got %d %s, want 400", target, got.Code, got.Body)
		}
	}
}

// TestErrors: a refusal reaches the client even when it is wrapped; anything else is logged once, and the client learns nothing of it.
func TestErrors(t *testing.T) {
	secret := errors.New("disk /secret is full")
	for _, c := range []struct {
		err    error
		status int
		kind   string
		body   string
		logged bool
	}{
		{jobs.Errorf(jobs.ResourceNotFound, "gone"), 404, "ResourceNotFoundException", `{"message":"gone","name":"a"}`, false},
		{fmt.Errorf("update: %w", jobs.Errorf(jobs.Throttled, "slow down")), 400, "ThrottlingException", `{"message":"slow down","name":"a"}`, false},
		{secret, 500, "InternalFailureException", `{"message":"` + wire.InternalMessage + `","name":"a"}`, true},
		{context.Canceled, 500, "InternalFailureException", `{"message":"` + wire.InternalMessage + `","name":"a"}`, false},
	} {
		h, log := api(t, func(context.Context, echo) (echo, error) { return echo{}, c.err })
		got := call(t, h, "PUT", "/echo/a/1?long=5", http.NoBody)
		if got.Code != c.status || got.Header().Get("X-Amzn-ErrorType") != c.kind || got.Body.String() != c.body {
			t.Errorf("%v: got %d %s %s, want %d %s %s", c.err, got.Code, got.Header().Get("X-Amzn-ErrorType"), got.Body, c.status, c.kind, c.body)
		}
		if logged := strings.Count(log.String(), secret.Error()) == 1 && strings.Contains(log.String(), "request-1"); logged != c.logged {
			t.Errorf("%v: logged %q", c.err, log)
		}
		if strings.Contains(log.String(), "long=5") {
			t.Errorf("the query was logged: %s", log)
		}
	}
}

func TestUnreadableBody(t *testing.T) {
	h, _ := api(t, same)
	got := call(t, h, "PUT", "/echo/a/1", io.MultiReader(strings.NewReader(`{"text":`), broken{}))
	if got.Code != 400 || !strings.Contains(got.Body.String(), "The request body cannot be read.") {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }
