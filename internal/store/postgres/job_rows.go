package postgres

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

// jobRow is a job without what has a column of its own.
type jobRow struct {
	ForceCanceled bool             `cbor:"4,keyasint,omitempty"`
	ReasonCode    string           `cbor:"5,keyasint,omitempty"`
	Comment       string           `cbor:"6,keyasint,omitempty"`
	CreatedAt     int64            `cbor:"7,keyasint,omitempty"`
	LastUpdatedAt int64            `cbor:"8,keyasint,omitempty"`
	CompletedAt   int64            `cbor:"9,keyasint,omitempty"`
	Release       rowcodec.Release `cbor:"10,keyasint,omitzero"`
	Sweep         rowcodec.Sweep   `cbor:"11,keyasint,omitzero"`
	Snapshot      uint64           `cbor:"12,keyasint,omitempty"`
	Minute        rowcodec.Minute  `cbor:"14,keyasint,omitzero"`
}

func rowOfJob(j *jobs.Job) jobRow {
	return jobRow{
		ForceCanceled: j.ForceCanceled, ReasonCode: j.ReasonCode, Comment: j.Comment,
		CreatedAt: rowcodec.Micros(j.CreatedAt), LastUpdatedAt: rowcodec.Micros(j.LastUpdatedAt), CompletedAt: rowcodec.Micros(j.CompletedAt),
		Snapshot: j.Snapshot, Release: rowcodec.OfRelease(j.Release), Minute: rowcodec.OfMinute(j.Minute), Sweep: rowcodec.OfSweep(j.Sweep),
	}
}

// job is the state without its Config and its columns.
func (r *jobRow) job(number jobs.JobNumber) *jobs.Job {
	return &jobs.Job{
		Number: number, ForceCanceled: r.ForceCanceled,
		ReasonCode: r.ReasonCode, Comment: r.Comment,
		CreatedAt: rowcodec.FromMicros(r.CreatedAt), LastUpdatedAt: rowcodec.FromMicros(r.LastUpdatedAt), CompletedAt: rowcodec.FromMicros(r.CompletedAt),
		Snapshot: r.Snapshot, Release: r.Release.Value(), Minute: r.Minute.Value(), Sweep: r.Sweep.Value(),
	}
}
