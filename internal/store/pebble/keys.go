package pebble

import (
	"encoding/binary"
	"fmt"
	"strings"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// Every key begins with one byte that names its kind. Numbers are 8 bytes, big-endian, so that keys sort as numbers do; ^ marks the
// complement, which sorts the highest first; name0 is a thing name (type0, kind0, status0: that text) and a zero byte, so that names sort
// as strings do.
//
//	kind          key                                          value
//	v format      v                                            number of the format, varint
//	q sequence    q                                            last number drawn, varint
//	t thing       t name                                       thingRow: registry part and pending executions
//	h history     h name0 thingNumber ^job ^execution          executionRow, terminal
//	x head        x job name0 thingNumber                      headRow: varints
//	s status      s job status name0 thingNumber ^execution    empty
//	d due         d time name0 thingNumber job execution       empty
//	j job         j job                                        jobRow: state
//	c config      c job revision                               rowcodec.Config
//	i id          i jobId                                      job number, 8 bytes
//	n counters    n job                                        one varint for each status
//	m mark        m job                                        empty
//	J job status  J status0 ^job                               empty
//	f following   f group ^job                                 empty; for each group of jobs.Job.Followed
//	w wake-up     w time job                                   empty
//	g group       g group                                      groupRow
//	G group name  G groupName                                  group number, 8 bytes; not of a group that is being deleted
//	p child       p parent groupName                           group number, 8 bytes; parent 0 for a root; nor of such a group
//	e membership  e group name0 thingNumber                    intervals: since when until when the group holds the thing
//	l left        l version group name0 thingNumber            empty; for each interval that has ended
//	L purged      L                                            the l key where the next purge begins
//	y type        y type0 name                                 empty; things by type
//	E event       E eventNumber                                eventRow
//	N last event  N                                            number of the newest event, varint
//	r record      r kind0 id                                   the record
//
// The prefix and the order of the parts are stored data: they change only with the number of the format.
const (
	kindFormat     = 'v'
	kindSequence   = 'q'
	kindThing      = 't'
	kindHistory    = 'h'
	kindHead       = 'x'
	kindStatus     = 's'
	kindDue        = 'd'
	kindJob        = 'j'
	kindConfig     = 'c'
	kindJobID      = 'i'
	kindCounters   = 'n'
	kindMark       = 'm'
	kindJobStatus  = 'J'
	kindFollowing  = 'f'
	kindWake       = 'w'
	kindGroup      = 'g'
	kindGroupName  = 'G'
	kindChild      = 'p'
	kindMembership = 'e'
	kindLeft       = 'l'
	kindPurged     = 'L'
	kindType       = 'y'
	kindEvent      = 'E'
	kindLastEvent  = 'N'
	kindRecord     = 'r'
)

var (
	formatKey    = []byte{kindFormat}
	sequenceKey  = []byte{kindSequence}
	purgedKey    = []byte{kindPurged}
	lastEventKey = []byte{kindLastEvent}
)

func thingKey(b []byte, name registry.ThingName) []byte {
	return append(append(b, kindThing), name...)
}

func historyPrefix(b []byte, thing registry.ThingKey) []byte {
	return appendThing(append(b, kindHistory), thing)
}

func historyJobPrefix(b []byte, thing registry.ThingKey, job jobs.JobNumber) []byte {
	return appendUint(historyPrefix(b, thing), ^uint64(job))
}

func historyKey(b []byte, thing registry.ThingKey, job jobs.JobNumber, number jobs.ExecutionNumber) []byte {
	return appendUint(historyJobPrefix(b, thing, job), ^uint64(number))
}

func headPrefix(b []byte, job jobs.JobNumber) []byte {
	return appendUint(append(b, kindHead), uint64(job))
}

func headKey(b []byte, job jobs.JobNumber, thing registry.ThingKey) []byte {
	return appendThing(headPrefix(b, job), thing)
}

func statusJobPrefix(b []byte, job jobs.JobNumber) []byte {
	return appendUint(append(b, kindStatus), uint64(job))
}

func statusPrefix(b []byte, job jobs.JobNumber, status int) []byte {
	return append(statusJobPrefix(b, job), byte(status))
}

func statusKey(b []byte, job jobs.JobNumber, status int, at store.ExecutionKey) []byte {
	return appendExecution(statusPrefix(b, job, status), at)
}

// appendExecution is the end of a status key, and the order of a job's executions.
func appendExecution(b []byte, at store.ExecutionKey) []byte {
	return appendUint(appendThing(b, at.Thing), ^uint64(at.Number))
}

func duePrefix(b []byte, micros int64) []byte { return appendTime(append(b, kindDue), micros) }

func dueKey(b []byte, micros int64, thing registry.ThingKey, job jobs.JobNumber, number jobs.ExecutionNumber) []byte {
	return appendUint(appendUint(appendThing(duePrefix(b, micros), thing), uint64(job)), uint64(number))
}

func jobKey(b []byte, job jobs.JobNumber) []byte {
	return appendUint(append(b, kindJob), uint64(job))
}

func configKey(b []byte, job jobs.JobNumber, revision int64) []byte {
	return appendUint(appendUint(append(b, kindConfig), uint64(job)), uint64(revision))
}

func jobIDKey(b []byte, id jobs.JobID) []byte {
	return append(append(b, kindJobID), id...)
}

func countersKey(b []byte, job jobs.JobNumber) []byte {
	return appendUint(append(b, kindCounters), uint64(job))
}

func markKey(b []byte, job jobs.JobNumber) []byte {
	return appendUint(append(b, kindMark), uint64(job))
}

func jobStatusPrefix(b []byte, status jobs.JobStatus) []byte {
	return append(append(append(b, kindJobStatus), status...), 0)
}

func followingPrefix(b []byte, group registry.GroupNumber) []byte {
	return appendUint(append(b, kindFollowing), uint64(group))
}

// appendNewestFirst is the end of the keys of lists of jobs.
func appendNewestFirst(b []byte, job jobs.JobNumber) []byte { return appendUint(b, ^uint64(job)) }

func wakePrefix(b []byte, micros int64) []byte { return appendTime(append(b, kindWake), micros) }

func wakeKey(b []byte, micros int64, job jobs.JobNumber) []byte {
	return appendUint(wakePrefix(b, micros), uint64(job))
}

func groupKey(b []byte, group registry.GroupNumber) []byte {
	return appendUint(append(b, kindGroup), uint64(group))
}

func groupNameKey(b []byte, name registry.GroupName) []byte {
	return append(append(b, kindGroupName), name...)
}

func childPrefix(b []byte, parent registry.GroupNumber) []byte {
	return appendUint(append(b, kindChild), uint64(parent))
}

func childKey(b []byte, parent registry.GroupNumber, name registry.GroupName) []byte {
	return append(childPrefix(b, parent), name...)
}

func membershipPrefix(b []byte, group registry.GroupNumber) []byte {
	return appendUint(append(b, kindMembership), uint64(group))
}

func membershipKey(b []byte, group registry.GroupNumber, thing registry.ThingKey) []byte {
	return appendThing(membershipPrefix(b, group), thing)
}

func leftPrefix(b []byte, version uint64) []byte { return appendUint(append(b, kindLeft), version) }

func leftKey(b []byte, version uint64, group registry.GroupNumber, thing registry.ThingKey) []byte {
	return appendThing(appendUint(leftPrefix(b, version), uint64(group)), thing)
}

func typePrefix(b []byte, name registry.TypeName) []byte {
	return append(append(append(b, kindType), name...), 0)
}

func typeKey(b []byte, name registry.TypeName, thing registry.ThingName) []byte {
	return append(typePrefix(b, name), thing...)
}

func eventKey(b []byte, number uint64) []byte { return appendUint(append(b, kindEvent), number) }

func recordPrefix(b []byte, kind store.RecordKind) []byte {
	return append(append(append(b, kindRecord), kind...), 0)
}

func recordKey(b []byte, kind store.RecordKind, id string) []byte {
	return append(recordPrefix(b, kind), id...)
}

// appendTime flips the sign, which sorts times before 1970 first.
func appendTime(b []byte, micros int64) []byte { return appendUint(b, uint64(micros)^(1<<63)) }

func appendUint(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

func appendThing(b []byte, thing registry.ThingKey) []byte {
	return appendUint(append(append(b, thing.Name...), 0), uint64(thing.Number))
}

// end is the first key behind all that begin with prefix.
func end(prefix []byte) []byte {
	b := append([]byte(nil), prefix...)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return nil // not reached: a kind is never 0xff
}

// storable refuses names that would not sort, or would not be found again.
func storable(what, name string) error {
	if name == "" || strings.IndexByte(name, 0) >= 0 {
		return fmt.Errorf("the %s %q is empty or has a zero byte", what, name)
	}
	return nil
}
