package pebble

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// FuzzRowReader: what the reader understands, the CBOR library understands in the same way.
func FuzzRowReader(f *testing.F) {
	for _, value := range fullValues(f) {
		f.Add(value)
	}
	// One that names members twice, an array of nothing, a boolean of two bytes, a float for a number.
	for _, value := range []string{"\xa2\x01\xa1\x01\x01\x01\xa1\x01\x02", "\xa2\x01\xa0\x02\x80", "\xa2\x03\x00\x09\xf8\x15", "\xa2\x03\x00\x09\xf5", "\xa2\x03\x00\x05\xf9\x3c\x00"} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		r := readRow(value)
		if got, ok := r.thing("lamp"); ok {
			want, err := decodeAnyThing("lamp", value)
			same(t, "the thing", err, got, want)
		}
		r = readRow(value)
		if got, err := decodeExecution(value); err == nil {
			want, err := decodeAnyExecution(value)
			same(t, "the execution", err, got, want)
		}
	})
}

// The reader is no use if it leaves to the library what this version writes.
func TestTheRowReaderUnderstandsWhatIsWritten(t *testing.T) {
	thing, pending := fullThing(t)
	raw, err := thingBytes(thing, pending)
	if err != nil {
		t.Fatal(err)
	}
	r := readRow(raw)
	s, ok := r.thing(thing.Name)
	if !ok || !reflect.DeepEqual(s.thing, thing) || !reflect.DeepEqual(s.pending, pending) {
		t.Errorf("understood %v: %+v, want %+v and %+v", ok, s, thing, pending)
	}
	if registry, err := encode(rowOfThing(thing)); err != nil || !bytes.Equal(s.registry, registry) {
		t.Errorf("the registry's part is %x, want %x (%v)", s.registry, registry, err)
	}
	for cut := range raw {
		r := readRow(raw[:cut])
		if _, ok := r.thing(thing.Name); ok {
			t.Errorf("the first %d of %d bytes were understood", cut, len(raw))
		}
	}
}

// BenchmarkDecodeThing decodes a thing with one execution, as most rows are.
func BenchmarkDecodeThing(b *testing.B) {
	thing := &registry.Thing{
		Number: 1, ID: "5b4b2a1e-7d39-4a3c-9a43-0d2f5a1c0001", Version: 1, CreatedAt: time.Unix(1_800_000_000, 0),
		Attributes: map[string]string{"model": "pump-x1", "site": "berlin-4", "firmware": "2.3.7"},
	}
	e := jobs.NewExecution(2, 1, time.Unix(1_800_000_000, 0))
	e.Status, e.StatusDetails = jobs.InProgress, map[string]string{"step": "download", "progress": "42%"}
	raw, err := thingBytes(thing, []jobs.JobExecution{e})
	if err != nil {
		b.Fatal(err)
	}
	for name, decode := range map[string]func() (*thingState, error){
		"reader":  func() (*thingState, error) { return decodeThing(thing.Name, raw) },
		"library": func() (*thingState, error) { return decodeAnyThing(thing.Name, raw) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
