package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// readTx reads one snapshot or, inside an Update, the update's batch over the database.
type readTx struct {
	from getter
	jobs *jobReader
	// tx is the update that reads; nil in a View. What it reads of things it locks first.
	tx *tx
	// published is where the snapshot comes from; nil in an update.
	published *publisher
}

var _ store.ReadTx = (*readTx)(nil)

func (r *readTx) Thing(name registry.ThingName, addrs ...store.Address) (store.ThingView, error) {
	s, err := r.thing(name, addrs)
	if err != nil {
		return store.ThingView{}, err
	}
	return view(r.from, r.jobs, s, addrs)
}

// thing reads a thing, for a view with these addresses; an update locks it first. It is nil without an error if there is none.
func (r *readTx) thing(name registry.ThingName, addrs []store.Address) (*thingState, error) {
	if snap, ok := r.from.(*snapshot); ok {
		return snap.thing(name)
	}
	if r.tx != nil {
		return r.tx.thing(name, addrs)
	}
	return loadThing(r.from, name)
}

// Things needs no locks: device traffic never changes the registry's part.
func (r *readTx) Things(after registry.ThingName, limit int) (list []*registry.Thing, err error) {
	err = scanPage(r.from, []byte{kindThing}, []byte(after), limit, func(key, value []byte) error {
		s, err := decodeThing(registry.ThingName(key[1:]), value)
		if err != nil {
			return err
		}
		list = append(list, s.thing)
		return nil
	})
	return list, err
}

func (r *readTx) ThingsOfType(name registry.TypeName, after registry.ThingName, limit int) (list []*registry.Thing, err error) {
	if name == "" {
		return nil, nil
	}
	prefix := typePrefix(nil, name)
	err = scanPage(r.from, prefix, []byte(after), limit, func(key, _ []byte) error {
		thing := registry.ThingName(key[len(prefix):])
		s, err := loadThing(r.from, thing)
		if err != nil {
			return err
		}
		if s == nil {
			return fmt.Errorf("the index of type %s names thing %s, which is not there", name, thing)
		}
		list = append(list, s.thing)
		return nil
	})
	return list, err
}

// Job and its sisters return copies: callers change what they got and put it back.
func (r *readTx) Job(id jobs.JobID) (*jobs.Job, error) { return cloned(r.jobs.byID(id)) }

func (r *readTx) JobByNumber(number jobs.JobNumber) (*jobs.Job, error) {
	return cloned(r.jobs.byNumber(number))
}

func cloned(job *jobs.Job, err error) (*jobs.Job, error) {
	if job == nil || err != nil {
		return nil, err
	}
	return job.Clone(), nil
}

func (r *readTx) Jobs(after jobs.JobNumber, limit int) (list []*jobs.Job, err error) {
	if limit <= 0 {
		return nil, nil
	}
	upper := end([]byte{kindJob})
	if after != 0 {
		upper = jobKey(nil, after)
	}
	iter, err := r.from.NewIter(&pebble.IterOptions{LowerBound: []byte{kindJob}, UpperBound: upper})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, iter.Close()) }()
	for ok := iter.Last(); ok && len(list) < limit; ok = iter.Prev() {
		key := readKey(iter.Key(), 1)
		number := jobs.JobNumber(key.uint())
		if err := key.done(iter.Key()); err != nil {
			return nil, err
		}
		job, err := cloned(r.jobs.byNumber(number))
		if err != nil {
			return nil, err
		}
		list = append(list, job)
	}
	return list, iter.Error()
}

func (r *readTx) Counters(job jobs.JobNumber) (jobs.Counters, error) {
	c, _, err := get(r.from, countersKey(nil, job), rowcodec.DecodeCounters)
	if r.tx != nil {
		c = sum(c, r.tx.deltas[job])
	}
	return c, err
}

func sum(a, b jobs.Counters) jobs.Counters {
	for i := range a {
		a[i] += b[i]
	}
	return a
}

func (r *readTx) ThingExecutions(thing registry.ThingKey, after store.ExecutionCursor, limit int) (list []jobs.JobExecution, err error) {
	if limit <= 0 {
		return nil, nil
	}
	begin := after == store.ExecutionCursor{}
	s, err := r.thing(thing.Name, nil)
	if err != nil {
		return nil, err
	}
	if s != nil && s.thing.Key() == thing {
		for _, e := range s.pending {
			if begin || compareExecutions(e, jobs.JobExecution{Job: after.Job, Number: after.Number}) > 0 {
				list = append(list, e)
			}
		}
	}
	var cursor []byte
	if !begin {
		cursor = appendUint(appendUint(nil, ^uint64(after.Job)), ^uint64(after.Number))
	}
	err = scanPage(r.from, historyPrefix(nil, thing), cursor, limit, func(_, value []byte) error {
		e, err := decodeExecution(value)
		list = append(list, e)
		return err
	})
	slices.SortFunc(list, compareExecutions)
	return list[:min(len(list), limit)], err
}

// compareExecutions is the order of history keys: the highest job first, and of one job the highest number.
func compareExecutions(a, b jobs.JobExecution) int {
	if a.Job != b.Job {
		return compareUints(uint64(b.Job), uint64(a.Job))
	}
	return compareUints(uint64(b.Number), uint64(a.Number))
}

func compareUints(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (r *readTx) Marks(after jobs.JobNumber, limit int) (list []jobs.JobNumber, err error) {
	if snap, ok := r.from.(*snapshot); ok {
		return snap.marks.page(after, limit), nil
	}
	err = scanPage(r.from, []byte{kindMark}, appendUint(nil, uint64(after)), limit, func(k, _ []byte) error {
		key := readKey(k, 1)
		list = append(list, jobs.JobNumber(key.uint()))
		return key.done(k)
	})
	return list, err
}

func (r *readTx) Record(kind store.RecordKind, id string) ([]byte, error) {
	value, _, err := get(r.from, recordKey(nil, kind, id), func(value []byte) ([]byte, error) { return append([]byte{}, value...), nil })
	return value, err
}

func (r *readTx) Records(kind store.RecordKind, after string, limit int) (list []store.Record, err error) {
	prefix := recordPrefix(nil, kind)
	err = scanPage(r.from, prefix, []byte(after), limit, func(key, value []byte) error {
		list = append(list, store.Record{ID: string(key[len(prefix):]), Value: bytes.Clone(value)})
		return nil
	})
	return list, err
}
