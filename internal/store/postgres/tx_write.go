package postgres

import (
	"fmt"
	"maps"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

func (t *tx) NextNumber() (uint64, error) {
	t.last++
	t.drawn = true
	return t.last, nil
}

func (t *tx) PutJob(job *jobs.Job) error {
	if job.Number == 0 {
		return fmt.Errorf("put job %s: it has no number", job.ID)
	}
	if err := storable("job ID", string(job.ID)); err != nil {
		return err
	}
	other, err := t.Job(job.ID)
	if err != nil {
		return err
	}
	if other != nil && other.Number != job.Number {
		return fmt.Errorf("put job %d: its ID %s is that of job %d", job.Number, job.ID, other.Number)
	}
	old, err := t.JobByNumber(job.Number)
	if err != nil {
		return err
	}
	if old != nil && old.ID != job.ID {
		return fmt.Errorf("put job %d: its ID would change from %s to %s", job.Number, old.ID, job.ID)
	}
	written := job.Clone()
	switch {
	case old != nil && old.Revision == job.Revision:
		written.Config = old.Config
	case job.Config == nil:
		return fmt.Errorf("put job %d: its revision %d has no configuration", job.Number, job.Revision)
	default:
		if written.Config, err = t.putConfig(job, old); err != nil {
			return err
		}
	}
	row := rowOfJob(written)
	state, err := encode(&row)
	if err != nil {
		return err
	}
	number := int64(job.Number)
	t.session.exec(`INSERT INTO job (number, id, revision, status, wake_at, state) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (number) DO UPDATE SET revision = excluded.revision, status = excluded.status, wake_at = excluded.wake_at, state = excluded.state`,
		number, string(job.ID), job.Revision, string(job.Status), instant(rowcodec.Micros(job.WakeAt)), state)
	t.follow(old, written)
	t.changed[job.Number] = struct{}{}
	t.work.addJob(written)
	return nil
}

// putConfig writes a new revision and drops the one before; readers of older snapshots still have it.
func (t *tx) putConfig(job, old *jobs.Job) (*jobs.Config, error) {
	row := rowcodec.OfConfig(job.Config)
	value, err := encode(&row)
	if err != nil {
		return nil, err
	}
	t.session.exec(`INSERT INTO job_config (job, revision, config) VALUES ($1, $2, $3)`, int64(job.Number), job.Revision, value)
	if old != nil {
		t.session.exec(`DELETE FROM job_config WHERE job = $1 AND revision = $2`, int64(job.Number), old.Revision)
	}
	cfg := row.Value() // not the caller's, which it may still change
	t.uncommitted[configName{job.Number, job.Revision}] = cfg
	return cfg, nil
}

// follow keeps the list of the groups that a job follows.
func (t *tx) follow(old, job *jobs.Job) {
	var before, after []registry.GroupNumber
	if old != nil {
		before = old.Followed()
	}
	if job != nil {
		after = job.Followed()
	}
	if slices.Equal(before, after) {
		return
	}
	number := old
	if number == nil {
		number = job
	}
	t.session.exec(`DELETE FROM job_group WHERE job = $1`, int64(number.Number))
	if len(after) > 0 {
		groups := make([]int64, len(after))
		for i, group := range after {
			groups[i] = int64(group)
		}
		t.session.exec(`INSERT INTO job_group (grp, job) SELECT DISTINCT grp, $2::bigint FROM unnest($1::bigint[]) AS v (grp)`, groups, int64(number.Number))
	}
}

func (t *tx) DeleteJob(number jobs.JobNumber) error {
	job, err := t.JobByNumber(number)
	if err != nil {
		return err
	}
	if job == nil {
		return fmt.Errorf("delete job %d: there is none", number)
	}
	used, err := one(&t.readTx, scanned[bool], `SELECT EXISTS (SELECT 1 FROM execution WHERE job = $1)`, int64(number))
	if err != nil {
		return err
	}
	if used {
		return errUsed(number)
	}
	t.session.exec(`DELETE FROM job WHERE number = $1`, int64(number))
	t.session.exec(`DELETE FROM job_config WHERE job = $1`, int64(number))
	t.follow(job, nil)
	delete(t.work.jobs, number)
	delete(t.work.ids, job.ID)
	delete(t.work.deltas, number)
	t.changed[number], t.deleted[number] = struct{}{}, struct{}{}
	return nil
}

func errUsed(job jobs.JobNumber) error {
	return fmt.Errorf("delete job %d: it has executions left", job)
}

func (t *tx) Mark(number jobs.JobNumber) error {
	t.work.marks[number] = struct{}{}
	return nil
}

// ClearMark clears what was there when the update began: a mark that a device sets meanwhile has another n, and stays.
func (t *tx) ClearMark(number jobs.JobNumber) error {
	delete(t.work.marks, number)
	t.cleared[number] = struct{}{}
	return nil
}

// marks lists the marks as they will be.
func (t *tx) marks(after jobs.JobNumber, limit int) ([]jobs.JobNumber, error) {
	var of, n []int64
	var stripe []int16
	for _, m := range t.marked {
		if _, cleared := t.cleared[m.job]; cleared {
			of, stripe, n = append(of, int64(m.job)), append(stripe, m.stripe), append(n, m.n)
		}
	}
	cleared, deleted := sortedNumbers(t.cleared), sortedNumbers(t.deleted)
	list, err := listed(&t.readTx, number[jobs.JobNumber], `SELECT DISTINCT m.job FROM mark m WHERE m.job > $1
		AND NOT (m.stripe = 0 AND m.job = ANY($3)) AND NOT m.job = ANY($4)
		AND NOT EXISTS (SELECT 1 FROM unnest($5::bigint[], $6::smallint[], $7::bigint[]) AS v (job, stripe, n) WHERE v.job = m.job AND v.stripe = m.stripe AND v.n = m.n)
		ORDER BY m.job LIMIT $2`, int64(after), max(0, limit), cleared, deleted, of, stripe, n)
	if err != nil {
		return nil, err
	}
	for _, job := range slices.Sorted(maps.Keys(t.work.marks)) {
		if _, gone := t.deleted[job]; !gone && job > after {
			list = append(list, job)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), max(0, limit))], nil
}

func (t *tx) AppendEvents(events ...jobs.Event) (err error) {
	t.work.events, err = encodeEvents(t.work.events, events)
	return err
}

// DeleteEvents takes the events that are there now; those that come until the commit have higher numbers than all of them.
func (t *tx) DeleteEvents(until uint64) error {
	t.session.exec(`DELETE FROM event WHERE number <= least($1, (SELECT last FROM event_counter))`, bounded(until))
	return nil
}

func (t *tx) PutGroup(group *registry.ThingGroup) error {
	if err := storable("group name", string(group.Name)); err != nil {
		return err
	}
	if group.Number == 0 {
		return fmt.Errorf("put group %s: it has no number", group.Name)
	}
	old, err := t.GroupByNumber(group.Number)
	if err != nil {
		return err
	}
	if old != nil && (old.Name != group.Name || !slices.Equal(old.Path, group.Path)) {
		return fmt.Errorf("put group %d: its place would change from %s below %v to %s below %v", group.Number, old.Name, old.Path, group.Name, group.Path)
	}
	other, err := t.Group(group.Name)
	if err != nil {
		return err
	}
	if other != nil && other.Number != group.Number && !group.Deleting {
		return fmt.Errorf("put group %d: its name %s is that of group %d", group.Number, group.Name, other.Number)
	}
	row := rowOfGroup(group)
	value, err := encode(&row)
	if err != nil {
		return err
	}
	t.session.exec(`INSERT INTO thing_group (number, name, parent, deleting, content) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (number) DO UPDATE SET deleting = excluded.deleting, content = excluded.content`,
		int64(group.Number), string(group.Name), int64(group.Parent()), group.Deleting, value)
	return nil
}

func (t *tx) DeleteGroup(number registry.GroupNumber) error {
	group, err := t.GroupByNumber(number)
	if err != nil {
		return err
	}
	if group == nil {
		return fmt.Errorf("delete group %d: there is none", number)
	}
	members, err := one(&t.readTx, scanned[string], `SELECT thing_name FROM membership WHERE grp = $1 AND departed IS NULL LIMIT 1`, int64(number))
	if err != nil {
		return err
	}
	if members != "" {
		return fmt.Errorf("delete group %d: it holds thing %s", number, members)
	}
	t.session.exec(`DELETE FROM thing_group WHERE number = $1`, int64(number))
	return nil
}

func (t *tx) PurgeMembers(until uint64, limit int) (purged int, err error) {
	t.session.wrote = true
	n, err := one(&t.readTx, scanned[int64], `WITH old AS (
			SELECT grp, thing_name, thing, joined FROM membership WHERE departed <= $1 ORDER BY departed, grp, thing_name, thing LIMIT $2
		), purged AS (
			DELETE FROM membership m USING old WHERE m.grp = old.grp AND m.thing_name = old.thing_name AND m.thing = old.thing AND m.joined = old.joined RETURNING 1
		) SELECT count(*) FROM purged`, bounded(until), max(0, limit))
	return int(n), err
}

func (t *tx) PutRecord(kind store.RecordKind, id string, value []byte) error {
	if err := storable("record kind", string(kind)); err != nil {
		return err
	}
	if !isText(id) {
		return fmt.Errorf("the id %q of a record of kind %s is no text", id, kind)
	}
	t.session.exec(`INSERT INTO record (kind, id, value) VALUES ($1, $2, $3) ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value`,
		string(kind), id, append([]byte{}, value...))
	return nil
}

func (t *tx) DeleteRecord(kind store.RecordKind, id string) error {
	t.session.exec(`DELETE FROM record WHERE kind = $1 AND id = $2`, storableText(string(kind)), storableText(id))
	return nil
}
