package pebble

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestPageNeverShowsAnOldValue compares a page with a map that forgets nothing. Many names share a hash, and rows are of all sizes, those that have no
// room too.
func TestPageNeverShowsAnOldValue(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, seed))
	p := &page{rows: new([pageSize]byte)}
	last := map[string][]byte{}
	hash := func(name string) uint64 { return uint64(name[0]) }
	kept, lost := 0, 0
	for step := range 20_000 {
		name := fmt.Sprintf("%c%d", 'a'+rune(r.IntN(3)), r.IntN(20))
		var value []byte
		switch r.IntN(100) {
		case 0:
			value = make([]byte, pageSize-r.IntN(20))
		case 1, 2, 3, 4, 5, 6, 7, 8, 9:
		default:
			value = bytes.Repeat([]byte{byte(step)}, 1+r.IntN(300))
		}
		p.put(hash(name), name, value)
		last[name] = value
		if room := entrySize+1+len(name)+len(value) <= pageSize; room && !bytes.Equal(p.get(hash(name), name), value) {
			t.Fatalf("step %d: %s is not what was put", step, name)
		}
		for name, value := range last {
			got := p.get(hash(name), name)
			switch {
			case got != nil && !bytes.Equal(got, value):
				t.Fatalf("step %d: %s is %v, want %v or nothing", step, name, got, value)
			case got != nil:
				kept++
			case value != nil:
				lost++
			}
		}
		if used := int(p.count)*entrySize + int(p.size); used > pageSize {
			t.Fatalf("step %d: %d bytes are used", step, used)
		}
	}
	if kept == 0 || lost == 0 {
		t.Errorf("%d rows were kept and %d lost, want some of both", kept, lost)
	}
}

// TestPageKeepsWhatIsAskedFor shows that rows that come and are not asked for do not push out those that are.
func TestPageKeepsWhatIsAskedFor(t *testing.T) {
	p := &page{rows: new([pageSize]byte)}
	value := make([]byte, 200)
	p.put(0, "wanted", value)
	for i := range 1000 {
		if p.get(0, "wanted") == nil {
			t.Fatalf("the row that is asked for is gone after %d others", i)
		}
		p.put(0, fmt.Sprint(i), value)
	}
	if p.get(0, "0") != nil {
		t.Error("the oldest row is still there")
	}
	if n := int(p.count); n < pageSize/220 {
		t.Errorf("the page holds %d rows, want it full", n)
	}
}
