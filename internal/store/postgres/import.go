package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// Import writes rows, and all that follows from them, in one transaction, with a COPY for each table.
func (s *Store) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	tries, losses := 0, 0
	for {
		err := s.importOnce(ctx, rows, progress)
		if err == nil || !s.again(err, &tries, &losses) {
			return err
		}
	}
}

func (s *Store) importOnce(ctx context.Context, rows []store.Row, progress []byte) error {
	session, err := begin(ctx, s.writes, beginWrite)
	if err != nil {
		return err
	}
	defer session.end()
	t := newTx(ctx, session, s.configs)
	if err := t.begin(); err != nil {
		return err
	}
	if err := t.refuseRows(); err != nil {
		return err
	}
	b := bulk{tx: t}
	for _, row := range rows {
		if err := b.add(row); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	if err := b.copy(ctx); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if progress == nil {
		err = t.DeleteRecord(store.ImportRecord, store.ImportProgress)
	} else {
		err = t.PutRecord(store.ImportRecord, store.ImportProgress, progress)
	}
	if err := errors.Join(err, t.work.finish(), ctx.Err()); err != nil {
		return err
	}
	return session.commit()
}

// refuseRows demands that nothing is stored, unless an import has begun.
func (t *tx) refuseRows() error {
	usable, err := one(&t.readTx, scanned[bool], `SELECT EXISTS (SELECT 1 FROM record WHERE kind = $1 AND id = $2)
		OR NOT EXISTS (SELECT 1 FROM control, event_counter WHERE last_number > 0 OR last > 0)
		AND NOT EXISTS (SELECT 1 FROM thing) AND NOT EXISTS (SELECT 1 FROM execution) AND NOT EXISTS (SELECT 1 FROM head) AND NOT EXISTS (SELECT 1 FROM job)
		AND NOT EXISTS (SELECT 1 FROM mark) AND NOT EXISTS (SELECT 1 FROM thing_group) AND NOT EXISTS (SELECT 1 FROM membership)
		AND NOT EXISTS (SELECT 1 FROM event) AND NOT EXISTS (SELECT 1 FROM record WHERE kind <> $3)`,
		string(store.ImportRecord), store.ImportProgress, string(store.NodeRecord))
	if err == nil && !usable {
		err = store.ErrNotEmpty
	}
	return err
}

// bulk are rows by table.
type bulk struct {
	tx     *tx
	tables [len(bulkTables)][][]any
}

// The tables that are filled by COPY; the others are written as usual.
const (
	thingTable = iota
	executionTable
	headTable
	jobTable
	jobConfigTable
	jobLockTable
	jobGroupTable
	groupTable
	membershipTable
	eventTable
	recordTable
)

var bulkTables = [...]struct {
	name    string
	columns []string
}{
	thingTable:      {"thing", []string{"name", "number", "type", "registry", "jobs", "pending"}},
	executionTable:  {"execution", []string{"thing", "job", "number", "status", "thing_name", "due", "ended"}},
	headTable:       {"head", []string{"thing", "job", "newest", "failed", "timed_out"}},
	jobTable:        {"job", []string{"number", "id", "revision", "status", "wake_at", "state"}},
	jobConfigTable:  {"job_config", []string{"job", "revision", "config"}},
	jobLockTable:    {"job_lock", []string{"job", "id", "revision", "status", "wake_at", "state"}},
	jobGroupTable:   {"job_group", []string{"grp", "job"}},
	groupTable:      {"thing_group", []string{"number", "name", "parent", "deleting", "content"}},
	membershipTable: {"membership", []string{"grp", "thing_name", "thing", "joined", "departed", "direct"}},
	eventTable:      {"event", []string{"number", "content"}},
	recordTable:     {"record", []string{"kind", "id", "value"}},
}

func (b *bulk) put(table int, row ...any) { b.tables[table] = append(b.tables[table], row) }

func (b *bulk) copy(ctx context.Context) error {
	session := b.tx.session
	if err := session.send(ctx); err != nil {
		return err
	}
	for table, rows := range b.tables {
		if len(rows) == 0 {
			continue
		}
		session.wrote = true
		to := bulkTables[table]
		if _, err := session.conn.CopyFrom(ctx, pgx.Identifier{to.name}, to.columns, pgx.CopyFromRows(rows)); err != nil {
			return session.broken(ctx, err)
		}
	}
	return nil
}

func (b *bulk) add(row store.Row) error {
	switch r := row.(type) {
	case store.NumbersRow:
		b.tx.session.exec(`UPDATE control SET last_number = $1`, int64(r.Last))
		b.tx.session.exec(`UPDATE event_counter SET last = $1`, int64(r.LastEvent))
	case store.RecordRow:
		if !isText(r.ID) {
			return fmt.Errorf("the id %q of a record of kind %s is no text", r.ID, r.Of)
		}
		b.put(recordTable, string(r.Of), r.ID, append([]byte{}, r.Value...))
		return storable("record kind", string(r.Of))
	case store.JobRow:
		return b.job(r.Job)
	case store.GroupRow:
		return b.group(r.Group)
	case store.ThingRow:
		return b.thing(r)
	case store.MembershipRow:
		for _, p := range r.Periods {
			b.put(membershipTable, int64(r.Group), string(r.Thing.Name), int64(r.Thing.Number), int64(p.Joined), instant(int64(p.Left)), p.Direct)
		}
		return storable("thing name", string(r.Thing.Name))
	case store.HistoryRow:
		if r.Execution.Status.Pending() {
			return fmt.Errorf("execution %d of job %d on thing %s is pending and no history", r.Execution.Number, r.Execution.Job, r.Thing.Name)
		}
		return b.execution(r.Thing, &r.Execution)
	case store.HeadRow:
		b.put(headTable, int64(r.Thing.Number), int64(r.Job), int64(r.Head.Newest), int32(r.Head.Retries.Failed), int32(r.Head.Retries.TimedOut))
	case store.MarkRow:
		return b.tx.Mark(r.Job)
	case store.EventRow:
		content, err := encodeEvents(nil, []jobs.Event{r.Event})
		if err != nil {
			return err
		}
		b.put(eventTable, int64(r.Event.Number), content[0])
	default:
		return fmt.Errorf("a row of the unknown type %T", row)
	}
	return nil
}

func (b *bulk) job(job *jobs.Job) error {
	if err := storable("job ID", string(job.ID)); err != nil {
		return err
	}
	state, config := rowOfJob(job), rowcodec.OfConfig(job.Config)
	stateValue, err := encode(&state)
	if err != nil {
		return err
	}
	configValue, err := encode(&config)
	if err != nil {
		return err
	}
	number := int64(job.Number)
	b.put(jobTable, number, string(job.ID), job.Revision, string(job.Status), instant(rowcodec.Micros(job.WakeAt)), stateValue)
	b.put(jobConfigTable, number, job.Revision, configValue)
	b.put(jobLockTable, number, string(job.ID), job.Revision, string(job.Status), instant(rowcodec.Micros(job.WakeAt)), stateValue)
	followed := map[registry.GroupNumber]bool{} // a target may be named twice
	for _, group := range job.Followed() {
		if !followed[group] {
			b.put(jobGroupTable, int64(group), number)
		}
		followed[group] = true
	}
	return nil
}

func (b *bulk) group(group *registry.ThingGroup) error {
	if err := storable("group name", string(group.Name)); err != nil {
		return err
	}
	row := rowOfGroup(group)
	value, err := encode(&row)
	if err != nil {
		return err
	}
	b.put(groupTable, int64(group.Number), string(group.Name), int64(group.Parent()), group.Deleting, value)
	return nil
}

// thing writes a thing with its queue; its memberships are rows of their own.
func (b *bulk) thing(r store.ThingRow) error {
	thing := r.Thing
	if err := storableThing(thing); err != nil {
		return err
	}
	row := rowOfThing(thing)
	registered, err := encode(&row)
	if err != nil {
		return err
	}
	// Its heads are rows of their own, which come later; the first device call that asks for one writes it here, too.
	pending, err := (&thingState{pending: r.Pending}).encodePending()
	if err != nil {
		return err
	}
	var typeName *string
	if thing.Type != "" {
		text := string(thing.Type)
		typeName = &text
	}
	b.put(thingTable, string(thing.Name), int64(thing.Number), typeName, registered, pendingJobs(r.Pending), pending)
	for i := range r.Pending {
		if !r.Pending[i].Status.Pending() {
			return fmt.Errorf("execution %d of job %d waits on thing %s and is %s", r.Pending[i].Number, r.Pending[i].Job, thing.Name, r.Pending[i].Status)
		}
		if err := b.execution(thing.Key(), &r.Pending[i]); err != nil {
			return err
		}
	}
	return nil
}

// execution writes an execution's place in the lists, with its content if it has ended.
func (b *bulk) execution(thing registry.ThingKey, e *jobs.JobExecution) error {
	if err := storable("thing name", string(thing.Name)); err != nil {
		return err
	}
	if e.Status.Index() < 0 || e.Number <= 0 {
		return fmt.Errorf("execution %d of job %d on thing %s is in status %q", e.Number, e.Job, thing.Name, e.Status)
	}
	effects, err := store.EffectsOf(store.ExecutionChange{After: e})
	if err != nil {
		return err
	}
	var ended []byte
	if effects.History == store.HistoryPut {
		row := rowOfExecution(e)
		if ended, err = encode(&row); err != nil {
			return err
		}
	}
	b.put(executionTable, int64(thing.Number), int64(e.Job), int64(e.Number), int16(e.Status.Index()), string(thing.Name), instant(rowcodec.Micros(effects.NewDue)), ended)
	deltas := b.tx.work.deltas
	deltas[e.Job] = sum(deltas[e.Job], effects.Counters)
	return nil
}

// pendingJobs are the jobs of pending executions, each once.
func pendingJobs(pending []jobs.JobExecution) []int64 {
	list := []int64{}
	known := map[jobs.JobNumber]bool{}
	for i := range pending {
		if job := pending[i].Job; !known[job] {
			known[job] = true
			list = append(list, int64(job))
		}
	}
	return list
}
