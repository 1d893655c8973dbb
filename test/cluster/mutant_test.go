package cluster

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"iotjobs/internal/store/postgres/pgtest"
)

// tampering does something else to every so many reports of devices than to send them.
type tampering struct {
	http.RoundTripper

	every   int64
	reports atomic.Int64
	tamper  func(http.RoundTripper, *http.Request) (*http.Response, error)
}

func (t *tampering) RoundTrip(r *http.Request) (*http.Response, error) {
	report := r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/things/") && strings.Contains(r.URL.Path, "/jobs/")
	if report && t.reports.Add(1)%t.every == 0 {
		return t.tamper(t.RoundTripper, r)
	}
	return t.RoundTripper.RoundTrip(r)
}

// sentTwice is how nodes look that apply a report twice.
func sentTwice(to http.RoundTripper, r *http.Request) (*http.Response, error) {
	again := r.Clone(r.Context())
	var err error
	if again.Body, err = r.GetBody(); err != nil {
		return nil, err
	}
	first, err := to.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, first.Body); err != nil {
		return nil, err
	}
	first.Body.Close()
	return to.RoundTrip(again)
}

// lostAfterwards is how nodes look that lose what they have acknowledged: the answer is right, and nothing is stored.
func lostAfterwards(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(bytes.NewReader([]byte(
		`{"executionState":{"status":"IN_PROGRESS","versionNumber":2,"statusDetails":{"note":"0-1"}}}`)))}, nil
}

// TestMutantNodesAreCaught: two nodes without any disaster, whose reports are doubled or lost on the way.
func TestMutantNodesAreCaught(t *testing.T) {
	h := newHouse(t)
	url := pgtest.NewURL(t)
	a, b := h.newNode("a", url), h.newNode("b", url)
	h.must(a.Start(t.Context()))
	h.must(b.Start(t.Context()))
	for name, test := range map[string]struct {
		tamper func(http.RoundTripper, *http.Request) (*http.Response, error)
		every  int64
		wrong  bool
	}{"right": {nil, 1 << 60, false}, "doubles": {sentTwice, 20, true}, "loses": {lostAfterwards, 20, true}} {
		t.Run(name, func(t *testing.T) {
			random := seeded(t)
			clean, err := newAPI(a.Dir)
			h.must(err)
			client := *clean.HTTP
			client.Transport = &tampering{RoundTripper: clean.HTTP.Transport, every: test.every, tamper: test.tamper}
			tampered, err := newAPI(a.Dir)
			h.must(err)
			tampered.HTTP = &client
			l := &load{api: clean, nodes: []*node{a, b}, history: newHistory()}
			things := h.furnish(l, a, map[string]int{"of-" + name: 8})["of-"+name]
			h.must(l.createJob(t.Context(), random, "job-"+name, "of-"+name, nil))
			l.api = tampered
			var callers sync.WaitGroup
			for i, thing := range things {
				d := &caller{load: l, id: i, thing: thing, rand: rand.New(rand.NewPCG(random.Uint64(), 0))}
				callers.Go(func() { d.work(t.Context(), 12) })
			}
			callers.Wait()
			last := &caller{load: l, id: len(things), rand: random}
			for _, thing := range things {
				_, err := last.read(t.Context(), thing, "job-"+name)
				h.must(err)
			}
			if err := l.history.explained(t); (err != nil) != test.wrong {
				t.Errorf("the history is explained: %v", err)
			}
		})
	}
}

// TestMutantRateAndTimersAreCaught shows that the checks of TestChaos find what they are for.
func TestMutantRateAndTimersAreCaught(t *testing.T) {
	released := func(times ...float64) (all []listed) {
		for i, at := range times {
			e := listed{ThingARN: fmt.Sprint(i)}
			e.Summary.QueuedAt, e.Summary.ExecutionNumber = 1e9+at, 1
			all = append(all, e)
		}
		return all
	}
	twice := released(0, 1)
	twice[1].ThingARN = twice[0].ThingARN
	for name, test := range map[string]struct {
		executions []listed
		right      bool
	}{
		"two a minute": {released(0, 1, 61, 61.5, 122), true}, "early": {released(0, 1, 50), false}, "three at once": {released(0, 60, 61, 62), false},
		"twice on a thing": {twice, false},
	} {
		if err := rateKept(test.executions, 2); (err == nil) != test.right {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, test := range []struct {
		e     execution
		right bool
	}{
		{execution{Status: "TIMED_OUT", VersionNumber: 3, Number: 1}, true},
		{execution{Status: "TIMED_OUT", VersionNumber: 4, Number: 1}, false},
		{execution{Status: "IN_PROGRESS", VersionNumber: 2, Number: 1}, false},
		{execution{Status: "TIMED_OUT", VersionNumber: 3, Number: 2}, false},
	} {
		if firedOnce(test.e) != test.right {
			t.Errorf("%+v counts as fired once: %v", test.e, !test.right)
		}
	}
}
