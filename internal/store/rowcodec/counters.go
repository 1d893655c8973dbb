package rowcodec

import (
	"encoding/binary"
	"errors"

	"iotjobs/internal/jobs"
)

var errMalformed = errors.New("a stored number is malformed")

// AppendCounters appends the counters of a job to b, by the places of their statuses.
func AppendCounters(b []byte, c jobs.Counters) []byte {
	for _, n := range c {
		b = binary.AppendVarint(b, n)
	}
	return b
}

// DecodeCounters takes missing numbers as zero: a status that is added later has none.
func DecodeCounters(value []byte) (c jobs.Counters, err error) {
	for i := range c {
		if len(value) == 0 {
			return c, nil
		}
		n, size := binary.Varint(value)
		if size <= 0 {
			return c, errMalformed
		}
		c[i], value = n, value[size:]
	}
	return c, nil
}

// statuses is jobs.ExecutionStatuses, which makes a new list at each call.
var statuses = jobs.ExecutionStatuses()

// StatusAt is the status at a place of jobs.ExecutionStatuses; empty if there is none.
func StatusAt(i int) jobs.ExecutionStatus {
	if i < 0 || i >= len(statuses) {
		return ""
	}
	return statuses[i]
}
