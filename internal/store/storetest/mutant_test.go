package storetest_test

import (
	"strings"
	"testing"

	"iotjobs/internal/store"
	"iotjobs/internal/store/storetest"
)

// mutants are stores that are wrong in one way. Each must be caught by the promise it breaks, for the reason it breaks it.
var mutants = []struct {
	name   string
	mutate func(store.Store) store.Store
	// on makes the engine of the mutants; nil is kept.
	on func(mutate func(store.Store) store.Store) storetest.Engine
	// promise is the one that must be found broken, and says a part of what it must say.
	promise, says string
	// compared tells that the random comparison must find it, too; checked that Check must.
	compared, checked bool
}{
	{name: "lost update", mutate: lostUpdate, promise: "no change of an execution is lost", says: "version after all changes"},
	{name: "double apply", mutate: doubleApply, promise: "no change of an execution is lost", says: "version after all changes", compared: true},
	{name: "stale command", mutate: lostUpdate, promise: "a command meets the result of the one before", says: "callers that started"},
	{name: "updates that read beside each other", mutate: readBeside, promise: "updates are serial", says: "sum of all updates"},
	{name: "early visibility", mutate: earlyVisibility, on: stalling, promise: "nobody sees a change before it is durable", says: "not durable"},
	{name: "early answer", mutate: right, on: stalling, promise: "nobody sees a change before it is durable", says: "early answer"},
	{name: "old read", mutate: oldRead, promise: "a read is not older than the last answer", says: "was answered", compared: true},
	{name: "torn view", mutate: tornView, promise: "a view never shows half an update", says: "one view shows version"},
	{name: "error that commits", mutate: errorCommits, promise: "an error of an update changes nothing", says: "changed the store", compared: true},
	{name: "canceled but done", mutate: canceledButDone, promise: "a canceled call changed nothing", says: "changes were answered"},
	{
		name: "unchecked before", mutate: uncheckedBefore,
		promise: "a change of another execution than the stored one is refused", says: "no error", compared: true,
	},
	{name: "forgotten marks", mutate: forgottenMarks, promise: "marks stay until they are cleared", says: "after a device marked", compared: true},
	{name: "numbers from the start", mutate: numbersFromStart(), promise: "numbers are never drawn twice", says: "drawn before"},
	{name: "names in one case", mutate: oneCase, promise: "names are case-sensitive", says: "pending executions of thing"},
	{name: "never closed", mutate: neverClosed, on: plain, promise: "a closed store refuses every call", says: "of a closed store returned"},
	{
		name: "forgotten due time", mutate: reads(forgottenDue),
		promise: "a due time follows its execution", says: "due after", compared: true, checked: true,
	},
	{
		name: "forgotten past", mutate: forgottenPast,
		promise: "a due time in the past is not forgotten", says: "due after a timer was set", compared: true,
	},
	{name: "heads unasked", mutate: headsUnasked, promise: "an address names an execution by job and number", says: "does not ask for the head"},
	{
		name: "counters off", mutate: reads(countersOff),
		promise: "counters follow the executions", says: "counters of the job", compared: true, checked: true,
	},
	{
		name: "index off", mutate: reads(indexOff),
		promise: "executions of a job are listed by thing, the newest first", says: "in FAILED", compared: true, checked: true,
	},
	{name: "skipped row", mutate: reads(skippedRow), promise: "things are listed by name", says: "in pages of", compared: true},
	{name: "ghosts", mutate: ghosts, promise: "members follow the groups of their things", says: "b was deleted", compared: true},
	{name: "present members", mutate: reads(presentMembers), promise: "members are shown as of a version", says: "after: a joins", compared: true},
	{name: "members too early", mutate: reads(membersTooEarly), promise: "members are shown as of a version", says: "as of version", compared: true},
	{
		name: "short purge", mutate: writes(shortPurge),
		promise: "purged memberships are forgotten, the oldest first", says: "up to the second version", compared: true,
	},
	{
		name: "undead groups", mutate: reads(undeadGroups),
		promise: "a group that is being deleted is found by its number only", says: "by its name", compared: true,
	},
	{
		name: "followed for ever", mutate: reads(followedForEver),
		promise: "jobs that follow a group are listed while they do", says: "COMPLETED", compared: true, checked: true,
	},
	{
		name: "forgotten wake-up", mutate: reads(forgottenWake),
		promise: "jobs that are due are listed by time", says: "the first 1", compared: true, checked: true,
	},
	{
		name: "next without jobs", mutate: reads(nextWithoutJobs),
		promise: "the next due instant is that of a job, too", says: "next due after", compared: true, checked: true,
	},
	{name: "forgotten events", mutate: forgottenEvents, promise: "events come with their change or not at all", says: "events", compared: true},
	{
		name: "events of refused changes", mutate: eventsOfRefused,
		promise: "events come with their change or not at all", says: "changed the store", compared: true,
	},
	{
		name: "events out of order", mutate: eventsBackwards,
		promise: "events come with their change or not at all", says: "events", compared: true,
	},
	{
		name: "skipped event", mutate: reads(skippedEvent),
		promise: "events are listed by number", says: "in pages of", compared: true, checked: true,
	},
	{
		name: "events deleted unseen", mutate: writes(deletesUnseen),
		promise: "no event is deleted that was not seen", says: "events of", compared: true,
	},
	{
		name: "event numbers from the start", mutate: reads(eventNumbersAgain),
		promise: "event numbers are never given twice", says: "events", compared: true,
	},
	{
		name: "queue by job", mutate: queueByJob,
		promise: "pending executions keep the order in which they were queued", says: "after queueing", compared: true,
	},
	{
		name: "export without ends", mutate: moves(rowsOf(withoutLeft), nil),
		promise: "a copy shows what the original shows", says: "the copy differs", compared: true,
	},
	{
		name: "import without heads", mutate: moves(nil, withoutHeads),
		promise: "a copy shows what the original shows", says: "the copy differs", compared: true,
	},
	{
		name: "export in the order of jobs", mutate: moves(rowsOf(queueSorted), nil),
		promise: "a copy shows what the original shows", says: "the copy differs", compared: true,
	},
	{
		name: "import without event numbers", mutate: moves(nil, withoutLastEvent),
		promise: "a copy shows what the original shows", says: "last event", compared: true,
	},
	{
		name: "export from the start", mutate: fromTheStart,
		promise: "an interrupted copy goes on where it stopped", says: "copy",
	},
	{
		name: "import into anything", mutate: intoAnything,
		promise: "a store that is not empty takes in no other", says: "that holds something returned",
	},
}

func TestMutantIsCaught(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			if m.on == nil {
				m.on = kept
			}
			err := storetest.Broken(t, m.on(m.mutate), m.promise)[m.promise]
			if err == nil || !strings.Contains(err.Error(), m.says) {
				t.Errorf("the suite found %v, want %q broken with %q", err, m.promise, m.says)
			}
			if m.compared && storetest.Differs(t, kept(m.mutate), 1, 1000) == nil {
				t.Error("the comparison found nothing")
			}
			if m.checked {
				s := m.mutate(checkedStore(t))
				if storetest.Check(t.Context(), s) == nil {
					t.Error("the check found nothing")
				}
			}
		})
	}
}

// TestRightStoreIsNotCaught shows that it is the mutation that the checks above find.
func TestRightStoreIsNotCaught(t *testing.T) {
	if broken := storetest.Broken(t, kept(right)); len(broken) > 0 {
		t.Error(broken)
	}
	if err := storetest.Check(t.Context(), checkedStore(t)); err != nil {
		t.Error(err)
	}
}
