package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/storecheck"
)

// storeCmd looks after the store. It speaks to a running server over its socket, else opens the data directory itself.
type storeCmd struct {
	Check checkStoreCmd `cmd:"" help:"Check that everything in the store agrees with itself: counters with executions, indexes with rows, timers with deadlines."`
	Copy  copyStoreCmd  `cmd:"" help:"Copy the store of a stopped server to another place. A copy that was interrupted is started again."`
}

type checkStoreCmd struct {
	storePlace
}

// Run prints a line for each fault, and what was looked at; the error tells that there are faults.
func (c *checkStoreCmd) Run(ctx context.Context) error {
	sum, err := c.check(ctx, func(fault string) { fmt.Println(fault) })
	if err != nil {
		return fmt.Errorf("the check ended before it was through: %w", err)
	}
	fmt.Printf("%s things, %s groups, %s memberships, %s jobs, %s executions, %s timers, %s faults\n", grouped(sum.Things), grouped(sum.Groups),
		grouped(sum.Memberships), grouped(sum.Jobs), grouped(sum.Executions), grouped(sum.Due), grouped(sum.Faults))
	if sum.Faults > 0 {
		return errors.New("the store has faults")
	}
	return nil
}

// check asks the running server, or opens the store of a stopped one, for which no key file is needed.
func (c *checkStoreCmd) check(ctx context.Context, found func(fault string)) (sum storecheck.Summary, err error) {
	client, alive, err := c.running(ctx)
	if err != nil {
		return sum, err
	}
	if alive {
		return client.CheckStore(ctx, found)
	}
	err = c.with(ctx, func(s store.Portable) error {
		sum, err = checkWhole(ctx, s, found)
		return err
	})
	return sum, err
}

// checkWhole checks a store as it is at one moment; changes go on meanwhile.
func checkWhole(ctx context.Context, s store.Store, found func(fault string)) (sum storecheck.Summary, err error) {
	err = s.View(ctx, func(tx store.ReadTx) error {
		sum, err = storecheck.Check(ctx, tx, found)
		return err
	})
	return sum, err
}

// opened is the directory of a stopped server as the operator's commands use it.
type opened struct{ *service.Service }

// checked is one line of the answer of GET /store/check: one member is there. The last line has the summary or an error.
type checked struct {
	Fault   string              `json:"fault,omitempty"`
	Summary *storecheck.Summary `json:"summary,omitempty"`
	Error   string              `json:"error,omitempty"`
}

// checkStore answers line by line: a check of millions of executions takes minutes, and a broken store may have more faults than memory.
func (s *server) checkStore(w http.ResponseWriter, r *http.Request) {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
		answer(w, s.log, nil, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines := json.NewEncoder(w)
	write := func(line checked) { _ = lines.Encode(line) } // a client that is gone ends the context
	sum, err := checkWhole(r.Context(), s.dir.store, func(fault string) { write(checked{Fault: fault}) })
	if err != nil {
		s.log.ErrorContext(r.Context(), "operator command failed", "error", err)
		write(checked{Error: err.Error()})
		return
	}
	write(checked{Summary: &sum})
}

// CheckStore waits as long as it takes.
func (c *socketClient) CheckStore(ctx context.Context, found func(fault string)) (sum storecheck.Summary, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://iotjobs/store/check", nil)
	if err != nil {
		return sum, err
	}
	patient := http.Client{Transport: c.http.Transport}
	response, err := patient.Do(request)
	if err != nil {
		return sum, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return sum, fmt.Errorf("the server answered %s", response.Status)
	}
	lines := json.NewDecoder(response.Body)
	for {
		var line checked
		switch err := lines.Decode(&line); {
		case errors.Is(err, io.EOF):
			return sum, io.ErrUnexpectedEOF
		case err != nil:
			return sum, err
		case line.Summary != nil:
			return *line.Summary, nil
		case line.Error != "":
			return sum, errors.New(line.Error)
		}
		found(line.Fault)
	}
}
