package pebble

import (
	"encoding/binary"
	"math"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

// rowWriter writes the rows that every change of a thing writes, without reflection: the same bytes as encode makes of the row types, which say what
// the numbers of the members mean (TestTheWriterIsTheLibrary).
type rowWriter struct {
	b []byte
}

// head writes the kind of an item and its argument, in as few bytes as it takes (RFC 8949, 4.2.1).
func (w *rowWriter) head(kind byte, argument uint64) {
	first := kind << 5
	switch {
	case argument < 24:
		w.b = append(w.b, first|byte(argument))
	case argument <= math.MaxUint8:
		w.b = append(w.b, first|24, byte(argument))
	case argument <= math.MaxUint16:
		w.b = binary.BigEndian.AppendUint16(append(w.b, first|25), uint16(argument))
	case argument <= math.MaxUint32:
		w.b = binary.BigEndian.AppendUint32(append(w.b, first|26), uint32(argument))
	default:
		w.b = binary.BigEndian.AppendUint64(append(w.b, first|27), argument)
	}
}

func (w *rowWriter) text(s string) {
	w.head(cborText, uint64(len(s)))
	w.b = append(w.b, s...)
}

// texts writes a map in the order of its encoded names: the shorter one first, of equal lengths the lower one.
func (w *rowWriter) texts(m map[string]string) {
	w.head(cborMap, uint64(len(m)))
	var some [16]string
	names := some[:0]
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		switch {
		case len(a) != len(b):
			return len(a) - len(b)
		case a < b:
			return -1
		}
		return 1
	})
	for _, name := range names {
		w.text(name)
		w.text(m[name])
	}
}

// members writes the members of a row, which come in order; their number is known at the end, and below 24.
type members struct {
	*rowWriter
	at int // where the number of members stands
}

func (w *rowWriter) members() members {
	w.head(cborMap, 0)
	return members{w, len(w.b) - 1}
}

// member begins one: its number is below 24.
func (m members) member(number byte) {
	m.b[m.at]++
	m.b = append(m.b, number)
}

func (m members) int(number byte, n int64) {
	m.member(number)
	if n < 0 {
		m.head(cborNint, uint64(-1-n))
		return
	}
	m.head(cborUint, uint64(n))
}

// The members below are left out when they say nothing.

func (m members) anyInt(number byte, n int64) {
	if n != 0 {
		m.int(number, n)
	}
}

func (m members) anyText(number byte, s string) {
	if s != "" {
		m.member(number)
		m.text(s)
	}
}

func (m members) anyTrue(number byte, b bool) {
	if b {
		m.member(number)
		m.b = append(m.b, cborTrue)
	}
}

// execution writes an executionRow.
func (w *rowWriter) execution(e *jobs.JobExecution) {
	m := w.members()
	m.member(1)
	m.head(cborUint, uint64(e.Job))
	m.int(2, int64(e.Number))
	m.int(3, int64(e.Status.Index()))
	if e.StatusDetails != nil {
		m.member(4)
		m.texts(e.StatusDetails)
	}
	m.int(5, int64(e.Version))
	m.anyInt(6, rowcodec.Micros(e.QueuedAt))
	m.anyInt(7, rowcodec.Micros(e.StartedAt))
	m.anyInt(8, rowcodec.Micros(e.LastUpdatedAt))
	m.anyTrue(9, e.ForceCanceled)
	m.anyInt(10, int64(e.RetryAttempt))
	m.anyInt(11, rowcodec.Micros(e.InProgressDeadline))
	m.anyInt(12, rowcodec.Micros(e.StepDeadline))
	m.anyText(13, e.StartedBy)
	m.anyText(14, e.EndedBy)
}

// thing writes a thingRow. registry is a row already.
func (w *rowWriter) thing(registry []byte, pending []jobs.JobExecution) {
	m := w.members()
	m.member(1)
	m.b = append(m.b, registry...)
	if len(pending) == 0 {
		return
	}
	m.member(2)
	m.head(cborArray, uint64(len(pending)))
	for i := range pending {
		m.execution(&pending[i])
	}
}
