package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
	"iotjobs/internal/service"
)

// printPlan shows a plan as a table: minutes that notify as many things as the one before are one line.
func printPlan(out io.Writer, plan service.JobPlan) {
	fmt.Fprintf(out, "%s things are targets.\n", grouped(int(plan.Things)))
	for _, opening := range plan.Upcoming {
		fmt.Fprintf(out, "A maintenance window opens at %s for %s.\n", opening.Start.Format(time.RFC3339), opening.End.Sub(opening.Start))
	}
	if len(plan.Steps) == 0 {
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "from\tto\tnotified per minute\tnotified\tsucceeded\tfailed\t\t")
	start := plan.Steps[0].At
	for _, row := range rowsOf(plan.Steps) {
		last := row[len(row)-1]
		per := ""
		if row[0].Do == rollout.Release {
			per = grouped(int(row[0].Released))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", after(start, row[0].At), after(start, last.At), per, grouped(int(last.Notified)),
			grouped(int(last.Counters.Of(jobs.Succeeded))), grouped(int(last.Counters.Of(jobs.Failed))), what(last))
	}
	if err := table.Flush(); err != nil {
		return // a terminal that is gone needs no answer
	}
	fmt.Fprintf(out, "The first line is %s.\n", start.Format(time.RFC3339))
}

// rowsOf puts releases of the same size together.
func rowsOf(steps []rollout.PlannedStep) (rows [][]rollout.PlannedStep) {
	for _, step := range steps {
		if n := len(rows); n > 0 && step.Do == rollout.Release && rows[n-1][0].Do == rollout.Release && rows[n-1][0].Released == step.Released {
			rows[n-1] = append(rows[n-1], step)
			continue
		}
		rows = append(rows, []rollout.PlannedStep{step})
	}
	return rows
}

func after(start, at time.Time) string { return "+" + at.Sub(start).Round(time.Second).String() }

// what says in words what a step does.
func what(s rollout.PlannedStep) string {
	switch s.Do {
	case rollout.Start:
		return "the job starts"
	case rollout.Release:
		return "notifies things"
	case rollout.CancelJob:
		return s.Comment
	case rollout.EndRollout:
		return "endTime: nothing is notified any more"
	case rollout.Complete:
		return "the job is complete"
	case rollout.Wait:
		return "waits for " + s.Reason.String() + ", without end"
	case rollout.DeleteRows, rollout.CancelRows:
	}
	return ""
}
