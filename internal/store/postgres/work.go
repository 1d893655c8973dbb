package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// work is what a transaction that writes has read, under lock, and what it has to write. A group of device calls and an update share it.
type work struct {
	*session
	ctx     context.Context // of the transaction; work lives no longer
	configs *configCache
	stripe  int16
	// unlocked is Options.unlocked.
	unlocked bool

	things map[registry.ThingName]*thingState
	// changed are those to be written, each once.
	changed []*thingState
	// gone are things that are not there any more, whose history may still be deleted.
	gone map[registry.ThingKey]*thingState
	jobs map[jobs.JobNumber]*jobs.Job
	ids  map[jobs.JobID]*jobs.Job

	executions map[executionID]*executionWrite
	heads      map[headID]jobs.Head
	deltas     map[jobs.JobNumber]jobs.Counters
	marks      map[jobs.JobNumber]struct{}
	events     [][]byte
}

type executionID struct {
	thing  registry.ThingKey
	job    jobs.JobNumber
	number jobs.ExecutionNumber
}

// executionWrite is the change of a row of table execution. The content of a pending one lies in its thing.
type executionWrite struct {
	stored bool               // there is a row
	after  *jobs.JobExecution // nil: there is none afterwards
}

type headID struct {
	thing registry.ThingKey
	job   jobs.JobNumber
}

func newWork(ctx context.Context, s *session, configs *configCache, stripe int16) *work {
	return &work{
		session: s, ctx: ctx, configs: configs, stripe: stripe,
		things: map[registry.ThingName]*thingState{}, gone: map[registry.ThingKey]*thingState{},
		jobs: map[jobs.JobNumber]*jobs.Job{}, ids: map[jobs.JobID]*jobs.Job{},
		executions: map[executionID]*executionWrite{}, heads: map[headID]jobs.Head{},
		deltas: map[jobs.JobNumber]jobs.Counters{}, marks: map[jobs.JobNumber]struct{}{},
	}
}

// address is an address of a thing.
type address struct {
	thing registry.ThingName
	store.Address
}

const (
	selectThings = `SELECT name, number, type, registry, pending FROM thing WHERE name = ANY($1)`
	lockThings   = selectThings + ` ORDER BY name FOR UPDATE`
)

// queueThings queues the question for things, which the transaction has locked then.
func (w *work) queueThings(names []registry.ThingName) {
	w.query(func(rows pgx.Rows) error {
		s, err := scanThing(rows)
		if err == nil {
			w.things[s.thing.Name] = s
		}
		return err
	}, lockThings, texts(names))
}

// scanThing reads name, number, type, registry and pending.
func scanThing(rows pgx.Rows) (*thingState, error) {
	var name string
	var number int64
	var typeName *string
	var registered, pending []byte
	if err := rows.Scan(&name, &number, &typeName, &registered, &pending); err != nil {
		return nil, err
	}
	return thingOf(name, number, deref(typeName), registered, pending)
}

func thingOf(name string, number int64, typeName string, registered, pending []byte) (*thingState, error) {
	key := registry.ThingKey{Name: registry.ThingName(name), Number: registry.ThingNumber(number)}
	s := newThingState()
	var err error
	if s.thing, err = decodeThing(key, registry.TypeName(typeName), registered); err != nil {
		return nil, err
	}
	return s, s.decodePending(pending)
}

const selectAddressed = `
SELECT a.place, j.number, h.newest, h.failed, h.timed_out, e.number, e.ended
FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS a (name, id, number, place)
JOIN thing t ON t.name = a.name
JOIN job j ON j.id = a.id
LEFT JOIN head h ON h.thing = t.number AND h.job = j.number
LEFT JOIN LATERAL (
	SELECT x.number, x.ended FROM execution x
	WHERE x.thing = t.number AND x.job = j.number AND (a.number = 0 OR x.number = a.number) ORDER BY x.number DESC LIMIT 1
) e ON true`

// queueAddressed queues the question for what addresses name, beside the things. The transaction's own changes must have been flushed.
func queueAddressed(s *session, addrs []address, things map[registry.ThingName]*thingState) {
	if len(addrs) == 0 {
		return
	}
	names, ids, numbers := make([]string, len(addrs)), make([]string, len(addrs)), make([]int64, len(addrs))
	for i, a := range addrs {
		names[i], ids[i], numbers[i] = storableText(string(a.thing)), storableText(string(a.Job)), int64(a.Number)
	}
	s.query(func(rows pgx.Rows) error {
		var place, job int64
		var newest, number *int64
		var failed, timedOut *int32
		var ended []byte
		if err := rows.Scan(&place, &job, &newest, &failed, &timedOut, &number, &ended); err != nil {
			return err
		}
		a := addrs[place-1]
		state := things[a.thing]
		if state == nil {
			return nil // it is locked by somebody else
		}
		j := state.of(jobs.JobNumber(job))
		if newest != nil {
			used := jobs.RetriesUsed{Failed: int(*failed), TimedOut: int(*timedOut)}
			j.head = jobs.Head{Known: true, Newest: jobs.ExecutionNumber(*newest), Retries: used}
		}
		j.headKnown = true
		return j.found(a.Number, number, ended)
	}, selectAddressed, names, ids, numbers)
}

// found notes the answer to a question for an execution by number, 0 for the newest.
func (j *jobState) found(asked jobs.ExecutionNumber, number *int64, ended []byte) error {
	if asked == 0 {
		j.newestKnown, j.newest = true, jobs.ExecutionNumber(deref(number))
	}
	switch {
	case number == nil && asked != 0:
		j.end(asked, nil)
	case ended != nil:
		e, err := decodeExecution(ended)
		if err != nil {
			return err
		}
		j.end(jobs.ExecutionNumber(*number), &e)
	}
	return nil
}

// lookUp asks for an execution that nobody has addressed, of a thing that may be gone.
func (w *work) lookUp(key registry.ThingKey, state *thingState, job jobs.JobNumber, number jobs.ExecutionNumber) (*jobs.JobExecution, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	j := state.of(job)
	j.end(number, nil)
	w.query(func(rows pgx.Rows) error {
		var ended []byte
		if err := rows.Scan(&ended); err != nil || ended == nil {
			return err
		}
		n := int64(number)
		return j.found(number, &n, ended)
	}, `SELECT ended FROM execution WHERE thing = $1 AND job = $2 AND number = $3 AND thing_name = $4`, int64(key.Number), int64(job), int64(number), storableText(string(key.Name)))
	err := w.send(w.ctx)
	return j.ended[number], err
}

func texts[T ~string](names []T) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = storableText(string(name))
	}
	return list
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// errNoThing is the refusal of a change of a thing that is not there.
func errNoThing(key registry.ThingKey) error {
	return fmt.Errorf("change thing %s number %d: there is none", key.Name, key.Number)
}
