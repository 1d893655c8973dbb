package postgres

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// The lists of a job's executions come from the index by status, merged in the order of things: an index without the status would be one more for
// each device call to write.

func (r *readTx) JobExecutions(job jobs.JobNumber, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	return r.listExecutions(listInAll, job, after, limit)
}

func (r *readTx) JobExecutionsIn(job jobs.JobNumber, status jobs.ExecutionStatus, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	i := status.Index()
	if i < 0 {
		return nil, nil
	}
	return r.listExecutions(listIn[i], job, after, limit)
}

// listIn[i] lists the rows of table execution of a job in one status, listInAll in all of them.
var listIn, listInAll = executionLists()

func executionLists() (each []string, all string) {
	const order = `ORDER BY thing_name, thing, number DESC LIMIT $5`
	for i := range statuses {
		each = append(each, `SELECT thing_name, thing, number, ended FROM execution WHERE job = $1 AND status = `+strconv.Itoa(i)+
			` AND (thing_name, thing) >= ($2, $3) AND ((thing_name, thing) > ($2, $3) OR number < $4) `+order)
	}
	return each, `SELECT * FROM ((` + strings.Join(each, `) UNION ALL (`) + `)) AS merged ` + order
}

// listExecutions reads a list. Inside an update every thing of the list is locked before its execution is read, so that what the list says of it
// stays true until the update ends: the question for the things comes first in the trip, and what the list shows beyond their answer asks for another
// one.
func (r *readTx) listExecutions(list string, job jobs.JobNumber, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	args := []any{bounded(job), string(after.Thing.Name), bounded(after.Thing.Number), bounded(after.Number), max(0, limit)}
	if after == (store.ExecutionKey{}) {
		args[3] = int64(math.MaxInt64)
	}
	for {
		if err := r.flush(); err != nil {
			return nil, err
		}
		if r.tx != nil {
			r.tx.lockListed(list, args)
		}
		rows, err := listed(r, scanListed, `SELECT e.thing_name, e.thing, e.number, e.ended, t.number IS NOT NULL, CASE WHEN e.ended IS NULL THEN t.pending END
			FROM (`+list+`) AS e LEFT JOIN thing t ON t.name = e.thing_name AND t.number = e.thing ORDER BY e.thing_name, e.thing, e.number DESC`, args...)
		if err != nil {
			return nil, err
		}
		if r.tx != nil && !r.tx.holdsAll(rows) {
			continue
		}
		return executionsOf(job, rows)
	}
}

// listedRow is a row of table execution with what its thing knows of it.
type listedRow struct {
	key     store.ExecutionKey
	alive   bool // the thing is there
	ended   []byte
	pending []byte
}

func scanListed(rows pgx.Rows) (row listedRow, err error) {
	var name string
	var thing, number int64
	err = rows.Scan(&name, &thing, &number, &row.ended, &row.alive, &row.pending)
	row.key = store.ExecutionKey{
		Thing: registry.ThingKey{Name: registry.ThingName(name), Number: registry.ThingNumber(thing)}, Number: jobs.ExecutionNumber(number),
	}
	return row, err
}

func executionsOf(job jobs.JobNumber, rows []listedRow) ([]store.ThingExecution, error) {
	var list []store.ThingExecution
	for _, row := range rows {
		e, err := row.execution(job)
		if err != nil {
			return nil, err
		}
		list = append(list, store.ThingExecution{Thing: row.key.Thing, Execution: e})
	}
	return list, nil
}

func (row *listedRow) execution(job jobs.JobNumber) (jobs.JobExecution, error) {
	if row.ended != nil {
		return decodeExecution(row.ended)
	}
	pending, err := pendingRows(row.pending)
	if err != nil {
		return jobs.JobExecution{}, err
	}
	at := slices.IndexFunc(pending, func(e executionRow) bool { return e.Job == uint64(job) && e.Number == int64(row.key.Number) })
	if at < 0 {
		return jobs.JobExecution{}, fmt.Errorf("execution %d of job %d is pending, but not on thing %s", row.key.Number, job, row.key.Thing.Name)
	}
	return pending[at].checked()
}

func (r *readTx) ThingExecutions(thing registry.ThingKey, after store.ExecutionCursor, limit int) ([]jobs.JobExecution, error) {
	if r.tx != nil {
		if err := r.tx.load(thing.Name, nil); err != nil {
			return nil, err
		}
	}
	job, number := bounded(after.Job), bounded(after.Number)
	if after == (store.ExecutionCursor{}) {
		job, number = math.MaxInt64, math.MaxInt64
	}
	type row struct {
		job jobs.JobNumber
		listedRow
	}
	rows, err := listed(r, func(rows pgx.Rows) (x row, err error) {
		var job, number int64
		err = rows.Scan(&job, &number, &x.ended, &x.pending)
		x.job, x.key = jobs.JobNumber(job), store.ExecutionKey{Thing: thing, Number: jobs.ExecutionNumber(number)}
		return x, err
	}, `SELECT e.job, e.number, e.ended, CASE WHEN e.ended IS NULL THEN t.pending END FROM execution e LEFT JOIN thing t ON t.name = $5 AND t.number = e.thing
		WHERE e.thing = $1 AND e.thing_name = $5 AND (e.job, e.number) < ($2, $3) ORDER BY e.job DESC, e.number DESC LIMIT $4`,
		bounded(thing.Number), job, number, max(0, limit), storableText(string(thing.Name)))
	if err != nil {
		return nil, err
	}
	var list []jobs.JobExecution
	for _, x := range rows {
		e, err := x.execution(x.job)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}
