package move

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

type jobRow struct {
	ID            string     `cbor:"1,keyasint"`
	Revision      int64      `cbor:"2,keyasint"`
	Status        string     `cbor:"3,keyasint"`
	ForceCanceled bool       `cbor:"4,keyasint,omitempty"`
	ReasonCode    string     `cbor:"5,keyasint,omitempty"`
	Comment       string     `cbor:"6,keyasint,omitempty"`
	CreatedAt     int64      `cbor:"7,keyasint,omitempty"`
	LastUpdatedAt int64      `cbor:"8,keyasint,omitempty"`
	CompletedAt   int64      `cbor:"9,keyasint,omitempty"`
	Release       releaseRow `cbor:"10,keyasint,omitzero"`
	Sweep         sweepRow   `cbor:"11,keyasint,omitzero"`
	Snapshot      uint64     `cbor:"12,keyasint,omitempty"`
	WakeAt        int64      `cbor:"13,keyasint,omitempty"`
	Minute        minuteRow  `cbor:"14,keyasint,omitzero"`
	Number        uint64     `cbor:"15,keyasint"`
	Config        configRow  `cbor:"16,keyasint"`
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
		Number: uint64(j.Number), Config: rowOfConfig(j.Config), ID: string(j.ID), Revision: j.Revision, Status: string(j.Status), ForceCanceled: j.ForceCanceled, ReasonCode: j.ReasonCode, Comment: j.Comment,
		CreatedAt: micros(j.CreatedAt), LastUpdatedAt: micros(j.LastUpdatedAt), CompletedAt: micros(j.CompletedAt),
		Snapshot: j.Snapshot, WakeAt: micros(j.WakeAt), Release: rowOfRelease(j.Release), Minute: rowOfMinute(j.Minute), Sweep: rowOfSweep(j.Sweep),
	}
}

func (r *jobRow) job() *jobs.Job {
	return &jobs.Job{
		Number: jobs.JobNumber(r.Number), Config: r.Config.config(), ID: jobs.JobID(r.ID), Revision: r.Revision, Status: jobs.JobStatus(r.Status), ForceCanceled: r.ForceCanceled,
		ReasonCode: r.ReasonCode, Comment: r.Comment,
		CreatedAt: fromMicros(r.CreatedAt), LastUpdatedAt: fromMicros(r.LastUpdatedAt), CompletedAt: fromMicros(r.CompletedAt),
		Snapshot: r.Snapshot, WakeAt: fromMicros(r.WakeAt), Release: r.Release.release(), Minute: r.Minute.minute(), Sweep: r.Sweep.sweep(),
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
