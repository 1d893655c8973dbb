package postgres

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// jobRow is a job without what has a column of its own.
type jobRow struct {
	ForceCanceled bool       `cbor:"4,keyasint,omitempty"`
	ReasonCode    string     `cbor:"5,keyasint,omitempty"`
	Comment       string     `cbor:"6,keyasint,omitempty"`
	CreatedAt     int64      `cbor:"7,keyasint,omitempty"`
	LastUpdatedAt int64      `cbor:"8,keyasint,omitempty"`
	CompletedAt   int64      `cbor:"9,keyasint,omitempty"`
	Release       releaseRow `cbor:"10,keyasint,omitzero"`
	Sweep         sweepRow   `cbor:"11,keyasint,omitzero"`
	Snapshot      uint64     `cbor:"12,keyasint,omitempty"`
	Minute        minuteRow  `cbor:"14,keyasint,omitzero"`
}

type releaseRow struct {
	Target   int         `cbor:"1,keyasint,omitempty"`
	After    thingKeyRow `cbor:"2,keyasint,omitzero"`
	Done     bool        `cbor:"3,keyasint,omitempty"`
	Waiting  bool        `cbor:"4,keyasint,omitempty"`
	ResumeAt int64       `cbor:"5,keyasint,omitempty"`
}

type minuteRow struct {
	StartedAt   int64 `cbor:"1,keyasint,omitempty"`
	LastRelease int64 `cbor:"2,keyasint,omitempty"`
	Rate        int   `cbor:"3,keyasint,omitempty"`
	Released    int   `cbor:"4,keyasint,omitempty"`
	Multiples   int64 `cbor:"5,keyasint,omitempty"`
	Notified    int64 `cbor:"6,keyasint,omitempty"`
}

type sweepRow struct {
	Active bool        `cbor:"1,keyasint,omitempty"`
	Status int         `cbor:"2,keyasint,omitempty"`
	After  thingKeyRow `cbor:"3,keyasint,omitzero"`
	Found  bool        `cbor:"4,keyasint,omitempty"`
}

type thingKeyRow struct {
	Name   string `cbor:"1,keyasint"`
	Number uint64 `cbor:"2,keyasint"`
}

func rowOfJob(j *jobs.Job) jobRow {
	return jobRow{
		ForceCanceled: j.ForceCanceled, ReasonCode: j.ReasonCode, Comment: j.Comment,
		CreatedAt: micros(j.CreatedAt), LastUpdatedAt: micros(j.LastUpdatedAt), CompletedAt: micros(j.CompletedAt),
		Snapshot: j.Snapshot, Release: rowOfRelease(j.Release), Minute: rowOfMinute(j.Minute), Sweep: rowOfSweep(j.Sweep),
	}
}

// job is the state without its Config and its columns.
func (r *jobRow) job(number jobs.JobNumber) *jobs.Job {
	return &jobs.Job{
		Number: number, ForceCanceled: r.ForceCanceled,
		ReasonCode: r.ReasonCode, Comment: r.Comment,
		CreatedAt: fromMicros(r.CreatedAt), LastUpdatedAt: fromMicros(r.LastUpdatedAt), CompletedAt: fromMicros(r.CompletedAt),
		Snapshot: r.Snapshot, Release: r.Release.release(), Minute: r.Minute.minute(), Sweep: r.Sweep.sweep(),
	}
}

func rowOfRelease(v jobs.Release) releaseRow {
	return releaseRow{Target: v.Target, After: rowOfKey(v.After), Done: v.Done, Waiting: v.Waiting, ResumeAt: micros(v.ResumeAt)}
}

func (r releaseRow) release() jobs.Release {
	return jobs.Release{Target: r.Target, After: r.After.key(), Done: r.Done, Waiting: r.Waiting, ResumeAt: fromMicros(r.ResumeAt)}
}

func rowOfMinute(v jobs.Minute) minuteRow {
	return minuteRow{
		StartedAt: micros(v.StartedAt), LastRelease: micros(v.LastRelease),
		Rate: v.Rate, Released: v.Released, Multiples: v.Multiples, Notified: v.Notified,
	}
}

func (r minuteRow) minute() jobs.Minute {
	return jobs.Minute{
		StartedAt: fromMicros(r.StartedAt), LastRelease: fromMicros(r.LastRelease),
		Rate: r.Rate, Released: r.Released, Multiples: r.Multiples, Notified: r.Notified,
	}
}

func rowOfSweep(v jobs.Sweep) sweepRow {
	return sweepRow{Active: v.Active, Status: v.Status, After: rowOfKey(v.After), Found: v.Found}
}

func (r sweepRow) sweep() jobs.Sweep {
	return jobs.Sweep{Active: r.Active, Status: r.Status, After: r.After.key(), Found: r.Found}
}

func rowOfKey(key registry.ThingKey) thingKeyRow {
	return thingKeyRow{Name: string(key.Name), Number: uint64(key.Number)}
}

func (r thingKeyRow) key() registry.ThingKey {
	return registry.ThingKey{Name: registry.ThingName(r.Name), Number: registry.ThingNumber(r.Number)}
}
