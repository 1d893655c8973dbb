package move

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// The rows as they are written in a backup. Their numbers are the format: never renumber or reuse one, only add. Times are microseconds since
// 1970, 0 for the zero time; durations are microseconds. What is zero or empty is left out, so that equal rows are equal bytes.

type numbersRow struct {
	Last      uint64 `cbor:"1,keyasint"`
	LastEvent uint64 `cbor:"2,keyasint"`
}

type recordRow struct {
	Kind  string `cbor:"1,keyasint"`
	ID    string `cbor:"2,keyasint"`
	Value []byte `cbor:"3,keyasint,omitempty"`
}

type groupRow struct {
	Number       uint64            `cbor:"1,keyasint"`
	Name         string            `cbor:"2,keyasint"`
	ID           string            `cbor:"3,keyasint"`
	Description  string            `cbor:"4,keyasint,omitempty"`
	Attributes   map[string]string `cbor:"5,keyasint,omitempty"`
	Path         []uint64          `cbor:"6,keyasint,omitempty"`
	Version      int64             `cbor:"7,keyasint"`
	CreatedAt    int64             `cbor:"8,keyasint,omitempty"`
	Deleting     bool              `cbor:"9,keyasint,omitempty"`
	Query        string            `cbor:"10,keyasint,omitempty"`
	QueryVersion string            `cbor:"11,keyasint,omitempty"`
	IndexName    string            `cbor:"12,keyasint,omitempty"`
	Status       string            `cbor:"13,keyasint,omitempty"`
}

type thingRow struct {
	Name       string            `cbor:"1,keyasint"`
	Number     uint64            `cbor:"2,keyasint"`
	ID         string            `cbor:"3,keyasint"`
	Type       string            `cbor:"4,keyasint,omitempty"`
	Attributes map[string]string `cbor:"5,keyasint,omitempty"`
	Groups     []groupOfThingRow `cbor:"6,keyasint,omitempty"`
	Version    int64             `cbor:"7,keyasint"`
	CreatedAt  int64             `cbor:"8,keyasint,omitempty"`
	// Pending are the executions that wait, in queue order.
	Pending []executionRow `cbor:"9,keyasint,omitempty"`
}

type groupOfThingRow struct {
	Group  uint64 `cbor:"1,keyasint"`
	Direct bool   `cbor:"2,keyasint,omitempty"`
}

type membershipRow struct {
	Group   uint64            `cbor:"1,keyasint"`
	Thing   rowcodec.ThingKey `cbor:"2,keyasint"`
	Periods []periodRow       `cbor:"3,keyasint"`
}

type periodRow struct {
	Joined uint64 `cbor:"1,keyasint"`
	Left   uint64 `cbor:"2,keyasint,omitempty"`
	Direct bool   `cbor:"3,keyasint,omitempty"`
}

type executionRow struct {
	Job                uint64            `cbor:"1,keyasint"`
	Number             int64             `cbor:"2,keyasint"`
	Status             string            `cbor:"3,keyasint"`
	StatusDetails      map[string]string `cbor:"4,keyasint,omitempty"`
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

type historyRow struct {
	Thing     rowcodec.ThingKey `cbor:"1,keyasint"`
	Execution executionRow      `cbor:"2,keyasint"`
}

type headRow struct {
	Job      uint64            `cbor:"1,keyasint"`
	Thing    rowcodec.ThingKey `cbor:"2,keyasint"`
	Newest   int64             `cbor:"3,keyasint,omitempty"`
	Failed   int               `cbor:"4,keyasint,omitempty"` // retries used after FAILED
	TimedOut int               `cbor:"5,keyasint,omitempty"` // and after TIMED_OUT
}

type markRow struct {
	Job uint64 `cbor:"1,keyasint"`
}

func rowOfGroup(g *registry.ThingGroup) groupRow {
	return groupRow{
		Number: uint64(g.Number), Name: string(g.Name), ID: g.ID, Description: g.Description, Attributes: g.Attributes,
		Path:    rowcodec.Map(g.Path, func(n registry.GroupNumber) uint64 { return uint64(n) }),
		Version: g.Version, CreatedAt: rowcodec.Micros(g.CreatedAt), Deleting: g.Deleting,
		Query: g.Query, QueryVersion: g.QueryVersion, IndexName: g.IndexName, Status: string(g.Status),
	}
}

func (r *groupRow) group() *registry.ThingGroup {
	return &registry.ThingGroup{
		Number: registry.GroupNumber(r.Number), Name: registry.GroupName(r.Name), ID: r.ID, Description: r.Description, Attributes: r.Attributes,
		Path:    rowcodec.Map(r.Path, func(n uint64) registry.GroupNumber { return registry.GroupNumber(n) }),
		Version: r.Version, CreatedAt: rowcodec.FromMicros(r.CreatedAt), Deleting: r.Deleting,
		Query: r.Query, QueryVersion: r.QueryVersion, IndexName: r.IndexName, Status: registry.GroupStatus(r.Status),
	}
}

func rowOfThing(row store.ThingRow) thingRow {
	t := row.Thing
	return thingRow{
		Name: string(t.Name), Number: uint64(t.Number), ID: t.ID, Type: string(t.Type), Attributes: t.Attributes,
		Groups: rowcodec.Map(t.Groups, func(m registry.Membership) groupOfThingRow {
			return groupOfThingRow{Group: uint64(m.Group), Direct: m.Direct}
		}),
		Version: t.Version, CreatedAt: rowcodec.Micros(t.CreatedAt), Pending: rowcodec.Map(row.Pending, rowOfExecution),
	}
}

func (r *thingRow) thing() store.ThingRow {
	return store.ThingRow{
		Thing: &registry.Thing{
			Name: registry.ThingName(r.Name), Number: registry.ThingNumber(r.Number), ID: r.ID, Type: registry.TypeName(r.Type), Attributes: r.Attributes,
			Groups: rowcodec.Map(r.Groups, func(m groupOfThingRow) registry.Membership {
				return registry.Membership{Group: registry.GroupNumber(m.Group), Direct: m.Direct}
			}),
			Version: r.Version, CreatedAt: rowcodec.FromMicros(r.CreatedAt),
		},
		Pending: rowcodec.Map(r.Pending, executionRow.execution),
	}
}

func rowOfExecution(e jobs.JobExecution) executionRow {
	return executionRow{
		Job: uint64(e.Job), Number: int64(e.Number), Status: string(e.Status), StatusDetails: e.StatusDetails, Version: int64(e.Version),
		QueuedAt: rowcodec.Micros(e.QueuedAt), StartedAt: rowcodec.Micros(e.StartedAt), LastUpdatedAt: rowcodec.Micros(e.LastUpdatedAt),
		ForceCanceled: e.ForceCanceled, RetryAttempt: e.RetryAttempt,
		InProgressDeadline: rowcodec.Micros(e.InProgressDeadline), StepDeadline: rowcodec.Micros(e.StepDeadline), StartedBy: e.StartedBy, EndedBy: e.EndedBy,
	}
}

func (r executionRow) execution() jobs.JobExecution {
	return jobs.JobExecution{
		Job: jobs.JobNumber(r.Job), Number: jobs.ExecutionNumber(r.Number), Status: jobs.ExecutionStatus(r.Status), StatusDetails: r.StatusDetails,
		Version: jobs.VersionNumber(r.Version), QueuedAt: rowcodec.FromMicros(r.QueuedAt), StartedAt: rowcodec.FromMicros(r.StartedAt),
		LastUpdatedAt: rowcodec.FromMicros(r.LastUpdatedAt), ForceCanceled: r.ForceCanceled, RetryAttempt: r.RetryAttempt,
		InProgressDeadline: rowcodec.FromMicros(r.InProgressDeadline), StepDeadline: rowcodec.FromMicros(r.StepDeadline), StartedBy: r.StartedBy, EndedBy: r.EndedBy,
	}
}

func rowOfMembership(m store.MembershipRow) membershipRow {
	return membershipRow{
		Group: uint64(m.Group), Thing: rowcodec.OfKey(m.Thing),
		Periods: rowcodec.Map(m.Periods, func(p store.Period) periodRow { return periodRow(p) }),
	}
}

func (r *membershipRow) membership() store.MembershipRow {
	return store.MembershipRow{
		Group: registry.GroupNumber(r.Group), Thing: r.Thing.Value(),
		Periods: rowcodec.Map(r.Periods, func(p periodRow) store.Period { return store.Period(p) }),
	}
}

func rowOfHead(h store.HeadRow) headRow {
	return headRow{
		Job: uint64(h.Job), Thing: rowcodec.OfKey(h.Thing), Newest: int64(h.Head.Newest), Failed: h.Head.Retries.Failed, TimedOut: h.Head.Retries.TimedOut,
	}
}

func (r *headRow) head() store.HeadRow {
	return store.HeadRow{Job: jobs.JobNumber(r.Job), Thing: r.Thing.Value(), Head: jobs.Head{
		Known: true, Newest: jobs.ExecutionNumber(r.Newest), Retries: jobs.RetriesUsed{Failed: r.Failed, TimedOut: r.TimedOut},
	}}
}
