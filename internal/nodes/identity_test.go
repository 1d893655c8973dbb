package nodes_test

import (
	"errors"
	"testing"
	"time"

	"iotjobs/internal/bubble"
	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
)

// TestARevokedKeyEndsOnEveryNode within a second, also with every hint lost; on the node that revoked it at once.
func TestARevokedKeyEndsOnEveryNode(t *testing.T) {
	inHouse(t, func(h *house) {
		h.store.deaf.Store(true)
		a, b := h.open("a", true), h.open("b", true)
		key, secret, err := a.CreateAccessKey(h.t.Context(), service.CreateAccessKeyInput{})
		h.must(err)
		bubble.Advance(5*time.Second + 5*time.Millisecond)
		known := func(r *resident) bool {
			got, err := r.AccessKey(h.t.Context(), key.ID)
			h.must(err)
			return got != nil && got.Secret == secret
		}
		if !known(a) || !known(b) {
			t.Fatal("the key is not known on both nodes")
		}
		h.must(a.RevokeAccessKey(h.t.Context(), key.ID))
		if known(a) {
			t.Error("the revoked key is known on the node that revoked it")
		}
		bubble.Advance(time.Second)
		if known(b) {
			t.Error("the revoked key is known on the other node a second later")
		}
	})
}

// TestANodeDoesNotForgetForItsOwnChange what the change does not concern; the others forget everything, for they do not know whom it concerns.
func TestANodeDoesNotForgetForItsOwnChange(t *testing.T) {
	inHouse(t, func(h *house) {
		a, b := h.open("a", true), h.open("b", true)
		key, _, err := a.CreateAccessKey(h.t.Context(), service.CreateAccessKeyInput{})
		h.must(err)
		bubble.Advance(time.Second)
		a.forgot.Store(false)
		b.forgot.Store(false)
		h.must(a.RevokeAccessKey(h.t.Context(), key.ID))
		bubble.Advance(time.Second)
		if a.forgot.Load() || !b.forgot.Load() {
			t.Errorf("forgot everything: a %v, b %v; want only b", a.forgot.Load(), b.forgot.Load())
		}
	})
}

// TestAHintMakesNodesForgetAtOnce, long before they look by themselves.
func TestAHintMakesNodesForgetAtOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		a, b := h.open("a", true), h.open("b", true)
		key, _, err := a.CreateAccessKey(h.t.Context(), service.CreateAccessKeyInput{})
		h.must(err)
		bubble.Advance(5*time.Second + 5*time.Millisecond)
		before, err := b.AccessKey(h.t.Context(), key.ID)
		h.must(err)
		h.must(a.RevokeAccessKey(h.t.Context(), key.ID))
		bubble.Advance(50 * time.Millisecond)
		if after, err := b.AccessKey(h.t.Context(), key.ID); before == nil || after != nil || err != nil {
			t.Errorf("known before: %v, known 50 ms after it was revoked on another node: %v, %v", before != nil, after != nil, err)
		}
	})
}

// TestANodeThatCannotKnowJudgesNobody: what it keeps may be wrong by now.
func TestANodeThatCannotKnowJudgesNobody(t *testing.T) {
	inHouse(t, func(h *house) {
		a, b := h.open("a", true), h.open("b", true)
		key, _, err := a.CreateAccessKey(h.t.Context(), service.CreateAccessKeyInput{})
		h.must(err)
		bubble.Advance(time.Second)
		ask := func() error {
			_, err := b.AccessKey(h.t.Context(), key.ID)
			return err
		}
		h.must(ask())
		b.way.cut.Store(true)
		bubble.Advance(4 * time.Second)
		h.must(ask()) // it is young enough
		bubble.Advance(1500 * time.Millisecond)
		if err := ask(); !errors.Is(err, jobs.Unavailable) {
			t.Errorf("5.5 s without the store: %v, want %v", err, jobs.Unavailable)
		}
		if _, err := b.Authority(h.t.Context(), "some", "thing"); !errors.Is(err, jobs.Unavailable) {
			t.Errorf("5.5 s without the store, of a certificate: %v, want %v", err, jobs.Unavailable)
		}
		if b.IdentityReady() == nil || a.IdentityReady() != nil {
			t.Errorf("ready: a %v, b %v; want only a", a.IdentityReady(), b.IdentityReady())
		}
		h.must(a.RevokeAccessKey(h.t.Context(), key.ID))
		b.way.cut.Store(false)
		bubble.Advance(300 * time.Millisecond)
		if known, err := b.AccessKey(h.t.Context(), key.ID); known != nil || err != nil {
			t.Errorf("known %v, %v, after the node is back; the key was revoked meanwhile", known != nil, err)
		}
	})
}

// TestEventsAreSwitchedOnEveryNode, and told by one.
func TestEventsAreSwitchedOnEveryNode(t *testing.T) {
	inHouse(t, func(h *house) {
		a, b := h.open("a", true), h.open("b", true)
		a.TellEvents, b.TellEvents = true, true
		names := a.fleet(2)
		bubble.Advance(time.Second)
		a.job("before", jobs.Config{})
		_, err := b.StartNextPendingJobExecution(h.t.Context(), service.StartNextPendingJobExecutionInput{Thing: names[0]})
		h.must(err) // b has read that everything is off
		h.must(a.UpdateEventConfigurations(h.t.Context(), map[jobs.EventType]bool{jobs.JobExecutionEvents: true}))
		bubble.Advance(time.Second)
		_, err = b.UpdateJobExecution(h.t.Context(), service.UpdateJobExecutionInput{Thing: names[0], JobID: "before", Report: jobs.Report{Status: jobs.Succeeded}})
		h.must(err)
		first, err := a.PendingEvents(h.t.Context(), 0, 10)
		h.must(err)
		second, err := b.PendingEvents(h.t.Context(), 0, 10)
		h.must(err)
		if len(first) != 1 || len(second) != 0 {
			t.Fatalf("a has %d events to tell and b %d, want 1 and 0", len(first), len(second))
		}
		h.must(b.ForgetEvents(h.t.Context(), first[0].Number)) // not its business
		a.stop()
		bubble.Advance(15 * time.Second)
		second, err = b.PendingEvents(h.t.Context(), 0, 10)
		h.must(err)
		if len(second) != 1 {
			t.Errorf("b has %d events to tell after a has died, want 1", len(second))
		}
		h.must(b.ForgetEvents(h.t.Context(), second[0].Number))
		second, err = b.PendingEvents(h.t.Context(), 0, 10)
		h.must(err)
		if len(second) != 0 {
			t.Errorf("%d events wait after they were told, want none", len(second))
		}
	})
}
