package postgres

import (
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
	encoder = must(cbor.CoreDetEncOptions().EncMode())
	// Text is kept byte for byte, also where it is not valid UTF-8: a row that could be written must be readable.
	decoder = must(cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid, MaxArrayElements: 1 << 24}.DecMode())
)

func must[M any](mode M, err error) M {
	if err != nil {
		panic(err) // impossible: the options are constants
	}
	return mode
}

func encode(row any) ([]byte, error) { return encoder.Marshal(row) }

func decodeThing(key registry.ThingKey, typeName registry.TypeName, value []byte) (*registry.Thing, error) {
	var row registryRow
	if err := decoder.Unmarshal(value, &row); err != nil {
		return nil, fmt.Errorf("decode thing %s: %w", key.Name, err)
	}
	thing, err := row.thing(key, typeName)
	if err != nil {
		return nil, fmt.Errorf("decode thing %s: %w", key.Name, err)
	}
	return thing, nil
}

// encodePending is the pending executions of a thing in the order of the queue, with what is known of the history of their jobs; nil for none.
func (s *thingState) encodePending() ([]byte, error) {
	if len(s.pending) == 0 {
		return nil, nil
	}
	rows := make([]executionRow, len(s.pending))
	for i := range s.pending {
		rows[i] = rowOfExecution(&s.pending[i])
		if job := s.pending[i].Job; firstOf(job, s.pending) == i {
			rows[i].History = s.on[job].history()
		}
	}
	return encode(rows)
}

// decodePending is the other way.
func (s *thingState) decodePending(value []byte) error {
	rows, err := pendingRows(value)
	if err != nil {
		return err
	}
	s.pending = make([]jobs.JobExecution, len(rows))
	for i := range rows {
		if s.pending[i], err = rows[i].checked(); err != nil {
			return err
		}
		if rows[i].History != nil {
			s.of(s.pending[i].Job).learn(rows[i].History)
		}
	}
	return nil
}

func pendingRows(value []byte) (rows []executionRow, err error) {
	if value == nil {
		return nil, nil
	}
	if err := decoder.Unmarshal(value, &rows); err != nil {
		return nil, fmt.Errorf("decode pending executions: %w", err)
	}
	return rows, nil
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

func decodeGroup(name registry.GroupName, number registry.GroupNumber, deleting bool, value []byte) (*registry.ThingGroup, error) {
	var row groupRow
	if err := decoder.Unmarshal(value, &row); err != nil {
		return nil, fmt.Errorf("decode group %d: %w", number, err)
	}
	return row.group(name, number, deleting), nil
}

func decodeExecution(value []byte) (jobs.JobExecution, error) {
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

// withFlag puts a flag below a number, which must have its highest bit free: versions and group numbers count up from 1.
func withFlag(n uint64, flag bool) uint64 {
	n <<= 1
	if flag {
		n |= 1
	}
	return n
}

func splitFlag(n uint64) (uint64, bool) { return n >> 1, n&1 == 1 }
