package pebble

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strconv"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// codecs are all kinds of stored values. Each decodes a value and encodes what it understood.
var codecs = []struct {
	name  string
	again func(value []byte) ([]byte, error)
}{
	{"thing", func(value []byte) ([]byte, error) {
		state, err := decodeThing("lamp", value)
		if err != nil {
			return nil, err
		}
		return thingBytes(state.thing, state.pending)
	}},
	{"execution", func(value []byte) ([]byte, error) {
		e, err := decodeExecution(value)
		if err != nil {
			return nil, err
		}
		return encode(rowOfExecution(&e))
	}},
	{"job", func(value []byte) ([]byte, error) {
		job, err := decodeJob(1, value)
		if err != nil {
			return nil, err
		}
		return encode(rowOfJob(job))
	}},
	{"config", func(value []byte) ([]byte, error) {
		config, err := decodeConfig(value)
		if err != nil {
			return nil, err
		}
		return encode(rowcodec.OfConfig(config))
	}},
	{"group", func(value []byte) ([]byte, error) {
		group, err := decodeGroup(1, value)
		if err != nil {
			return nil, err
		}
		return encode(rowOfGroup(group))
	}},
	{"event", func(value []byte) ([]byte, error) {
		e, err := decodeEvent(1, value)
		if err != nil {
			return nil, err
		}
		return encodeEvent(&e)
	}},
	{"memberships", func(value []byte) ([]byte, error) {
		groups, err := decodeMemberships(value)
		return encodeMemberships(groups), err
	}},
	{"intervals", func(value []byte) (encoded []byte, err error) {
		all, err := decodeIntervals(value)
		for _, i := range all {
			encoded = appendInterval(encoded, i)
		}
		return encoded, err
	}},
	{"head", func(value []byte) ([]byte, error) {
		head, err := decodeHead(value)
		return encodeHead(nil, head), err
	}},
	{"counters", func(value []byte) ([]byte, error) {
		counters, err := rowcodec.DecodeCounters(value)
		return rowcodec.AppendCounters(nil, counters), err
	}},
	{"number", func(value []byte) ([]byte, error) {
		n, err := decodeNumber(value)
		return binary.AppendUvarint(nil, n), err
	}},
	{"group number", func(value []byte) ([]byte, error) {
		n, err := decodeGroupNumber(value)
		return appendUint(nil, uint64(n)), err
	}},
}

// thingBytes is what the library makes of a thing.
func thingBytes(thing *registry.Thing, pending []jobs.JobExecution) ([]byte, error) {
	raw, err := encode(rowOfThing(thing))
	if err != nil {
		return nil, err
	}
	row := thingRow{Registry: raw}
	for i := range pending {
		row.Pending = append(row.Pending, rowOfExecution(&pending[i]))
	}
	return encode(&row)
}

// FuzzRows decodes arbitrary bytes as each kind of value. There is no panic, and what was understood is understood in the same way when it is
// encoded and decoded again.
func FuzzRows(f *testing.F) {
	for _, seed := range [][]byte{{}, {0xa0}, {0xf6}, {0x80}, {0xa1, 0x01, 0x40}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, bytes.Repeat([]byte{0x81}, 1000)} {
		f.Add(seed)
	}
	for _, value := range fullValues(f) {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, c := range codecs {
			once, err := c.again(value)
			if err != nil {
				continue
			}
			twice, err := c.again(once)
			if err != nil {
				t.Fatalf("%s: %x was understood, but not the %x that was made of it: %v", c.name, value, once, err)
			}
			if !bytes.Equal(once, twice) {
				t.Errorf("%s: %x became %x, and then %x", c.name, value, once, twice)
			}
		}
	})
}

// FuzzKeys takes arbitrary keys apart: no panic, and a key that was understood is the one that its parts make.
func FuzzKeys(f *testing.F) {
	thing := registry.ThingKey{Name: "lamp", Number: 7}
	for _, key := range [][]byte{
		nil, {kindDue}, {kindMark}, dueKey(nil, -1, thing, 2, 3), statusKey(nil, 2, 0, store.ExecutionKey{Thing: thing, Number: 3}), markKey(nil, 2),
	} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key []byte) {
		r := readKey(key, 1)
		micros, thing, job, number := int64(r.uint()^(1<<63)), r.thing(), jobs.JobNumber(r.uint()), jobs.ExecutionNumber(r.uint())
		if r.done(key) == nil {
			if made := dueKey(nil, micros, thing, job, number); !bytes.Equal(made[1:], key[1:]) {
				t.Errorf("due: %x was read as the parts of %x", key, made)
			}
		}
		const prefix = 1 + 8 + 1 // kind, job, status
		r = readKey(key, prefix)
		at := store.ExecutionKey{Thing: r.thing(), Number: jobs.ExecutionNumber(^r.uint())}
		if r.done(key) == nil {
			if made := appendExecution(nil, at); !bytes.Equal(made, key[prefix:]) {
				t.Errorf("status: %x was read as the parts of %x", key, made)
			}
		}
	})
}

// Every member of what is stored is stored: one that is added to the domain and forgotten in its row is noticed here.
func TestRowsKeepEveryMember(t *testing.T) {
	thing, pending := fullThing(t)
	raw, err := thingBytes(thing, pending)
	if err != nil {
		t.Fatal(err)
	}
	state, err := decodeThing(thing.Name, raw)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the thing", nil, state.thing, thing)
	same(t, "its executions", nil, state.pending, pending)

	job := fullJob(t)
	raw, err = encode(rowOfJob(job))
	if err != nil {
		t.Fatal(err)
	}
	gotJob, err := decodeJob(job.Number, raw)
	same(t, "the job", err, gotJob, job)

	config := full[jobs.Config](t)
	raw, err = encode(rowcodec.OfConfig(&config))
	if err != nil {
		t.Fatal(err)
	}
	gotConfig, err := decodeConfig(raw)
	same(t, "the configuration", err, gotConfig, &config)

	group := full[registry.ThingGroup](t)
	raw, err = encode(rowOfGroup(&group))
	if err != nil {
		t.Fatal(err)
	}
	gotGroup, err := decodeGroup(group.Number, raw)
	same(t, "the group", err, gotGroup, &group)

	event := fullEvent(t)
	raw, err = encodeEvent(event)
	if err != nil {
		t.Fatal(err)
	}
	gotEvent, err := decodeEvent(event.Number, raw)
	same(t, "the event", err, &gotEvent, event)

	head := full[jobs.Head](t)
	gotHead, err := decodeHead(encodeHead(nil, head))
	same(t, "the head", err, gotHead, head)

	held := full[interval](t)
	gotHeld, err := decodeIntervals(appendInterval(nil, held))
	same(t, "the interval", err, gotHeld, []interval{held})

	counters := jobs.Counters{1, -2, 3, 4, 5, 6, 7, 1 << 40}
	gotCounters, err := rowcodec.DecodeCounters(rowcodec.AppendCounters(nil, counters))
	same(t, "the counters", err, gotCounters, counters)
}

func same[V any](t *testing.T, what string, err error, got, want V) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, %v, want %+v", what, got, err, want)
	}
}

// fullValues are encoded values that have every member.
func fullValues(tb testing.TB) [][]byte {
	tb.Helper()
	thing, pending := fullThing(tb)
	rows := [][]byte{rowcodec.AppendCounters(nil, jobs.Counters{1, 2, 3, 4, 5, 6, 7, 8}), encodeMemberships(thing.Groups), appendUint(nil, 5)}
	add := func(row []byte, err error) {
		if err != nil {
			tb.Fatal(err)
		}
		rows = append(rows, row)
	}
	config, group := full[jobs.Config](tb), full[registry.ThingGroup](tb)
	add(thingBytes(thing, pending))
	add(encode(rowOfExecution(&pending[0])))
	add(encode(rowOfJob(fullJob(tb))))
	add(encode(rowcodec.OfConfig(&config)))
	add(encode(rowOfGroup(&group)))
	add(encodeEvent(fullEvent(tb)))
	return rows
}

func fullEvent(tb testing.TB) *jobs.Event {
	tb.Helper()
	e := full[jobs.Event](tb)
	e.Execution.Status = jobs.Removed
	return &e
}

func fullThing(tb testing.TB) (*registry.Thing, []jobs.JobExecution) {
	tb.Helper()
	thing, pending := full[registry.Thing](tb), make([]jobs.JobExecution, len(statuses))
	for i := range pending {
		pending[i] = full[jobs.JobExecution](tb)
		pending[i].Status = statuses[i]
	}
	return &thing, pending
}

// fullJob has no configuration: that is a row of its own.
func fullJob(tb testing.TB) *jobs.Job {
	tb.Helper()
	job := full[jobs.Job](tb)
	job.Config = nil
	return &job
}

// full is a value whose members are all set, each to something else.
func full[V any](tb testing.TB) V {
	tb.Helper()
	var v V
	n := 0
	fill(tb, reflect.ValueOf(&v).Elem(), &n)
	return v
}

func fill(tb testing.TB, v reflect.Value, n *int) {
	tb.Helper()
	*n++
	if !v.CanSet() { // a member that is not exported; the types with such members are of this package
		v = reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
	}
	switch value := v.Addr().Interface().(type) {
	case *time.Time:
		*value = time.UnixMicro(1_800_000_000_000_000 + int64(*n)).UTC()
		return
	case *time.Duration:
		*value = time.Duration(*n) * time.Microsecond
		return
	}
	switch v.Kind() { //nolint:exhaustive // the others are refused
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.String:
		v.SetString("text " + strconv.Itoa(*n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(tb, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(tb, v.Index(0), n)
		fill(tb, v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(tb, v.Index(i), n)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(tb, key, n)
		fill(tb, value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for _, member := range v.Fields() {
			fill(tb, member, n)
		}
	default:
		tb.Fatalf("a member of type %s: teach this test to fill it", v.Type())
	}
}

func encodeEvent(e *jobs.Event) ([]byte, error) {
	rows, err := encodeEvents(nil, []jobs.Event{*e})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}
