package postgres

import (
	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

func scanNumbersRow(rows pgx.Rows) (store.Row, error) {
	var last, event int64
	err := rows.Scan(&last, &event)
	return store.NumbersRow{Last: uint64(last), LastEvent: uint64(event)}, err
}

func scanRecordRow(rows pgx.Rows) (store.Row, error) {
	var kind, id string
	var value []byte
	err := rows.Scan(&kind, &id, &value)
	return store.RecordRow{Of: store.RecordKind(kind), ID: id, Value: value}, err
}

func scanJobRow(rows pgx.Rows) (store.Row, error) {
	var number, revision int64
	var id, status string
	var wake *int64
	var state, config []byte
	if err := rows.Scan(&number, &id, &revision, &status, &wake, &state, &config); err != nil {
		return nil, err
	}
	job, err := decodeJob(jobs.JobNumber(number), state)
	if err != nil {
		return nil, err
	}
	job.ID, job.Revision, job.Status, job.WakeAt = jobs.JobID(id), revision, jobs.JobStatus(status), rowcodec.FromMicros(deref(wake))
	job.Config, err = decodeConfig(config)
	return store.JobRow{Job: job}, err
}

func scanGroupRow(rows pgx.Rows) (store.Row, error) {
	var number int64
	var name string
	var deleting bool
	var content []byte
	if err := rows.Scan(&number, &name, &deleting, &content); err != nil {
		return nil, err
	}
	group, err := decodeGroup(registry.GroupName(name), registry.GroupNumber(number), deleting, content)
	return store.GroupRow{Group: group}, err
}

func scanThingRow(rows pgx.Rows) (store.Row, error) {
	s, err := scanThing(rows)
	if err != nil {
		return nil, err
	}
	return store.ThingRow{Thing: s.thing, Pending: s.pending}, nil
}

func scanMembershipRow(rows pgx.Rows) (row store.MembershipRow, err error) {
	var group, number, joined int64
	var name string
	var departed *int64
	var direct bool
	err = rows.Scan(&group, &name, &number, &joined, &departed, &direct)
	return store.MembershipRow{
		Group: registry.GroupNumber(group), Thing: thingKeyOf(name, number),
		Periods: []store.Period{{Joined: uint64(joined), Left: uint64(deref(departed)), Direct: direct}},
	}, err
}

func scanHistoryRow(rows pgx.Rows) (store.Row, error) {
	var number int64
	var name string
	var ended []byte
	if err := rows.Scan(&number, &name, &ended); err != nil {
		return nil, err
	}
	e, err := decodeExecution(ended)
	return store.HistoryRow{Thing: thingKeyOf(name, number), Execution: e}, err
}

func scanHeadRow(rows pgx.Rows) (store.Row, error) {
	var job, number, newest int64
	var name string
	var failed, timedOut int32
	err := rows.Scan(&job, &number, &name, &newest, &failed, &timedOut)
	return store.HeadRow{Job: jobs.JobNumber(job), Thing: thingKeyOf(name, number), Head: jobs.Head{
		Known: true, Newest: jobs.ExecutionNumber(newest), Retries: jobs.RetriesUsed{Failed: int(failed), TimedOut: int(timedOut)},
	}}, err
}

func scanMarkRow(rows pgx.Rows) (store.Row, error) {
	job, err := number[jobs.JobNumber](rows)
	return store.MarkRow{Job: job}, err
}

func scanEventRow(rows pgx.Rows) (store.Row, error) {
	var number int64
	var content []byte
	if err := rows.Scan(&number, &content); err != nil {
		return nil, err
	}
	event, err := decodeEvent(uint64(number), content)
	return store.EventRow{Event: event}, err
}

func thingKeyOf(name string, number int64) registry.ThingKey {
	return registry.ThingKey{Name: registry.ThingName(name), Number: registry.ThingNumber(number)}
}
