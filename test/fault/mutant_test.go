package fault

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// made is a history as a server without faults answers it, with what became of writes without an answer, as a client takes it down.
func made(random *rand.Rand) *history {
	h := &history{born: queued}
	now := h.born
	for n := range 3 + random.IntN(20) {
		written := state{status: "IN_PROGRESS", note: fmt.Sprint(n)}
		if random.IntN(4) > 0 {
			now = now.after(written)
			if random.IntN(3) > 0 {
				written.version = now.version
			}
			h.add(acknowledged, written)
			continue
		}
		h.add(unanswered, written)
		if random.IntN(2) == 0 {
			now = now.after(written)
		}
		h.add(read, now)
	}
	h.add(read, now)
	return h
}

// anAcknowledged draws one of the acknowledged writes; -1 if there is none.
func anAcknowledged(random *rand.Rand, h *history) int {
	var all []int
	for i, e := range h.events {
		if e.kind == acknowledged {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return -1
	}
	return all[random.IntN(len(all))]
}

func TestHistoryOfServerWithoutFaultsIsPossible(t *testing.T) {
	random := seeded(t)
	for range 500 {
		h := made(random)
		if _, err := h.possible(); err != nil {
			t.Fatal(err)
		}
	}
}

// A log and a store that differ in one write must be told apart: one that was lost and one that was applied twice, whichever it is.
func TestMutantHistoryIsImpossible(t *testing.T) {
	for name, change := range map[string]func(h *history, at int){
		// The store has a write that nobody has sent: so looks one that was applied twice.
		"acknowledged write removed from the log": func(h *history, at int) { h.events = slices.Delete(h.events, at, at+1) },
		// The store has a write once that was acknowledged twice: so looks one that was lost.
		"acknowledged write doubled in the log": func(h *history, at int) { h.events = slices.Insert(h.events, at, h.events[at]) },
		"acknowledged write that is not in the store": func(h *history, at int) {
			for i := at; i < len(h.events); i++ {
				if e := &h.events[i]; e.kind == read || e.state.version > 0 && i > at {
					e.state.version--
				}
			}
		},
		"last write read with the content of another": func(h *history, _ int) { h.events[len(h.events)-1].state.note = "another" },
	} {
		t.Run(name, func(t *testing.T) {
			random := seeded(t)
			for range 500 {
				h := made(random)
				at := anAcknowledged(random, h)
				if at < 0 {
					continue
				}
				change(h, at)
				if _, err := h.possible(); err == nil {
					t.Fatalf("passes for possible: %+v", h)
				}
			}
		})
	}
}

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

// sentTwice is how a server looks that applies a report twice.
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

// notSent is how a server looks that loses what it has acknowledged.
func notSent(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte("{}"))), Request: r}, nil
}

// The whole campaign must find a server that loses or doubles a write, however seldom. One round is enough.
func TestMutantServerIsCaught(t *testing.T) {
	for name, tamper := range map[string]func(http.RoundTripper, *http.Request) (*http.Response, error){"doubles": sentTwice, "loses": notSent} {
		t.Run(name, func(t *testing.T) {
			c, err := newCampaign(t.Context(), t, clients*thingsOfClient, func(to http.RoundTripper) http.RoundTripper {
				return &tampering{RoundTripper: to, every: 20, tamper: tamper}
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 3 { // a round may end before there were so many reports
				if err = c.runRound(t.Context(), c.server.Kill, c.server.Start); err != nil {
					break
				}
			}
			if err == nil {
				t.Fatal("the campaign has found nothing")
			}
			found := func(what string) bool { return strings.Contains(err.Error(), what) }
			if !slices.ContainsFunc([]string{"can only have been", "is refused", "nobody has begun"}, found) {
				t.Errorf("the campaign has found something else: %v", err)
			}
		})
	}
}
