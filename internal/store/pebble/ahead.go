package pebble

import (
	"bytes"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// A step lists things and then looks at one after the other, each with the same job. Searching for the rows of each would be most of what it costs. So
// an update remembers what it has listed, and when it asks for the first of them, reads all with iterators that only go forward.

// onJob is what was read of one job together with a thing.
type onJob struct {
	job  jobs.JobNumber
	head jobs.Head
	// history is the newest terminal execution; nil for none.
	history *jobs.JobExecution
}

// list remembers that a thing was listed and is likely to be read next. A nil tx lists nothing.
func (t *tx) list(name registry.ThingName) {
	if t == nil {
		return
	}
	if n := len(t.ahead); n > 0 && name <= t.ahead[n-1] {
		if name == t.ahead[n-1] { // an earlier or later thing of the same name
			return
		}
		t.ahead = t.ahead[:0] // another list begins
	}
	t.ahead = append(t.ahead, name)
}

// thing locks and reads a thing, for a view with these addresses; nil if there is none. What an update has read of a thing stays true until it changes it.
func (t *tx) thing(name registry.ThingName, addrs []store.Address) (*thingState, error) {
	if s, read := t.states[name]; read {
		return s, nil
	}
	if len(t.ahead) > 1 && t.ahead[0] == name && len(addrs) == 1 {
		job, err := t.jobs.byID(addrs[0].Job)
		if err != nil {
			return nil, err
		}
		if job != nil {
			if err := t.readAhead(job.Number); err != nil {
				return nil, err
			}
			return t.states[name], nil
		}
	}
	if err := t.lock(name); err != nil {
		return nil, err
	}
	s, err := loadThing(t.batch, name)
	if err == nil {
		t.states[name] = s
	}
	return s, err
}

// forget must be called when the thing is changed.
func (t *tx) forget(name registry.ThingName) { delete(t.states, name) }

// readAhead locks all things that were listed, and reads them and what is known of a job on them.
func (t *tx) readAhead(job jobs.JobNumber) (err error) {
	names := t.ahead
	t.ahead = nil
	if err := t.lock(names...); err != nil {
		return err
	}
	a := reader{job: job, beside: beside{raw: make([]byte, 0, usualRegistryPart*len(names))}}
	if len(t.states) == 0 {
		t.states = make(map[registry.ThingName]*thingState, len(names))
	}
	defer func() { err = errors.Join(err, a.rows.close(), a.heads.close(), a.histories.close()) }()
	first, last := string(names[0]), string(names[len(names)-1])
	if err := errors.Join(
		a.rows.open(t.batch, []byte{kindThing}, first, last),
		a.heads.open(t.batch, headPrefix(nil, job), first, last),
		a.histories.open(t.batch, []byte{kindHistory}, first, last),
	); err != nil {
		return err
	}
	for _, name := range names {
		if _, read := t.states[name]; read {
			continue
		}
		s, err := a.thing(name)
		if err != nil {
			return err
		}
		t.states[name] = s
	}
	return nil
}

// usualRegistryPart is how many bytes most rows of things begin with.
const usualRegistryPart = 160

// reader reads things ahead.
type reader struct {
	job                    jobs.JobNumber
	rows, heads, histories forward
	key                    []byte
	beside                 beside
}

// thing reads the next one, in the order of the names; nil if there is none.
func (a *reader) thing(name registry.ThingName) (*thingState, error) {
	a.key = thingKey(a.key[:0], name)
	found, err := a.rows.row(a.key)
	if !found {
		return nil, err
	}
	s, err := decodeThingBeside(&a.beside, name, a.rows.value)
	if err != nil {
		return nil, err
	}
	s.known = &onJob{job: a.job}
	thing := s.thing.Key()
	a.key = headKey(a.key[:0], a.job, thing)
	if found, err = a.heads.row(a.key); err != nil {
		return nil, err
	}
	if found {
		if s.known.head, err = decodeHead(a.heads.value); err != nil {
			return nil, err
		}
	}
	a.key = historyJobPrefix(a.key[:0], thing, a.job)
	if found, err = a.histories.first(a.key); !found { // the first one is the newest
		return s, err
	}
	e, err := decodeExecution(a.histories.value)
	s.known.history = &e
	return s, err
}

// forward finds rows whose keys are asked for in ascending order.
type forward struct {
	iter  *pebble.Iterator
	begun bool
	ended bool
	value []byte // of the row that was found, until the next find
}

// open begins at the rows of the first name behind a prefix, and goes to the end of those of the last one.
func (f *forward) open(g getter, prefix []byte, first, last string) (err error) {
	lower := append(bytes.Clone(prefix), first...)
	upper := append(append(bytes.Clone(prefix), last...), 1) // what follows a name is a zero byte or the end
	f.iter, err = g.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	return err
}

func (f *forward) close() error {
	if f.iter == nil {
		return nil
	}
	return f.iter.Close()
}

// row finds the row of a key, first the first row whose key begins with a prefix.
func (f *forward) row(key []byte) (found bool, err error) {
	return f.find(key, func(at []byte) bool { return bytes.Equal(at, key) })
}

func (f *forward) first(prefix []byte) (found bool, err error) {
	return f.find(prefix, func(at []byte) bool { return bytes.HasPrefix(at, prefix) })
}

// find goes to the first row at or behind a key.
func (f *forward) find(key []byte, is func(at []byte) bool) (found bool, err error) {
	switch {
	case f.ended:
		return false, nil
	case !f.begun:
		f.begun = true
		f.ended = !f.iter.SeekGE(key)
	case bytes.Compare(f.iter.Key(), key) < 0:
		// Most often it is the next row.
		if f.ended = !f.iter.Next(); !f.ended && bytes.Compare(f.iter.Key(), key) < 0 {
			f.ended = !f.iter.SeekGE(key)
		}
	}
	if f.ended {
		return false, f.iter.Error()
	}
	if !is(f.iter.Key()) {
		return false, nil
	}
	f.value, err = f.iter.ValueAndErr()
	return true, err
}
