package store

import (
	"context"
	"errors"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// ErrNotEmpty: a store that holds something already cannot take in another one.
var ErrNotEmpty = errors.New("the store is not empty")

// Portable is a store that can be taken as a whole to another store, of whatever engine, or into a backup.
//
// What follows from rows alone (counters, due times, every index) is not moved: the importing engine derives it, with EffectsOf, as it does when it
// writes the rows in the usual way.
type Portable interface {
	Store

	// Export shows every row, as of one committed moment that is not older than the last change that was answered before the call: by kind, in the
	// order of RowKinds, and within a kind in an order of the engine's own, the same each time. With after it goes on behind that row, which need not
	// be there any more; nil begins at the beginning. A row that was shown belongs to fn. Changes go on meanwhile.
	Export(ctx context.Context, after Row, fn func(Row) error) error

	// Import writes rows into a store that is empty, but for signs of life (NodeRecord), or that Import has begun to fill; else it fails with
	// ErrNotEmpty. The rows, each of which comes
	// once, and progress, as the record ImportRecord "progress", are there together or not at all. Without a progress the import is over: that record
	// is removed, and the store is like any other. Until then nobody else may use the store.
	Import(ctx context.Context, rows []Row, progress []byte) error
}

// ImportProgress is the id of the one record of the kind ImportRecord.
const ImportProgress = "progress"

// Row is one thing that is stored and follows from nothing else: one of the types whose names end in Row.
type Row interface{ Kind() RowKind }

// RowKind orders the kinds of rows.
type RowKind int

// The kinds of rows, in the order in which they are moved.
const (
	NumbersRows RowKind = iota
	RecordRows
	JobRows
	GroupRows
	ThingRows
	MembershipRows
	HistoryRows
	HeadRows
	MarkRows
	EventRows

	kinds
)

// RowKinds is how many kinds there are.
const RowKinds = int(kinds)

// NumbersRow is what was given out last: by NextNumber, and to an event. Every store has one such row.
type NumbersRow struct{ Last, LastEvent uint64 }

// RecordRow is a small named row.
type RecordRow struct {
	Of    RecordKind
	ID    string
	Value []byte
}

// JobRow is a job with its Config.
type JobRow struct{ Job *jobs.Job }

// GroupRow is a thing group, perhaps one that is being deleted.
type GroupRow struct{ Group *registry.ThingGroup }

// ThingRow is a thing with its pending executions in queue order.
type ThingRow struct {
	Thing   *registry.Thing
	Pending []jobs.JobExecution
}

// MembershipRow says when a group has held a thing, the oldest period first.
type MembershipRow struct {
	Group   registry.GroupNumber
	Thing   registry.ThingKey
	Periods []Period
}

// Period is a time in membership versions: from Joined on and until before Left, which is zero while it lasts.
type Period struct {
	Joined, Left uint64
	Direct       bool
}

// HistoryRow is a terminal execution, perhaps of a thing that is gone.
type HistoryRow ThingExecution

// HeadRow is what is remembered of a job on a thing. Both exist: of one that is gone, nobody asks for it again.
type HeadRow struct {
	Job   jobs.JobNumber
	Thing registry.ThingKey
	Head  jobs.Head
}

// MarkRow says that a job's step may have something to do.
type MarkRow struct{ Job jobs.JobNumber }

// EventRow is an event that waits to be told.
type EventRow struct{ Event jobs.Event }

// Kind tells what the row is.
func (NumbersRow) Kind() RowKind { return NumbersRows }

// Kind tells what the row is.
func (RecordRow) Kind() RowKind { return RecordRows }

// Kind tells what the row is.
func (JobRow) Kind() RowKind { return JobRows }

// Kind tells what the row is.
func (GroupRow) Kind() RowKind { return GroupRows }

// Kind tells what the row is.
func (ThingRow) Kind() RowKind { return ThingRows }

// Kind tells what the row is.
func (MembershipRow) Kind() RowKind { return MembershipRows }

// Kind tells what the row is.
func (HistoryRow) Kind() RowKind { return HistoryRows }

// Kind tells what the row is.
func (HeadRow) Kind() RowKind { return HeadRows }

// Kind tells what the row is.
func (MarkRow) Kind() RowKind { return MarkRows }

// Kind tells what the row is.
func (EventRow) Kind() RowKind { return EventRows }
