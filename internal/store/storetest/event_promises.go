package storetest

import (
	"fmt"
	"math"
	"strconv"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func eventPromises() []promise {
	return []promise{
		{name: "an event reads as it was written", run: eventRoundTrip},
		{name: "events are listed by number", run: eventLists},
		{name: "events come with their change or not at all", run: eventsWithTheirChange},
		{name: "events get their numbers at the commit", run: eventsNumberedAtCommit},
		{name: "events of a thing keep the order of its changes", run: eventsInOrder},
		{name: "events are deleted up to a number", run: eventsDeleted},
		{name: "no event is deleted that was not seen", run: eventsSeenOnce},
		{name: "event numbers are never given twice", needs: needReopen, run: eventNumbersStayUnique},
		{name: "events survive a crash with their change", needs: needCrash, run: eventsAfterCrash},
	}
}

// tell makes a move and tells it: the event's ID is the thing and the version that it has reached.
func tell(m move) move {
	return func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
		c, err := m(v, id)
		if err != nil {
			return c, err
		}
		c.Events = append(c.Events, jobs.Event{
			ID: eventID(v.Thing.Name, c.Executions[0].After.Version), At: start0, Operation: "told", JobID: id,
			Execution: &jobs.ExecutionEvent{Thing: v.Thing.Name, Status: c.Executions[0].After.Status},
		})
		return c, nil
	}
}

func eventID(thing registry.ThingName, version jobs.VersionNumber) string {
	return fmt.Sprintf("%s %d", thing, version)
}

// plainEvents are events of no job that exists.
func plainEvents(ids ...string) (events []jobs.Event) {
	for _, id := range ids {
		events = append(events, jobs.Event{ID: id, At: start0, Operation: "told", JobID: "gone", Job: &jobs.JobEvent{Comment: id}})
	}
	return events
}

// appendEvents appends plain events.
func (p *probe) appendEvents(ids ...string) {
	p.update("append events", func(tx store.Tx) error { return tx.AppendEvents(plainEvents(ids...)...) })
}

func (p *probe) deleteEvents(until uint64) {
	p.update("delete events", func(tx store.Tx) error { return tx.DeleteEvents(until) })
}

// events are all that wait, and the number of the newest one ever.
func (p *probe) events() (list []jobs.Event, last uint64) {
	p.view("read events", func(tx store.ReadTx) (err error) {
		if list, err = allEvents(tx, func() int { return 100 }); err != nil {
			return err
		}
		last, err = tx.LastEvent()
		return err
	})
	return list, last
}

// eventIDs are the IDs and numbers of all events that wait.
func (p *probe) eventIDs() (ids []string) {
	list, _ := p.events()
	for _, e := range list {
		ids = append(ids, strconv.FormatUint(e.Number, 10)+" "+e.ID)
	}
	return ids
}

func eventRoundTrip(p *probe) {
	var want []jobs.Event
	for _, e := range filled[jobs.Event]() {
		e.Execution.Status = jobs.Rejected
		want = append(want, e)
	}
	want = append(want, jobs.Event{Job: &jobs.JobEvent{}}, jobs.Event{Execution: &jobs.ExecutionEvent{Status: jobs.Queued}})
	for i := range want {
		want[i].Number = 77 // that of the appender means nothing
	}
	p.update("append events", func(tx store.Tx) error { return tx.AppendEvents(want...) })
	for i := range want {
		want[i].Number = uint64(i + 1)
	}
	got, _ := p.events()
	p.same(got, want, "events")
}

func eventLists(p *probe) {
	inPages(p, "no events", nil, allEvents)
	if _, last := p.events(); last != 0 {
		p.failf("the newest event of an empty store is %d", last)
	}
	var want []jobs.Event
	for i := range 300 {
		id := strconv.Itoa(i)
		p.appendEvents(id)
		e := plainEvents(id)[0]
		e.Number = uint64(i + 1)
		want = append(want, e)
	}
	inPages(p, "events", want, allEvents)
	p.view("events behind a number", func(tx store.ReadTx) error {
		got, err := tx.Events(255, 3)
		p.same(got, want[255:258], "three events behind one")
		return err
	})
}

func eventsWithTheirChange(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", tell(queue))
	p.unchanged("refused calls with events", func() {
		p.refused(p.try("a", "j", func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
			c, err := tell(working)(v, id)
			return c, firstError(err, errOfFn)
		}), "a device call that fails")
		p.refused(p.try("a", "j", func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
			c, err := tell(working)(v, id)
			c.Executions[0].Before.Version++
			return c, err
		}), "a device call that was decided on another version")
		p.refused(p.s.Update(p.ctx, func(tx store.Tx) error {
			return firstError(tx.AppendEvents(plainEvents("lost")...), change(tx, "a", "j", tell(working)), tx.DeleteEvents(1), errOfFn)
		}), "an update that fails")
	})
	p.device("a", "j", tell(working))
	p.update("change", func(tx store.Tx) error {
		return firstError(tx.AppendEvents(plainEvents("before")...), change(tx, "a", "j", tell(working)), tx.AppendEvents(plainEvents("after")...))
	})
	p.device("a", "j", func(store.ThingView, jobs.JobID) (store.ThingChange, error) {
		return store.ThingChange{Events: plainEvents("alone", "and another")}, nil
	})
	p.same(p.eventIDs(), []string{"1 a 1", "2 a 2", "3 before", "4 a 3", "5 after", "6 alone", "7 and another"}, "events")
	p.same(p.execution("a", "j").Version, 3, "version")
}

func eventsNumberedAtCommit(p *probe) {
	p.appendEvents("first")
	p.update("look at what was appended", func(tx store.Tx) error {
		if err := tx.AppendEvents(plainEvents("second")...); err != nil {
			return err
		}
		list, err := allEvents(tx, page)
		if err != nil {
			return err
		}
		last, err := tx.LastEvent()
		if len(list) != 1 || last != 1 {
			p.failf("before the commit %d events are shown, the newest %d; want only the first", len(list), last)
		}
		return err
	})
	p.update("delete and append", func(tx store.Tx) error {
		return firstError(tx.AppendEvents(plainEvents("third")...), tx.DeleteEvents(math.MaxUint64), tx.AppendEvents(plainEvents("fourth")...))
	})
	p.same(p.eventIDs(), []string{"3 third", "4 fourth"}, "events of the update that deleted all it saw")
}

func eventsDeleted(p *probe) {
	p.deleteEvents(5)
	p.appendEvents("one", "two", "three", "four")
	p.deleteEvents(0)
	p.same(p.eventIDs(), []string{"1 one", "2 two", "3 three", "4 four"}, "events after deleting none")
	p.deleteEvents(2)
	p.deleteEvents(1)
	p.same(p.eventIDs(), []string{"3 three", "4 four"}, "events after deleting two")
	p.update("delete and look", func(tx store.Tx) error {
		if err := tx.DeleteEvents(3); err != nil {
			return err
		}
		list, err := tx.Events(0, 10)
		if len(list) != 1 {
			p.failf("the update that deleted an event sees %d, want one", len(list))
		}
		return err
	})
	p.deleteEvents(math.MaxUint64)
	p.same(p.eventIDs(), []string(nil), "events after deleting all")
	p.appendEvents("five")
	p.same(p.eventIDs(), []string{"5 five"}, "events after one more")
}

func eventNumbersStayUnique(p *probe) {
	for i := range uint64(4) {
		p.appendEvents("first", "second")
		p.same(p.eventIDs(), []string{fmt.Sprintf("%d first", 2*i+1), fmt.Sprintf("%d second", 2*i+2)}, "events")
		p.reopen()
		p.deleteEvents(math.MaxUint64)
		p.reopen()
	}
}
