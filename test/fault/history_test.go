package fault

import (
	"errors"
	"fmt"
	"slices"
)

// state is what is stored under a name, as far as a client can tell.
type state struct {
	version int64 // counts the writes, from 1 on; 0 if nobody counts them
	status  string
	note    string // what the last write has left
}

// after is the state after a write of what w says.
func (s state) after(w state) state {
	if s.version > 0 {
		w.version = s.version + 1
	} else {
		w.version = 0
	}
	return w
}

// event is something that one client met.
type event struct {
	kind eventKind
	// state is what was written, with the version that the answer told, or 0 if it told none; of a read, what was seen.
	state state
}

type eventKind string

const (
	// acknowledged is a write that has happened, once.
	acknowledged eventKind = "acknowledged"
	// unanswered is a write that may have happened, once.
	unanswered eventKind = "unanswered"
	// read is something that was seen.
	read eventKind = "read"
)

// history is all that has happened to one name. Only one client writes it, one thing after the other, so that there are never more states possible
// than there were writes without an answer since the last read.
type history struct {
	born   state
	events []event
}

func (h *history) add(kind eventKind, s state) { h.events = append(h.events, event{kind, s}) }

// possible are the states that a server without faults can have after all that has happened. An error means that no such server could have
// answered so.
func (h *history) possible() ([]state, error) {
	possible := []state{h.born}
	for i, e := range h.events {
		var next []state
		for _, s := range possible {
			after := s.after(e.state)
			switch e.kind {
			case acknowledged:
				if e.state.version == 0 || e.state.version == after.version {
					next = append(next, after)
				}
			case unanswered:
				next = append(next, s, after)
			case read:
				if s == e.state {
					next = append(next, s)
				}
			}
		}
		if len(next) == 0 {
			return nil, fmt.Errorf("%s %+v, but it can only have been %+v; the events up to then: %+v", e.kind, e.state, possible, h.events[max(0, i-5):i+1])
		}
		possible = next
	}
	return possible, nil
}

// book holds histories by name.
type book map[string]*history

// of finds a history, or begins it.
func (b book) of(name string, born state) *history {
	if b[name] == nil {
		b[name] = &history{born: born}
	}
	return b[name]
}

// check joins what is wrong with some of the histories.
func (b book) check(names []string) error {
	slices.Sort(names)
	var faults []error
	for _, name := range names {
		if h := b[name]; h != nil {
			if _, err := h.possible(); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	return errors.Join(faults...)
}
