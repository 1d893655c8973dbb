package pebble

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

type jobRow struct {
	ID            string           `cbor:"1,keyasint"`
	Revision      int64            `cbor:"2,keyasint"`
	Status        string           `cbor:"3,keyasint"`
	ForceCanceled bool             `cbor:"4,keyasint,omitempty"`
	ReasonCode    string           `cbor:"5,keyasint,omitempty"`
	Comment       string           `cbor:"6,keyasint,omitempty"`
	CreatedAt     int64            `cbor:"7,keyasint,omitempty"`
	LastUpdatedAt int64            `cbor:"8,keyasint,omitempty"`
	CompletedAt   int64            `cbor:"9,keyasint,omitempty"`
	Release       rowcodec.Release `cbor:"10,keyasint,omitzero"`
	Sweep         rowcodec.Sweep   `cbor:"11,keyasint,omitzero"`
	Snapshot      uint64           `cbor:"12,keyasint,omitempty"`
	WakeAt        int64            `cbor:"13,keyasint,omitempty"`
	Minute        rowcodec.Minute  `cbor:"14,keyasint,omitzero"`
}

func rowOfJob(j *jobs.Job) jobRow {
	return jobRow{
		ID: string(j.ID), Revision: j.Revision, Status: string(j.Status), ForceCanceled: j.ForceCanceled, ReasonCode: j.ReasonCode, Comment: j.Comment,
		CreatedAt: rowcodec.Micros(j.CreatedAt), LastUpdatedAt: rowcodec.Micros(j.LastUpdatedAt), CompletedAt: rowcodec.Micros(j.CompletedAt),
		Snapshot: j.Snapshot, WakeAt: rowcodec.Micros(j.WakeAt), Release: rowcodec.OfRelease(j.Release), Minute: rowcodec.OfMinute(j.Minute), Sweep: rowcodec.OfSweep(j.Sweep),
	}
}

// job is the state without its Config.
func (r *jobRow) job(number jobs.JobNumber) *jobs.Job {
	return &jobs.Job{
		Number: number, ID: jobs.JobID(r.ID), Revision: r.Revision, Status: jobs.JobStatus(r.Status), ForceCanceled: r.ForceCanceled,
		ReasonCode: r.ReasonCode, Comment: r.Comment,
		CreatedAt: rowcodec.FromMicros(r.CreatedAt), LastUpdatedAt: rowcodec.FromMicros(r.LastUpdatedAt), CompletedAt: rowcodec.FromMicros(r.CompletedAt),
		Snapshot: r.Snapshot, WakeAt: rowcodec.FromMicros(r.WakeAt), Release: r.Release.Value(), Minute: r.Minute.Value(), Sweep: r.Sweep.Value(),
	}
}
