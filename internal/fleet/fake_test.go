package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/sigv4"
)

// fault is what becomes of one request.
type fault int

const (
	served      fault = iota
	lostRequest       // the connection breaks before anything happens
	lostAnswer        // it happens, and the connection breaks
	failedAfter       // it happens, and the answer is 500: the server does not know
	unavailable       // nothing happens, 503
	throttled         // nothing happens, 429
)

// faults are all but served.
var faults = []fault{lostRequest, lostAnswer, failedAfter, unavailable, throttled}

// request is what a fault may depend on.
type request struct {
	operation Operation
	thing     string // empty for a job's operations
	n         int    // number among those of the operation, from 1
}

// serviceTime is what the fake takes for each request.
const serviceTime = time.Millisecond

// fake is a small server of the operations that a fleet uses. It verifies signatures and keeps versions as AWS does. It lives in a bubble.
type fake struct {
	t        *testing.T
	network  *pipes
	verifier sigv4.Verifier
	// fault decides about each request; nil serves all. It is called under mu.
	fault func(request) fault
	// hideState leaves the execution's state out of refusals, as the SDKs do.
	hideState bool
	// skipVersions makes an update count two versions.
	skipVersions bool

	mu         sync.Mutex
	seen       [operations]int
	busy, most int
	things     map[string]bool
	jobs       map[string][]string // targets
	queues     map[string][]*fakeExecution
	all        []*fakeExecution
}

type fakeExecution struct {
	thing, job string
	status     Status
	details    map[string]string
	version    int64
	// history has a line for each change.
	history []string
}

const (
	fakeKey    = "AKIDFLEET"
	fakeSecret = "secret/of+the/fleet"
	fakeRegion = "eu-west-1"
)

// newFake starts a server. Call it in a bubble.
func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{t: t, network: newPipes(), things: map[string]bool{}, jobs: map[string][]string{}, queues: map[string][]*fakeExecution{}}
	f.verifier.Region, f.verifier.Services, f.verifier.Now = fakeRegion, []string{"iot", "iot-jobs-data"}, time.Now
	f.verifier.Lookup = func(_ context.Context, id, _ string) (sigv4.Secret, bool, error) {
		return sigv4.Secret{SecretAccessKey: fakeSecret}, id == fakeKey, nil
	}
	m := http.NewServeMux()
	handle := func(o Operation, pattern string, serve func(r *http.Request, body []byte) (int, any)) {
		m.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, o, serve) })
	}
	// Both planes have DescribeJobExecution's path; the fleet uses the device's.
	handle(CreateThing, "POST /things/{thing}", f.createThing)
	handle(CreateJob, "PUT /jobs/{job}", f.createJob)
	handle(DescribeJob, "GET /jobs/{job}", f.describeJob)
	handle(GetPendingJobExecutions, "GET /things/{thing}/jobs", f.getPending)
	handle(StartNextPendingJobExecution, "PUT /things/{thing}/jobs/$next", f.startNext)
	handle(DescribeJobExecution, "GET /things/{thing}/jobs/{job}", f.describe)
	handle(UpdateJobExecution, "POST /things/{thing}/jobs/{job}", f.update)
	server := &http.Server{Handler: m}
	done := make(chan error)
	go func() { done <- server.Serve(f.network) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return f
}

// client talks to the fake.
func (f *fake) client() *Client {
	f.t.Helper()
	c := testClient(f.t, Client{HTTP: NewHTTPClient(64, nil), Jitter: rand.Float64})
	c.HTTP.Transport.(*http.Transport).DialContext = f.network.dial
	f.t.Cleanup(c.HTTP.CloseIdleConnections)
	return c
}

// queue gives a thing an execution of a job.
func (f *fake) queue(job string, things ...ThingName) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queueLocked(job, things...)
}

func (f *fake) queueLocked(job string, things ...ThingName) {
	for _, thing := range things {
		e := &fakeExecution{thing: string(thing), job: job, status: Queued, version: 1}
		f.queues[e.thing] = append(f.queues[e.thing], e)
		f.all = append(f.all, e)
	}
}

// requests is how many requests of an operation came.
func (f *fake) requests(o Operation) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[o]
}

// counts counts all executions by status.
func (f *fake) counts() map[Status]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts := map[Status]int{}
	for _, e := range f.all {
		counts[e.status]++
	}
	return counts
}

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=` + fakeKey + `/\d{8}/` + fakeRegion +
	`/(iot|iot-jobs-data)/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$`)

func (f *fake) serve(w http.ResponseWriter, r *http.Request, o Operation, serve func(*http.Request, []byte) (int, any)) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Errorf("%s: %v", o, err)
	}
	if found := authorization.FindStringSubmatch(r.Header.Get("Authorization")); found == nil || found[1] != o.scope() {
		f.t.Errorf("%s: Authorization: %s", o, r.Header.Get("Authorization"))
	}
	if _, err := f.verifier.Verify(r, body); err != nil {
		f.t.Errorf("%s %s: %v", o, r.RequestURI, err)
	}
	f.mu.Lock()
	f.busy++
	f.most = max(f.most, f.busy)
	f.mu.Unlock()
	<-time.After(serviceTime)
	f.mu.Lock()
	f.busy--
	f.seen[o]++
	fate := served
	if f.fault != nil {
		fate = f.fault(request{o, r.PathValue("thing"), f.seen[o]})
	}
	status, answer := http.StatusServiceUnavailable, any(refused("ServiceUnavailableException"))
	switch fate {
	case throttled:
		status, answer = http.StatusTooManyRequests, refused("ThrottlingException")
	case served, lostAnswer, failedAfter:
		status, answer = serve(r, body)
	case lostRequest, unavailable:
	}
	id := fmt.Sprintf("request-%s-%d", o, f.seen[o])
	f.mu.Unlock()
	switch fate {
	case lostRequest, lostAnswer:
		panic(http.ErrAbortHandler)
	case failedAfter:
		status, answer = http.StatusInternalServerError, refused("InternalServerException")
	case served, unavailable, throttled:
	}
	w.Header().Set("X-Amzn-Requestid", id)
	if e, ok := answer.(refusalDocument); ok {
		w.Header().Set("X-Amzn-Errortype", e.kind+":http://internal.example/")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

type refusalDocument struct {
	Message        string          `json:"message"`
	ExecutionState *ExecutionState `json:"executionState,omitempty"`
	kind           string
}

func refused(kind string) refusalDocument { return refusalDocument{Message: "because", kind: kind} }

func (f *fake) createThing(r *http.Request, _ []byte) (int, any) {
	name := r.PathValue("thing")
	f.things[name] = true
	return http.StatusOK, Thing{ThingName(name), "arn:aws:iot:eu-west-1:123456789012:thing/" + name}
}

func (f *fake) createJob(r *http.Request, body []byte) (int, any) {
	var job NewJob
	if err := json.Unmarshal(body, &job); err != nil {
		f.t.Error(err)
	}
	id := r.PathValue("job")
	if f.jobs[id] != nil {
		return http.StatusConflict, refused("ResourceAlreadyExistsException")
	}
	f.jobs[id] = job.Targets
	for _, arn := range job.Targets {
		f.queueLocked(id, ThingName(arn[len("arn:aws:iot:eu-west-1:123456789012:thing/"):]))
	}
	return http.StatusOK, map[string]string{"jobId": id}
}

func (f *fake) describeJob(r *http.Request, _ []byte) (int, any) {
	id := r.PathValue("job")
	if f.jobs[id] == nil {
		return http.StatusNotFound, refused("ResourceNotFoundException")
	}
	status, counts := JobCompleted, map[Status]int{}
	for _, e := range f.all {
		if e.job != id {
			continue
		}
		counts[e.status]++
		if !e.status.Terminal() {
			status = JobInProgress
		}
	}
	return http.StatusOK, map[string]any{"job": map[string]any{
		"jobId": id, "status": status, "targets": f.jobs[id], "comment": nil,
		"jobProcessDetails": map[string]any{"processingTargets": nil, "numberOfSucceededThings": counts[Succeeded], "numberOfQueuedThings": counts[Queued]},
	}}
}

func (f *fake) pending(thing string, statuses ...Status) []*fakeExecution {
	return slices.DeleteFunc(slices.Clone(f.queues[thing]), func(e *fakeExecution) bool { return !slices.Contains(statuses, e.status) })
}

func (f *fake) getPending(r *http.Request, _ []byte) (int, any) {
	summaries := func(status Status) []ExecutionSummary {
		list := []ExecutionSummary{}
		for _, e := range f.pending(r.PathValue("thing"), status) {
			list = append(list, ExecutionSummary{JobID(e.job), 1, e.version})
		}
		return list
	}
	return http.StatusOK, Pending{summaries(InProgress), summaries(Queued)}
}

func (f *fake) startNext(r *http.Request, body []byte) (int, any) {
	thing := r.PathValue("thing")
	next := append(f.pending(thing, InProgress), f.pending(thing, Queued)...)
	if len(next) == 0 {
		return http.StatusOK, struct{}{}
	}
	e := next[0]
	if e.status == Queued {
		var in Update
		if err := json.Unmarshal(body, &in); err != nil {
			f.t.Error(err)
		}
		e.change(InProgress, in.StatusDetails)
	}
	return http.StatusOK, executionAnswer{e.show()}
}

func (f *fake) execution(r *http.Request) *fakeExecution {
	for _, e := range slices.Backward(f.queues[r.PathValue("thing")]) {
		if e.job == r.PathValue("job") {
			return e
		}
	}
	return nil
}

func (f *fake) describe(r *http.Request, _ []byte) (int, any) {
	e := f.execution(r)
	switch {
	case e == nil:
		return http.StatusNotFound, refused("ResourceNotFoundException")
	case e.status.Terminal():
		return http.StatusGone, refused("TerminalStateException")
	}
	return http.StatusOK, executionAnswer{e.show()}
}

func (f *fake) update(r *http.Request, body []byte) (int, any) {
	var in struct {
		Update
		IncludeState bool `json:"includeJobExecutionState"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		f.t.Error(err)
	}
	e := f.execution(r)
	if e == nil || in.ExecutionNumber != 1 {
		return http.StatusNotFound, refused("ResourceNotFoundException")
	}
	if in.ExpectedVersion != e.version || e.status.Terminal() {
		refusal := refused("InvalidStateTransitionException")
		if !f.hideState {
			refusal.ExecutionState = e.state()
		}
		return http.StatusConflict, refusal
	}
	e.change(in.Status, in.StatusDetails)
	if f.skipVersions {
		e.version++
	}
	if !in.IncludeState {
		return http.StatusOK, struct{}{}
	}
	return http.StatusOK, map[string]any{"executionState": e.state()}
}

// change does what every accepted change does: one version more.
func (e *fakeExecution) change(status Status, details map[string]string) {
	e.status, e.version = status, e.version+1
	if details != nil {
		e.details = details
	}
	e.history = append(e.history, fmt.Sprint(status, " ", details["step"]))
}

func (e *fakeExecution) state() *ExecutionState {
	return &ExecutionState{e.status, maps.Clone(e.details), e.version}
}

func (e *fakeExecution) show() *Execution {
	return &Execution{
		JobID: JobID(e.job), ThingName: ThingName(e.thing), Status: e.status, StatusDetails: maps.Clone(e.details),
		VersionNumber: e.version, ExecutionNumber: 1, JobDocument: `{"operation":"test"}`,
	}
}
