package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// recordKinds are the kinds of records that the suite writes; one is the beginning of another on purpose.
var recordKinds = []store.RecordKind{store.AccessKeyRecord, store.SettingRecord, store.SettingRecord + "s"}

// farFuture is later than every instant of the suite.
var farFuture = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// dump renders everything that a store shows, every list read in pages of the sizes that page gives.
func dump(ctx context.Context, s store.Store, page func() int) (string, error) {
	var d string
	err := s.View(ctx, func(tx store.ReadTx) (err error) {
		d, err = dumpTx(tx, page)
		return err
	})
	return d, err
}

// dumpTx is dump inside a transaction.
func dumpTx(tx store.ReadTx, page func() int) (string, error) {
	d := &dumper{tx: tx, page: page, types: map[registry.TypeName]bool{}}
	for _, part := range []func() error{d.jobs, d.things, d.groups, d.due, d.marks, d.records, d.events} {
		if err := part(); err != nil {
			return "", err
		}
	}
	return d.out.String(), nil
}

type dumper struct {
	tx    store.ReadTx
	page  func() int
	out   strings.Builder
	addrs []store.Address
	types map[registry.TypeName]bool // that were seen
}

func (d *dumper) line(what string, answer any) { fmt.Fprintf(&d.out, "%s %s\n", what, text(answer)) }

func (d *dumper) jobs() error {
	list, err := allJobs(d.tx, d.page)
	if err != nil {
		return err
	}
	for _, j := range list {
		d.addrs = append(d.addrs, store.Address{Job: j.ID, Head: true})
		d.line("job", j)
		byID, err := d.tx.Job(j.ID)
		if err != nil {
			return err
		}
		byNumber, err := d.tx.JobByNumber(j.Number)
		if err != nil {
			return err
		}
		d.line(" by id", byID)
		d.line(" by number", byNumber)
		c, err := d.tx.Counters(j.Number)
		if err != nil {
			return err
		}
		d.line(" counters", c)
		if err := d.executions(j.Number); err != nil {
			return err
		}
	}
	return d.jobsByStatus()
}

func (d *dumper) jobsByStatus() error {
	for _, s := range jobs.JobStatuses() {
		list, err := allJobsIn(d.tx, s, d.page)
		if err != nil {
			return err
		}
		for _, j := range list {
			d.line("job in "+string(s), j)
		}
	}
	return nil
}

func (d *dumper) executions(number jobs.JobNumber) error {
	rows, err := allJobExecutions(d.tx, number, d.page)
	if err != nil {
		return err
	}
	for _, r := range rows {
		d.line(" execution", r)
	}
	for _, s := range jobs.ExecutionStatuses() {
		rows, err := allJobExecutionsIn(d.tx, number, s, d.page)
		if err != nil {
			return err
		}
		for _, r := range rows {
			d.line(" "+string(s), r)
		}
	}
	return nil
}

func (d *dumper) things() error {
	list, err := allThings(d.tx, d.page)
	if err != nil {
		return err
	}
	for _, t := range list {
		d.line("thing", t)
		d.types[t.Type] = true
		v, err := d.tx.Thing(t.Name, d.addrs...)
		if err != nil {
			return err
		}
		d.line(" view", v)
		rows, err := allThingExecutions(d.tx, t.Key(), d.page)
		if err != nil {
			return err
		}
		for _, e := range rows {
			d.line(" execution", e)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.types)) {
		list, err := allThingsOfType(d.tx, name, d.page)
		if err != nil {
			return err
		}
		for _, t := range list {
			d.line("thing of type "+string(name), t)
		}
	}
	return nil
}

func (d *dumper) due() error {
	// Due has no cursor, so a page is a longer list each time; what falls due is few in the suite.
	rows, err := allDue(d.tx, farFuture)
	if err != nil {
		return err
	}
	for _, r := range rows {
		d.line("due", r)
	}
	due, err := allDueJobs(d.tx, farFuture)
	if err != nil {
		return err
	}
	for _, number := range due {
		d.line("due job", number)
	}
	for at := (time.Time{}); ; {
		next, err := d.tx.NextDue(at)
		if err != nil || next.IsZero() {
			return err
		}
		if !next.After(at) {
			return fmt.Errorf("the next due instant after %v is %v", at, next)
		}
		d.line("next due", next)
		at = next
	}
}

func (d *dumper) marks() error {
	list, err := allMarks(d.tx, d.page)
	for _, n := range list {
		d.line("mark", n)
	}
	return err
}

func (d *dumper) records() error {
	for _, kind := range recordKinds {
		list, err := allRecords(d.tx, kind, d.page)
		if err != nil {
			return err
		}
		for _, r := range list {
			d.line(string(kind), r)
			value, err := d.tx.Record(kind, r.ID)
			if err != nil {
				return err
			}
			d.line(" value", string(value))
		}
	}
	return nil
}

func (d *dumper) events() error {
	list, err := allEvents(d.tx, d.page)
	if err != nil {
		return err
	}
	for _, e := range list {
		d.line("event", e)
	}
	last, err := d.tx.LastEvent()
	d.line("last event", last)
	return err
}
