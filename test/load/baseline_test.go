package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"iotjobs/internal/fleet"
	"iotjobs/internal/jobs"
	"iotjobs/internal/sigv4"
	"iotjobs/internal/wire"
)

// baselineVariable in the environment makes this test binary a baseline server of that kind.
const baselineVariable = "IOTJOBS_LOAD_BASELINE"

// The kinds of baselines.
const (
	// bare verifies signatures and speaks JSON as the product does, with the product's code, and knows nothing: no policy, no log, no store.
	bare = "bare"
	// hello answers everything with five letters.
	hello = "hello"
)

// baselineKey signs requests for the bare server.
var baselineKey = fleet.Credentials{AccessKeyID: "AKIALOADBASELINEXXXX", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}

// serveBaseline prints its address and serves until its standard input ends, with the process that started it.
func serveBaseline(kind string) error {
	handler := http.Handler(http.HandlerFunc(sayHello))
	if kind == bare {
		handler = bareHandler()
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: callTimeout}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is all that counts
		_ = server.Close()
	}()
	fmt.Fprintln(os.Stdout, listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func sayHello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

// bareHandler is the device plane without anything behind it. What it answers is as long as what the product answers.
func bareHandler() http.Handler {
	b := &bareServer{newBareVerifier()}
	m := http.NewServeMux()
	m.HandleFunc("GET /things/{thingName}/jobs", b.pending)
	m.HandleFunc("GET /things/{thingName}/jobs/{jobId}", b.describe)
	m.HandleFunc("POST /things/{thingName}/jobs/{jobId}", b.update)
	return m
}

func newBareVerifier() *sigv4.Verifier {
	return &sigv4.Verifier{
		Region: region, Services: []string{deviceScope}, Now: time.Now,
		Lookup: func(_ context.Context, id, _ string) (sigv4.Secret, bool, error) {
			return sigv4.Secret{SecretAccessKey: baselineKey.SecretAccessKey}, id == baselineKey.AccessKeyID, nil
		},
	}
}

type bareServer struct{ verifier *sigv4.Verifier }

// receive reads, verifies and parses a request; on false it has answered.
func (b *bareServer) receive(w http.ResponseWriter, r *http.Request) (*wire.Reader, bool) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		_, err = b.verifier.Verify(r, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return nil, false
	}
	reader, err := wire.NewReader(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, false
	}
	return reader, true
}

func (b *bareServer) pending(w http.ResponseWriter, r *http.Request) {
	reader, ok := b.receive(w, r)
	if !ok {
		return
	}
	reader.ThingName(r.PathValue("thingName"))
	wire.WriteJSON(w, http.StatusOK, wire.PendingJobExecutions{
		InProgressJobs: []wire.JobExecutionSummary{},
		QueuedJobs:     []wire.JobExecutionSummary{wire.DeviceSummary(workJob, bareExecution())},
	})
}

func (b *bareServer) describe(w http.ResponseWriter, r *http.Request) {
	reader, ok := b.receive(w, r)
	if !ok {
		return
	}
	e := wire.DeviceExecution(reader.JobID(r.PathValue("jobId")), bareExecution(), time.Now())
	e.ThingName = reader.ThingName(r.PathValue("thingName"))
	e.JobDocument = jobDocument
	wire.WriteJSON(w, http.StatusOK, wire.ExecutionReply{Execution: e})
}

func (b *bareServer) update(w http.ResponseWriter, r *http.Request) {
	reader, ok := b.receive(w, r)
	if !ok {
		return
	}
	reader.ThingName(r.PathValue("thingName"))
	reader.JobID(r.PathValue("jobId"))
	body := reader.Update()
	if err := reader.Err(); err != nil || body.Report.Status != jobs.InProgress {
		http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
		return
	}
	wire.WriteJSON(w, http.StatusOK, wire.UpdateReply{})
}

// bareExecution is an execution that waits, as most of those that are stored.
func bareExecution() jobs.JobExecution {
	return jobs.NewExecution(1, 1, time.Now())
}
