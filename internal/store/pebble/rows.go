package pebble

import (
	"github.com/fxamacker/cbor/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

// The rows as they lie on the disk. Their numbers are the format: never renumber or reuse one, only add. Times are microseconds since
// 1970, 0 for the zero time; durations are microseconds. (Not milliseconds: a step of the virtual clock may be shorter, and the
// PostgreSQL store keeps microseconds too.)

// thingRow is a thing with its pending executions in queue order. The registry part is a row of its own inside: a device's change copies
// it without looking at it.
type thingRow struct {
	Registry cbor.RawMessage `cbor:"1,keyasint"`
	Pending  []executionRow  `cbor:"2,keyasint,omitempty"`
}

type registryRow struct {
	Number     uint64            `cbor:"1,keyasint"`
	ID         string            `cbor:"2,keyasint"`
	Attributes map[string]string `cbor:"3,keyasint,omitzero"`
	Version    int64             `cbor:"4,keyasint"`
	CreatedAt  int64             `cbor:"5,keyasint,omitempty"`
	Type       string            `cbor:"6,keyasint,omitempty"`
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
}

func rowOfThing(t *registry.Thing) registryRow {
	return registryRow{
		Number: uint64(t.Number), ID: t.ID, Type: string(t.Type), Attributes: t.Attributes, Groups: encodeMemberships(t.Groups),
		Version: t.Version, CreatedAt: rowcodec.Micros(t.CreatedAt),
	}
}

func (r *registryRow) thing(name registry.ThingName) (*registry.Thing, error) {
	groups, err := decodeMemberships(r.Groups)
	return &registry.Thing{
		Name: name, Number: registry.ThingNumber(r.Number), ID: r.ID, Type: registry.TypeName(r.Type), Attributes: r.Attributes, Groups: groups,
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

// execution takes a status that it does not know as none, which no rule accepts; decodeExecution has refused it before.
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
