package pebble

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

// Rows are CBOR with numbers for member names, in the core deterministic form: equal rows are equal bytes.
var (
	encoder = must(cbor.CoreDetEncOptions().UserBufferEncMode())
	// Text is kept byte for byte, also where it is not valid UTF-8: a row that could be written must be readable.
	decoder = must(cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid, MaxArrayElements: 1 << 24}.DecMode())
)

func must[M any](mode M, err error) M {
	if err != nil {
		panic(err) // impossible: the options are constants
	}
	return mode
}

// encode returns the row's bytes, new ones.
func encode(row any) ([]byte, error) {
	var b bytes.Buffer
	if err := encoder.MarshalToBuffer(row, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// thingState is a decoded thing row.
type thingState struct {
	registry cbor.RawMessage
	thing    *registry.Thing
	pending  []jobs.JobExecution
	// known is what was read of a job together with the thing; nil for nothing.
	known *onJob
}

func decodeThing(name registry.ThingName, value []byte) (*thingState, error) {
	return decodeThingBeside(nil, name, value)
}

// decodeThingBeside decodes one of many things.
func decodeThingBeside(others *beside, name registry.ThingName, value []byte) (*thingState, error) {
	r := readRow(value)
	r.beside = others
	if s, ok := r.thing(name); ok {
		return s, nil
	}
	return decodeAnyThing(name, value)
}

func decodeAnyThing(name registry.ThingName, value []byte) (*thingState, error) {
	var row thingRow
	if err := decoder.Unmarshal(value, &row); err != nil {
		return nil, fmt.Errorf("decode thing %s: %w", name, err)
	}
	var r registryRow
	if err := decoder.Unmarshal(row.Registry, &r); err != nil {
		return nil, fmt.Errorf("decode thing %s: %w", name, err)
	}
	thing, err := r.thing(name)
	if err != nil {
		return nil, fmt.Errorf("decode thing %s: %w", name, err)
	}
	s := &thingState{registry: row.Registry, thing: thing}
	if len(row.Pending) > 0 {
		s.pending = make([]jobs.JobExecution, len(row.Pending))
	}
	for i := range row.Pending {
		e, err := row.Pending[i].checked()
		if err != nil {
			return nil, fmt.Errorf("decode thing %s: %w", name, err)
		}
		s.pending[i] = e
	}
	return s, nil
}

func encodeMemberships(groups []registry.Membership) []byte {
	var b []byte
	var last registry.GroupNumber
	for _, m := range groups {
		b = binary.AppendUvarint(b, withFlag(uint64(m.Group-last), m.Direct))
		last = m.Group
	}
	return b
}

func decodeMemberships(b []byte) ([]registry.Membership, error) {
	if len(b) == 0 {
		return nil, nil
	}
	groups := make([]registry.Membership, 0, len(b)/2+1)
	var last registry.GroupNumber
	for len(b) > 0 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			return nil, errMalformed
		}
		b = b[size:]
		distance, direct := splitFlag(n)
		last += registry.GroupNumber(distance)
		groups = append(groups, registry.Membership{Group: last, Direct: direct})
	}
	return groups, nil
}

func decodeGroup(number registry.GroupNumber, value []byte) (*registry.ThingGroup, error) {
	var row groupRow
	if err := decoder.Unmarshal(value, &row); err != nil {
		return nil, fmt.Errorf("decode group %d: %w", number, err)
	}
	return row.group(number), nil
}

// headRow is the newest number, then the retries used after FAILED and after TIMED_OUT, as varints. The order is the format: only append.
// Members at the end that are zero are left out, so a row from before there was such a member reads as it was meant.
type headRow [3]uint64

func encodeHead(b []byte, head jobs.Head) []byte {
	row := headRow{uint64(head.Newest), uint64(head.Retries.Failed), uint64(head.Retries.TimedOut)}
	n := len(row)
	for n > 0 && row[n-1] == 0 {
		n--
	}
	for _, member := range row[:n] {
		b = binary.AppendUvarint(b, member)
	}
	return b
}

// decodeHead skips what a later version has appended.
func decodeHead(value []byte) (jobs.Head, error) {
	var row headRow
	for i := 0; i < len(row) && len(value) > 0; i++ {
		n, size := binary.Uvarint(value)
		if size <= 0 {
			return jobs.Head{}, errMalformed
		}
		row[i], value = n, value[size:]
	}
	used := jobs.RetriesUsed{Failed: int(row[1]), TimedOut: int(row[2])}
	return jobs.Head{Known: true, Newest: jobs.ExecutionNumber(row[0]), Retries: used}, nil
}

func decodeExecution(value []byte) (e jobs.JobExecution, err error) {
	r := readRow(value)
	if r.execution(&e); r.done() {
		return e, nil
	}
	return decodeAnyExecution(value)
}

func decodeAnyExecution(value []byte) (jobs.JobExecution, error) {
	var row executionRow
	if err := decoder.Unmarshal(value, &row); err != nil {
		return jobs.JobExecution{}, fmt.Errorf("decode an execution: %w", err)
	}
	return row.checked()
}

func (r *executionRow) checked() (jobs.JobExecution, error) {
	if rowcodec.StatusAt(r.Status) == "" {
		return jobs.JobExecution{}, fmt.Errorf("an execution of job %d has the unknown status %d", r.Job, r.Status)
	}
	return r.execution(), nil
}

func decodeJob(number jobs.JobNumber, value []byte) (*jobs.Job, error) {
	var row jobRow
	if err := decoder.Unmarshal(value, &row); err != nil {
		return nil, fmt.Errorf("decode job %d: %w", number, err)
	}
	return row.job(number), nil
}

func decodeConfig(value []byte) (*jobs.Config, error) {
	var row rowcodec.Config
	if err := decoder.Unmarshal(value, &row); err != nil {
		return nil, fmt.Errorf("decode a job's configuration: %w", err)
	}
	return row.Value(), nil
}

var errMalformed = errors.New("a stored number is malformed")

func decodeNumber(value []byte) (uint64, error) {
	n, size := binary.Uvarint(value)
	if size <= 0 || size != len(value) {
		return 0, errMalformed
	}
	return n, nil
}
