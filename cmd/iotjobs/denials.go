package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/auth"
)

// denialsCmd shows the calls that policies denied lately. Only a running server knows them.
type denialsCmd struct {
	place
}

// Run prints them, the newest first.
func (c *denialsCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(to operator) error {
		calls, err := to.Denials(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "TIME\tPRINCIPAL\tFROM\tACTION\tRESOURCE\tREASON")
		for _, d := range calls {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", d.At.Format(time.RFC3339), d.Principal, d.SourceIP, d.Action, d.Resource, d.Reason)
		}
		return table.Flush()
	})
}

// Denials asks a running server.
func (c *socketClient) Denials(ctx context.Context) (calls []deniedCall, err error) {
	err = c.call(ctx, http.MethodGet, "/denials", nil, &calls)
	return calls, err
}

// Denials of a stopped server are only in its log.
func (opened) Denials(context.Context) ([]deniedCall, error) {
	return nil, errors.New("the server does not run; the calls that it denied are in its log and in its audit log")
}

// keptDenials is how many denials are kept for iotjobs denials.
const keptDenials = 256

// denials logs and counts the calls that policies denied, and keeps the last ones.
type denials struct {
	log     *slog.Logger
	counter *prometheus.CounterVec

	mu   sync.Mutex
	last [keptDenials]deniedCall // a ring
	next int                     // where the next one goes
}

// deniedCall is one denial as iotjobs denials shows it.
type deniedCall struct {
	At        time.Time `json:"at"`
	Principal string    `json:"principal"`
	SourceIP  string    `json:"sourceIp,omitempty"`
	Action    string    `json:"action"`
	Resource  string    `json:"resource"`
	// Reason names the statement that decided, or says that there is none.
	Reason    string `json:"reason"`
	RequestID string `json:"requestId"`
}

func newDenials(registry prometheus.Registerer, log *slog.Logger) *denials {
	d := &denials{log: log, counter: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iotjobs_denied_calls_total",
		Help: "Calls that policies denied, by action, and by whether a statement denied them or none allowed them.",
	}, []string{"action", "reason"})}
	registry.MustRegister(d.counter)
	return d
}

// record is for auth.Authorizer.
func (d *denials) record(ctx context.Context, denial auth.Denial) {
	kind := "none_allows"
	if denial.Decision.ExplicitDeny {
		kind = "denied"
	}
	d.counter.WithLabelValues(denial.Call.Action, kind).Inc()
	call := deniedCall{
		At: time.Now().UTC(), Principal: denial.Principal.String(), Action: denial.Call.Action, Resource: shortened(denial.Call.Resource),
		Reason: denial.Decision.Reason(), RequestID: denial.RequestID,
	}
	if denial.Principal.SourceIP.IsValid() {
		call.SourceIP = denial.Principal.SourceIP.String()
	}
	d.log.WarnContext(ctx, "call denied", "requestId", call.RequestID, "principal", call.Principal, "remote", call.SourceIP,
		"action", call.Action, "resource", call.Resource, "reason", call.Reason)
	d.keep(call)
}

func (d *denials) keep(call deniedCall) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last[d.next] = call
	d.next = (d.next + 1) % keptDenials
}

// list is the kept denials, the newest first.
func (d *denials) list() []deniedCall {
	d.mu.Lock()
	defer d.mu.Unlock()
	calls := []deniedCall{}
	for i := range keptDenials {
		call := d.last[(d.next-1-i+2*keptDenials)%keptDenials]
		if call.At.IsZero() {
			break
		}
		calls = append(calls, call)
	}
	return calls
}

// shortened keeps the resource of a path that no thing has from filling the ring and the log.
func shortened(resource string) string {
	const limit = 256
	if len(resource) <= limit {
		return resource
	}
	return resource[:limit] + "…"
}
