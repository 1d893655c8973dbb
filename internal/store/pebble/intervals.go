package pebble

import "encoding/binary"

// interval is a time, in membership versions, for which a group holds a thing: from joined on, and until before left, which is zero
// while it lasts. A thing that comes and goes has several in one row, the oldest first; only the last one may last.
type interval struct {
	joined, left uint64
	direct       bool
}

func (i interval) covers(version uint64) bool {
	return i.joined <= version && (i.left == 0 || version < i.left)
}

// heldAt finds the interval of a row that covers a version; now for zero.
func heldAt(value []byte, version uint64) (held interval, ok bool, err error) {
	for len(value) > 0 {
		var i interval
		if i, value, err = readInterval(value); err != nil {
			return i, false, err
		}
		if version == 0 && i.left == 0 || version != 0 && i.covers(version) {
			return i, true, nil
		}
	}
	return interval{}, false, nil
}

func decodeIntervals(value []byte) (all []interval, err error) {
	for len(value) > 0 {
		var i interval
		if i, value, err = readInterval(value); err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, nil
}

// appendInterval writes joined with the flag in its lowest bit, then left.
func appendInterval(b []byte, i interval) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, withFlag(i.joined, i.direct)), i.left)
}

func readInterval(value []byte) (i interval, rest []byte, err error) {
	joined, n := binary.Uvarint(value)
	if n <= 0 {
		return i, nil, errMalformed
	}
	left, m := binary.Uvarint(value[n:])
	if m <= 0 {
		return i, nil, errMalformed
	}
	i.left = left
	i.joined, i.direct = splitFlag(joined)
	return i, value[n+m:], nil
}

// withFlag puts a flag below a number, which must have its highest bit free: versions and group numbers count up from 1.
func withFlag(n uint64, flag bool) uint64 {
	n <<= 1
	if flag {
		n |= 1
	}
	return n
}

func splitFlag(n uint64) (uint64, bool) { return n >> 1, n&1 == 1 }
