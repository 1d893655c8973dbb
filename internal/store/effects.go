package store

import (
	"fmt"
	"time"

	"iotjobs/internal/jobs"
)

// Effects is what a change of one execution means for everything that is kept beside it. It is a function of the pair alone, so that
// counters, due times and the index by status always agree with the executions, whatever the engine.
type Effects struct {
	Job      jobs.JobNumber
	Number   jobs.ExecutionNumber
	Counters jobs.Counters // deltas
	// OldDue and NewDue are the due times before and after; zero for none. Equal ones need no write.
	OldDue, NewDue time.Time
	// OldStatus and NewStatus are the entries of the index by status; empty for none.
	OldStatus, NewStatus jobs.ExecutionStatus
	// Queue says what happens to the thing's pending executions, History to the row of a terminal one.
	Queue   QueueEffect
	History HistoryEffect
}

// QueueEffect is a change of the pending executions.
type QueueEffect int

// The queue effects.
const (
	QueueSame QueueEffect = iota
	QueueAppend
	QueueReplace
	QueueRemove
)

// HistoryEffect is a change of a terminal execution's row.
type HistoryEffect int

// The history effects.
const (
	HistorySame HistoryEffect = iota
	HistoryPut
	HistoryDelete
)

// EffectsOf derives the effects of a change and refuses what the contract excludes.
func EffectsOf(c ExecutionChange) (Effects, error) {
	var f Effects
	switch {
	case c.Before == nil && c.After == nil:
		return f, fmt.Errorf("an execution change without before and after")
	case c.Before != nil && c.After != nil && (c.Before.Job != c.After.Job || c.Before.Number != c.After.Number):
		return f, fmt.Errorf("an execution change of job %d number %d into job %d number %d", c.Before.Job, c.Before.Number, c.After.Job, c.After.Number)
	case c.Before != nil && c.After != nil && c.Before.Status.Terminal() && c.After.Status.Pending():
		return f, fmt.Errorf("a terminal execution of job %d would become pending", c.Before.Job)
	}
	wasPending, isPending := false, false
	if b := c.Before; b != nil {
		f.Job, f.Number, f.OldStatus, f.OldDue = b.Job, b.Number, b.Status, b.Deadline()
		f.Counters.Add(b.Status, -1)
		wasPending = b.Status.Pending()
	}
	if a := c.After; a != nil {
		f.Job, f.Number, f.NewStatus, f.NewDue = a.Job, a.Number, a.Status, a.Deadline()
		f.Counters.Add(a.Status, 1)
		isPending = a.Status.Pending()
	}
	switch {
	case wasPending && isPending:
		f.Queue = QueueReplace
	case wasPending:
		f.Queue = QueueRemove
	case isPending:
		f.Queue = QueueAppend
	}
	switch {
	case c.After != nil && !isPending:
		f.History = HistoryPut
	case c.Before != nil && !wasPending:
		f.History = HistoryDelete
	}
	return f, nil
}
