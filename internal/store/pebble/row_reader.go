package pebble

import (
	"bytes"
	"encoding/binary"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

// rowReader reads the rows of things, which every device call reads, without reflection, in less than half of the time that the CBOR library takes
// for them (BenchmarkDecodeThing). It understands what encode writes and no more. Whatever else it meets makes it bad, and then the library decides
// whether the row can be read: so there is one place that refuses rows.
type rowReader struct {
	rest []byte
	// row is all of it: texts are parts of this one copy, which costs less than a copy of each.
	row string
	bad bool
	// beside is what readers of many rows share; nil for nothing.
	beside *beside
}

// beside saves memory where many rows are read together.
type beside struct {
	// raw holds the registry's parts of the rows, one behind the other.
	raw []byte
	// texts are the texts that were read last, from these bytes: things beside each other often have the same attributes.
	texts map[string]string
	bytes []byte
}

// keep copies bytes of the row.
func (r *rowReader) keep(part []byte) []byte {
	if r.beside == nil {
		return bytes.Clone(part)
	}
	at := len(r.beside.raw)
	r.beside.raw = append(r.beside.raw, part...)
	return r.beside.raw[at:len(r.beside.raw):len(r.beside.raw)]
}

func readRow(value []byte) rowReader { return rowReader{rest: value, row: string(value)} }

// The kinds of CBOR items that rows have (RFC 8949, 3.1).
const (
	cborUint  = 0
	cborNint  = 1
	cborBytes = 2
	cborText  = 3
	cborArray = 4
	cborMap   = 5
)

// The booleans are one byte each.
const (
	cborFalse = 0xf4
	cborTrue  = 0xf5
)

// head reads the kind of an item and its argument.
func (r *rowReader) head() (kind byte, argument uint64) {
	if len(r.rest) == 0 {
		r.bad = true
		return 0, 0
	}
	first := r.rest[0]
	r.rest = r.rest[1:]
	kind, argument = first>>5, uint64(first&0x1f)
	if argument < 24 {
		return kind, argument
	}
	size := 1 << (argument - 24)
	if argument > 27 || len(r.rest) < size {
		r.bad = true
		return 0, 0
	}
	switch size {
	case 1:
		argument = uint64(r.rest[0])
	case 2:
		argument = uint64(binary.BigEndian.Uint16(r.rest))
	case 4:
		argument = uint64(binary.BigEndian.Uint32(r.rest))
	case 8:
		argument = binary.BigEndian.Uint64(r.rest)
	}
	r.rest = r.rest[size:]
	return kind, argument
}

// item is the argument of an item that must be of a kind.
func (r *rowReader) item(want byte) uint64 {
	kind, argument := r.head()
	if kind != want {
		r.bad = true
	}
	return argument
}

func (r *rowReader) uint() uint64 { return r.item(cborUint) }

func (r *rowReader) int() int64 {
	kind, argument := r.head()
	if kind > cborNint || argument > 1<<63-1 {
		r.bad = true
		return 0
	}
	if kind == cborNint {
		return -1 - int64(argument)
	}
	return int64(argument)
}

func (r *rowReader) bool() bool {
	if len(r.rest) == 0 || r.rest[0] != cborFalse && r.rest[0] != cborTrue {
		r.bad = true
		return false
	}
	value := r.rest[0] == cborTrue
	r.rest = r.rest[1:]
	return value
}

// length is the number of what follows in an array, a map, a text or a byte string, each of which takes a byte at least.
func (r *rowReader) length(kind byte) int {
	n := r.item(kind)
	if r.bad || n > uint64(len(r.rest)) {
		r.bad = true
		return 0
	}
	return int(n)
}

// part is good as long as the row is.
func (r *rowReader) part(kind byte) []byte {
	n := r.length(kind)
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *rowReader) text() string {
	part := r.part(cborText)
	after := len(r.row) - len(r.rest)
	return r.row[after-len(part) : after]
}

func (r *rowReader) texts() map[string]string {
	if r.beside == nil {
		return r.newTexts()
	}
	if last := r.beside.bytes; len(last) > 0 && bytes.HasPrefix(r.rest, last) { // no map begins with another one
		r.rest = r.rest[len(last):]
		return r.beside.texts
	}
	from := r.rest
	m := r.newTexts()
	if !r.bad {
		r.beside.texts, r.beside.bytes = m, append(r.beside.bytes[:0], from[:len(from)-len(r.rest)]...)
	}
	return m
}

func (r *rowReader) newTexts() map[string]string {
	n := r.length(cborMap)
	m := make(map[string]string, n)
	for range n {
		key := r.text()
		m[key] = r.text()
	}
	r.bad = r.bad || len(m) != n // a name that comes twice
	return m
}

// members calls read with the number of each member of a row; they must be in order.
func (r *rowReader) members(read func(number uint64)) {
	last := uint64(0)
	for range r.length(cborMap) {
		number := r.uint()
		if r.bad || number <= last {
			r.bad = true
			return
		}
		last = number
		read(number)
	}
}

// done tells whether all was understood.
func (r *rowReader) done() bool { return !r.bad && len(r.rest) == 0 }

// thing reads the row of a thing; false if it must be left to the library.
func (r *rowReader) thing(name registry.ThingName) (*thingState, bool) {
	s := &thingState{}
	r.members(func(number uint64) {
		switch number {
		case 1:
			from := r.rest
			s.thing = r.registry(name)
			s.registry = r.keep(from[:len(from)-len(r.rest)])
		case 2:
			s.pending = make([]jobs.JobExecution, r.length(cborArray))
			for i := range s.pending {
				r.execution(&s.pending[i])
			}
		default:
			r.bad = true
		}
	})
	return s, r.done() && s.thing != nil && (s.pending == nil || len(s.pending) > 0)
}

func (r *rowReader) registry(name registry.ThingName) *registry.Thing {
	t := &registry.Thing{Name: name}
	r.members(func(number uint64) {
		switch number {
		case 1:
			t.Number = registry.ThingNumber(r.uint())
		case 2:
			t.ID = r.text()
		case 3:
			t.Attributes = r.texts()
		case 4:
			t.Version = r.int()
		case 5:
			t.CreatedAt = rowcodec.FromMicros(r.int())
		case 6:
			t.Type = registry.TypeName(r.text())
		case 7:
			groups, err := decodeMemberships(r.part(cborBytes))
			t.Groups, r.bad = groups, r.bad || err != nil
		default:
			r.bad = true
		}
	})
	return t
}

func (r *rowReader) execution(e *jobs.JobExecution) {
	r.members(func(number uint64) {
		switch number {
		case 1:
			e.Job = jobs.JobNumber(r.uint())
		case 2:
			e.Number = jobs.ExecutionNumber(r.int())
		case 3:
			e.Status = rowcodec.StatusAt(int(r.int()))
		case 4:
			e.StatusDetails = r.texts()
		case 5:
			e.Version = jobs.VersionNumber(r.int())
		case 6:
			e.QueuedAt = rowcodec.FromMicros(r.int())
		case 7:
			e.StartedAt = rowcodec.FromMicros(r.int())
		case 8:
			e.LastUpdatedAt = rowcodec.FromMicros(r.int())
		case 9:
			e.ForceCanceled = r.bool()
		case 10:
			e.RetryAttempt = int(r.int())
		case 11:
			e.InProgressDeadline = rowcodec.FromMicros(r.int())
		case 12:
			e.StepDeadline = rowcodec.FromMicros(r.int())
		case 13:
			e.StartedBy = r.text()
		case 14:
			e.EndedBy = r.text()
		default:
			r.bad = true
		}
	})
	r.bad = r.bad || e.Status == "" // absent, or one that is not known here
}
