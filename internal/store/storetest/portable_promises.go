package storetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
)

func portablePromises() []promise {
	return []promise{
		{name: "a copy shows what the original shows", needs: needMoves, run: copyIsEqual},
		{name: "a copy through another engine shows what the original shows", needs: needMoves, run: copyBetweenEngines},
		{name: "a copy goes on as the original does", needs: needMoves, run: copyGoesOn},
		{name: "every member of a row is copied", needs: needMoves, run: everyMemberIsCopied},
		{name: "an interrupted copy goes on where it stopped", needs: needMoves, run: copyIsResumed},
		{name: "what is due is seen beside an import", needs: needMoves, run: dueBesideImport},
		{name: "an export is one moment", needs: needMoves, run: exportDoesNotMove},
		{name: "a store that is not empty takes in no other", needs: needMoves, run: importRefused},
		{name: "what was imported survives a crash", needs: needCrash, run: importSurvives},
	}
}

// Seeds and length of the random lives that are copied.
const (
	livesToCopy = 3
	stepsOfLife = 400
)

// live plays a random life on the store.
func (p *probe) live(seed uint64) { Live(p.ctx, p.s, seed, stepsOfLife) }

// portable is the store under test as one that can be moved.
func (p *probe) portable() store.Portable { return p.asPortable(p.s) }

func (p *probe) asPortable(s store.Store) store.Portable {
	portable, ok := s.(store.Portable)
	if !ok {
		p.failf("a %T cannot be moved", s)
	}
	return portable
}

// another opens a second, empty store; it is closed at the end of the experiment.
func (p *probe) another() *probe {
	b := &probe{tb: p.tb, ctx: p.ctx, engine: p.engine, dir: p.tb.TempDir()}
	b.open()
	p.beside = append(p.beside, b)
	return b
}

// batches are sizes of batches, small and large.
func batches(seed uint64) func() int {
	r := dice{seed: seed}.roll(forPages)
	return func() int { return 1 + r.IntN(50) }
}

func copyIsEqual(p *probe) {
	for seed := range uint64(livesToCopy) {
		p.dir = p.tb.TempDir()
		p.reopen()
		p.live(seed)
		to := p.another()
		_, err := copyRows(p.ctx, p.portable(), to.portable(), nil, batches(seed), 0)
		p.ok(err, "copy")
		p.ok(sameRows(p.ctx, to.portable(), p.portable()), "compare the copy")
		if p.engine.Reopens {
			to.reopen()
			p.ok(sameRows(p.ctx, to.portable(), p.portable()), "compare the copy that was opened again")
		}
		to.view("read the progress", func(tx store.ReadTx) error {
			progress, err := tx.Record(store.ImportRecord, store.ImportProgress)
			p.same(progress, []byte(nil), "progress of an import that is over")
			return err
		})
	}
}

func copyBetweenEngines(p *probe) {
	p.live(livesToCopy)
	model, to := memory.New(), p.another()
	_, err := copyRows(p.ctx, p.portable(), model, nil, batches(1), 0)
	p.ok(err, "copy to the reference store")
	_, err = copyRows(p.ctx, model, to.portable(), nil, batches(2), 0)
	p.ok(err, "copy from the reference store")
	p.ok(sameRows(p.ctx, to.portable(), p.portable()), "compare the copy of the copy")
}

// copyGoesOn plays the same operations on both after the copy: what follows from the rows, and is not shown, must be right, too.
func copyGoesOn(p *probe) {
	p.live(1)
	to := p.another()
	_, err := copyRows(p.ctx, p.portable(), to.portable(), nil, batches(1), 0)
	p.ok(err, "copy")
	for step := range uint64(stepsOfLife) {
		d := dice{seed: 1, step: stepsOfLife + step}
		name, want := play(p.ctx, p.s, d)
		_, got := play(p.ctx, to.s, d)
		if got != want {
			p.failf("%s on the copy: %s", name, firstDifference(got, want))
		}
	}
	p.ok(sameRows(p.ctx, to.portable(), p.portable()), "compare the copy after both have lived on")
}

// everyMemberIsCopied copies rows with all members set, which no life makes.
func everyMemberIsCopied(p *probe) {
	rows := []store.Row{store.NumbersRow{Last: 1000, LastEvent: 7}}
	for i, job := range filled[jobs.Job]() {
		job.Number, job.ID = jobs.JobNumber(i+1), job.ID+jobs.JobID(rune('a'+i))
		job.Status = jobs.JobInProgress
		rows = append(rows, store.JobRow{Job: &job})
	}
	for i, group := range filled[registry.ThingGroup]() {
		group.Number, group.Name = registry.GroupNumber(i+1), group.Name+registry.GroupName(rune('a'+i))
		rows = append(rows, store.GroupRow{Group: &group})
	}
	thing := filled[registry.Thing]()[0]
	thing.Groups = nil
	row := store.ThingRow{Thing: &thing}
	var history []store.Row
	for i, e := range filled[jobs.JobExecution]() {
		e.Job, e.Status = 1, jobs.InProgress
		e.Number = jobs.ExecutionNumber(2*i + 1)
		row.Pending = append(row.Pending, e)
		e.Number, e.Status = e.Number+1, jobs.Failed
		e.StatusDetails = maps.Clone(e.StatusDetails)
		history = append(history, store.HistoryRow{Thing: thing.Key(), Execution: e})
	}
	rows = append(append(rows, row), history...)
	rows = append(rows, store.HeadRow{Job: 1, Thing: thing.Key(), Head: filled[jobs.Head]()[0]})
	for i, event := range filled[jobs.Event]() {
		event.Number = uint64(2*i + 1)
		job := event
		if event.Execution != nil {
			event.Execution.Status = jobs.Failed
		}
		event.Job, job.Execution, job.Number = nil, nil, event.Number+1
		rows = append(rows, store.EventRow{Event: event}, store.EventRow{Event: job})
	}
	var got, want transcript
	for _, r := range rows {
		want.say("row", r)
	}
	p.ok(p.portable().Import(p.ctx, rows, nil), "import")
	p.ok(p.portable().Export(p.ctx, nil, func(row store.Row) error {
		got.say("row", row)
		return nil
	}), "export")
	if sorted(got.String()) != sorted(want.String()) {
		p.failf("the rows differ: %s", firstDifference(sorted(got.String()), sorted(want.String())))
	}
	p.dir = p.tb.TempDir()
	p.reopen() // what was imported does not agree with itself
}

func copyIsResumed(p *probe) {
	p.live(2)
	p.thing("one more")
	to := p.another()
	size := batches(2)
	var last store.Row
	for stop := 1; ; stop++ {
		before := last
		var err error
		last, err = copyRows(p.ctx, p.portable(), to.portable(), before, size, 2)
		p.ok(err, "copy a part")
		var progress []byte
		to.view("read the progress", func(tx store.ReadTx) (err error) {
			progress, err = tx.Record(store.ImportRecord, store.ImportProgress)
			return err
		})
		if progress == nil {
			break
		}
		p.same(progress, []byte("2"), "progress of a part")
		if p.engine.Reopens {
			to.reopen()
		}
		if stop > stepsOfLife {
			p.failf("the copy does not come to an end")
		}
	}
	p.ok(sameRows(p.ctx, to.portable(), p.portable()), "compare the copy that was interrupted")
}

// dueBesideImport looks after every row: what an engine learns about its timers then must not hide earlier ones that come later.
func dueBesideImport(p *probe) {
	p.job("j")
	for i, name := range p.fleet(5) {
		p.device(name, "j", queue)
		p.device(name, "j", timer(start0.Add(-time.Duration(i)*time.Hour)))
	}
	to := p.another()
	p.ok(p.portable().Export(p.ctx, nil, func(row store.Row) error {
		err := to.portable().Import(p.ctx, []store.Row{row}, []byte("1"))
		to.due(farFuture, 10)
		return err
	}), "copy row by row")
	p.same(to.due(farFuture, 10), p.due(farFuture, 10), "due in the copy")
}

func exportDoesNotMove(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	before, err := dumpRows(p.ctx, p.portable())
	p.ok(err, "export")
	var change <-chan error
	var moved transcript
	p.ok(p.portable().Export(p.ctx, nil, func(row store.Row) error {
		if change == nil {
			change = inBackground(func() error { return p.s.Update(p.ctx, everything) })
			if err, happened := within(change); happened {
				change = inBackground(func() error { return err })
			}
		}
		moved.row(row)
		return nil
	}), "export beside a change")
	p.ok(<-change, "change beside the export")
	if moved.String() != before {
		p.failf("the export moved: %s", firstDifference(moved.String(), before))
	}
	if after, err := dumpRows(p.ctx, p.portable()); err != nil || after == before {
		p.failf("the change beside the export is missing after it (%v)", err)
	}
	canceled, cancel := context.WithCancel(p.ctx)
	cancel()
	if err := p.portable().Export(canceled, nil, func(store.Row) error { return nil }); !errors.Is(err, context.Canceled) {
		p.failf("an export that was canceled returned %v", err)
	}
}

func importRefused(p *probe) {
	rows := []store.Row{store.RecordRow{Of: store.SettingRecord, ID: "s", Value: []byte("v")}}
	p.update("write a sign of life", func(tx store.Tx) error { return tx.PutRecord(store.NodeRecord, "n", []byte("{}")) })
	p.ok(p.portable().Import(p.ctx, rows, nil), "import into a store that is empty but for a sign of life")
	p.unchanged("an import that is refused", func() {
		for what, progress := range map[string][]byte{"with a progress": []byte("1"), "without a progress": nil} {
			if err := p.portable().Import(p.ctx, []store.Row{store.NumbersRow{Last: 9}}, progress); !errors.Is(err, store.ErrNotEmpty) {
				p.failf("an import %s into a store that holds something returned %v", what, err)
			}
		}
	})
	for what, fill := range map[string]func(tx store.Tx) error{
		"a number": func(tx store.Tx) error {
			_, err := tx.NextNumber()
			return err
		},
		"an event": func(tx store.Tx) error { return tx.AppendEvents(jobs.Event{ID: "e", Job: &jobs.JobEvent{}}) },
	} {
		b := p.another()
		b.update("write "+what, fill)
		if err := b.portable().Import(p.ctx, rows, nil); !errors.Is(err, store.ErrNotEmpty) {
			p.failf("an import into a store that holds %s returned %v", what, err)
		}
	}
}

func importSurvives(p *probe) {
	if !p.engine.Moves {
		return
	}
	p.live(3)
	to := p.another()
	_, err := copyRows(p.ctx, p.portable(), to.portable(), nil, batches(3), 0)
	p.ok(err, "copy")
	to.s = p.engine.Crash(p.tb, to.s, to.dir)
	p.ok(sameRows(p.ctx, to.portable(), p.portable()), "compare the copy after the crash")
}

func sorted(text string) string {
	return strings.Join(slices.Sorted(strings.SplitSeq(text, "\n")), "\n")
}
