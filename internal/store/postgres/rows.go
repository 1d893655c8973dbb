package postgres

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

// What lies in the bytea columns. The numbers are the format: never renumber or reuse one, only add. Times are microseconds since 1970, 0 for the
// zero time; durations are microseconds. The members are those of the embedded store, but the two formats are free to part.

type registryRow struct {
	ID         string            `cbor:"2,keyasint"`
	Attributes map[string]string `cbor:"3,keyasint,omitzero"`
	Version    int64             `cbor:"4,keyasint"`
	CreatedAt  int64             `cbor:"5,keyasint,omitempty"`
	// Groups is a byte string and no list, because it is decoded at every device call: for each group its distance from the one before, with
	// a flag for a direct membership, as varints.
	Groups []byte `cbor:"7,keyasint,omitempty"`
}

type executionRow struct {
	Job                uint64            `cbor:"1,keyasint"`
	Number             int64             `cbor:"2,keyasint"`
	Status             int               `cbor:"3,keyasint"` // place in jobs.ExecutionStatuses
	StatusDetails      map[string]string `cbor:"4,keyasint,omitzero"`
	Version            int64             `cbor:"5,keyasint"`
	QueuedAt           int64             `cbor:"6,keyasint,omitempty"`
	StartedAt          int64             `cbor:"7,keyasint,omitempty"`
	LastUpdatedAt      int64             `cbor:"8,keyasint,omitempty"`
	ForceCanceled      bool              `cbor:"9,keyasint,omitempty"`
	RetryAttempt       int               `cbor:"10,keyasint,omitempty"`
	InProgressDeadline int64             `cbor:"11,keyasint,omitempty"`
	StepDeadline       int64             `cbor:"12,keyasint,omitempty"`
	StartedBy          string            `cbor:"13,keyasint,omitempty"`
	EndedBy            string            `cbor:"14,keyasint,omitempty"`
	// History is only in the row of a thing, beside the first pending execution of each job.
	History *historyRow `cbor:"15,keyasint,omitempty"`
}

// historyRow is a copy of what the database knows of a job on a thing beside its pending executions. It spares device calls the question.
type historyRow struct {
	_        struct{} `cbor:",toarray"`
	Newest   int64    // the highest number of an execution
	Known    bool     // there is a head
	Head     int64
	Failed   int
	TimedOut int
}

func rowOfThing(t *registry.Thing) registryRow {
	return registryRow{
		ID: t.ID, Attributes: t.Attributes, Groups: encodeMemberships(t.Groups),
		Version: t.Version, CreatedAt: rowcodec.Micros(t.CreatedAt),
	}
}

func (r *registryRow) thing(key registry.ThingKey, typeName registry.TypeName) (*registry.Thing, error) {
	groups, err := decodeMemberships(r.Groups)
	return &registry.Thing{
		Name: key.Name, Number: key.Number, ID: r.ID, Type: typeName, Attributes: r.Attributes, Groups: groups,
		Version: r.Version, CreatedAt: rowcodec.FromMicros(r.CreatedAt),
	}, err
}

func rowOfExecution(e *jobs.JobExecution) executionRow {
	return executionRow{
		Job: uint64(e.Job), Number: int64(e.Number), Status: e.Status.Index(), StatusDetails: e.StatusDetails, Version: int64(e.Version),
		QueuedAt: rowcodec.Micros(e.QueuedAt), StartedAt: rowcodec.Micros(e.StartedAt), LastUpdatedAt: rowcodec.Micros(e.LastUpdatedAt),
		ForceCanceled: e.ForceCanceled, RetryAttempt: e.RetryAttempt,
		InProgressDeadline: rowcodec.Micros(e.InProgressDeadline), StepDeadline: rowcodec.Micros(e.StepDeadline), StartedBy: e.StartedBy, EndedBy: e.EndedBy,
	}
}

// execution takes a status that it does not know as none, which no rule accepts; checked has refused it before.
func (r *executionRow) execution() jobs.JobExecution {
	return jobs.JobExecution{
		Job: jobs.JobNumber(r.Job), Number: jobs.ExecutionNumber(r.Number), Status: rowcodec.StatusAt(r.Status), StatusDetails: r.StatusDetails,
		Version: jobs.VersionNumber(r.Version), QueuedAt: rowcodec.FromMicros(r.QueuedAt), StartedAt: rowcodec.FromMicros(r.StartedAt),
		LastUpdatedAt: rowcodec.FromMicros(r.LastUpdatedAt), ForceCanceled: r.ForceCanceled, RetryAttempt: r.RetryAttempt,
		InProgressDeadline: rowcodec.FromMicros(r.InProgressDeadline), StepDeadline: rowcodec.FromMicros(r.StepDeadline), StartedBy: r.StartedBy, EndedBy: r.EndedBy,
	}
}

// statuses is jobs.ExecutionStatuses, which makes a new list at each call.
var statuses = jobs.ExecutionStatuses()
