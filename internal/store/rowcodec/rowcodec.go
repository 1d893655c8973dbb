// Package rowcodec has the parts of stored rows that engines and backups write alike: the configuration of a job, the places of its cursors, its
// counters, and the events that wait. Rows are CBOR with numbers for names; what was written once is read for ever, so a number is never used again for something else.
//
// Whole rows stay private to their engines, which differ in what has a key or a column of its own.
package rowcodec

import "time"

// Micros is a stored instant: microseconds since 1970, zero for none.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the instant of Micros, in UTC.
func FromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// Map is a list of the same length, of something else; none for none.
func Map[A, B any](list []A, of func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i := range list {
		out[i] = of(list[i])
	}
	return out
}
