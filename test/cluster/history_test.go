package cluster

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// register is one execution as everybody sees it. Every report carries a note of its own.
type register struct {
	status  string
	version int64
	note    string
}

func (r register) pending() bool { return r.status == "QUEUED" || r.status == "IN_PROGRESS" }

// call is what was asked of one execution, answer what came back.
type call struct {
	execution string // thing/job
	read      bool
	status    string // of a report
	note      string
	expected  int64 // 0 for any
}

type answer struct {
	unknown bool     // there was no answer: it may have happened at any time since, or not
	refused bool     // of a report: nothing was changed
	shown   register // what was read, or what the report has made
}

// possible lists the states that a call with that answer can leave behind; none if it cannot have been answered so.
func (r register) possible(c call, a answer) []register {
	if c.read {
		if a.shown == r {
			return []register{r}
		}
		return nil
	}
	next, allowed := register{c.status, r.version + 1, c.note}, r.pending() && (c.expected == 0 || c.expected == r.version)
	switch {
	case a.unknown && allowed:
		return []register{r, next}
	case a.unknown, a.refused && !allowed:
		return []register{r}
	case !a.refused && allowed && a.shown == next:
		return []register{next}
	}
	return nil
}

// model is what porcupine checks: each execution by itself.
func model() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
			at := map[string]int{}
			for _, op := range history {
				name := op.Input.(call).execution
				i, known := at[name]
				if !known {
					i = len(parts)
					at[name], parts = i, append(parts, nil)
				}
				parts[i] = append(parts[i], op)
			}
			return parts
		},
		Init: func() []any { return []any{register{status: "QUEUED", version: 1}} },
		Step: func(state, input, output any) (next []any) {
			for _, r := range state.(register).possible(input.(call), output.(answer)) {
				next = append(next, r)
			}
			return next
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
		DescribeState:     func(state any) string { return fmt.Sprint(state) },
	}
	return m.ToModel()
}

// history gathers the operations of all callers.
type history struct {
	began time.Time

	mu         sync.Mutex
	operations []porcupine.Operation
	unknown    int
}

func newHistory() *history { return &history{began: time.Now()} }

func (h *history) now() int64 { return int64(time.Since(h.began)) }

// add takes down a call that began at an instant and has its answer now. A read without an answer says nothing.
func (h *history) add(client int, began int64, c call, a answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ended := h.now()
	if a.unknown {
		if c.read {
			return
		}
		h.unknown++
		ended = math.MaxInt64
	}
	h.operations = append(h.operations, porcupine.Operation{ClientId: client, Input: c, Call: began, Output: a, Return: ended})
}

// patience bounds the search for an order.
const patience = time.Minute

// explained tells whether there is an order of the calls that explains all answers.
func (h *history) explained(t *testing.T) error {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	result, info := porcupine.CheckOperationsVerbose(model(), h.operations, patience)
	switch result {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return fmt.Errorf("no order of %d calls was found within %s, and none excluded", len(h.operations), patience)
	case porcupine.Illegal:
	}
	path := t.ArtifactDir() + "/history.html"
	if err := porcupine.VisualizePath(model(), info, path); err != nil {
		return fmt.Errorf("no order of %d calls explains their answers; no picture: %w", len(h.operations), err)
	}
	return fmt.Errorf("no order of %d calls explains their answers; the picture is %s (go test -artifacts keeps it)", len(h.operations), path)
}
