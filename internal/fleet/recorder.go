package fleet

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Recorder collects what clients meet, in bounded memory. It may be used concurrently, also while it is read; its zero value is empty.
type Recorder struct {
	answered [operations]histogram
	calls    atomic.Int64
	retries  atomic.Int64

	mu     sync.Mutex
	errors map[errorKey]int
}

type errorKey struct {
	operation Operation
	kind      string
}

// maxErrorKinds bounds the error types that are told apart; the rest counts as one.
const maxErrorKinds = 256

// answer counts an answered attempt and the time from sending it to having read the answer.
func (r *Recorder) answer(o Operation, d time.Duration) {
	if r != nil {
		r.answered[o].add(d)
		r.calls.Add(1)
	}
}

// fail counts an attempt that was refused or got no answer.
func (r *Recorder) fail(e *Error) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.errors == nil {
		r.errors = map[errorKey]int{}
	}
	key := errorKey{e.Operation, e.Type}
	if _, known := r.errors[key]; !known && len(r.errors) >= maxErrorKinds {
		key.kind = "other types"
	}
	r.errors[key]++
}

func (r *Recorder) retry() {
	if r != nil {
		r.retries.Add(1)
	}
}

// Calls is how many requests were answered so far, refusals included.
func (r *Recorder) Calls() int { return int(r.calls.Load()) }

// Retries is how many requests were sent again.
func (r *Recorder) Retries() int { return int(r.retries.Load()) }

// Latency is what one operation took, from sending the request to having read the answer, over all answered requests. Quantiles are
// too high by less than one percent; waiting before a retry is not part of them.
type Latency struct {
	Operation     Operation
	Calls         int
	P50, P99, Max time.Duration
}

// Latencies lists the operations that were used.
func (r *Recorder) Latencies() []Latency {
	var all []Latency
	for o := range operations {
		h := &r.answered[o]
		if n := h.count(); n > 0 {
			all = append(all, Latency{o, int(n), h.quantile(0.50), h.quantile(0.99), time.Duration(h.longest.Load())})
		}
	}
	return all
}

// ErrorCount is how many requests of an operation failed in one way, repaired and repeated ones included.
type ErrorCount struct {
	Operation Operation
	Type      string // as the server names it, or NoAnswer
	Count     int
}

// Errors lists the ways in which requests failed.
func (r *Recorder) Errors() []ErrorCount {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]ErrorCount, 0, len(r.errors))
	for key, n := range maps.All(r.errors) {
		all = append(all, ErrorCount{key.operation, key.kind, n})
	}
	slices.SortFunc(all, func(a, b ErrorCount) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Type, b.Type))
	})
	return all
}

// NoAnswer is the type of an Error whose request was not answered.
const NoAnswer = "NoAnswer"

// Error is a request that failed: refused by the server, or not answered.
type Error struct {
	Operation Operation
	Status    int    // HTTP status; 0 if there was no answer
	Type      string // the server's exception, or NoAnswer
	Message   string
	RequestID string
	// State is what the answer says of the execution; nil if it says nothing.
	State *ExecutionState
	// Unsure tells that an earlier attempt of the same call may have taken effect, see MayHaveHappened.
	Unsure bool

	cause error
}

func (e *Error) Error() string {
	text := e.Operation.String() + ": " + e.Type
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.cause }

// MayHaveHappened tells whether the failed request itself may have taken effect: no answer came, or one that cannot be understood, or the
// server does not know.
func (e *Error) MayHaveHappened() bool { return e.Status < 300 || e.Status >= 500 }

// passing tells whether the same request may succeed a little later.
func (e *Error) passing() bool {
	return e.MayHaveHappened() || e.Status == 429 || e.Type == "ThrottlingException" // 400 on the control plane
}

// is tells whether err is a refusal of the given type.
func is(err error, exception string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Type == exception
}
