package move

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// Rows are CBOR with numbers for member names, in the core deterministic form: equal rows are equal bytes. Text is kept byte for byte, also where
// it is not valid UTF-8.
var (
	encoder = must(cbor.CoreDetEncOptions().UserBufferEncMode())
	decoder = must(cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid, MaxArrayElements: 1 << 24}.DecMode())
)

func must[M any](mode M, err error) M {
	if err != nil {
		panic(err) // impossible: the options are constants
	}
	return mode
}

// The kinds of rows as they are written. The numbers are the format.
var writtenKinds = [store.RowKinds]byte{
	store.NumbersRows: 1, store.RecordRows: 2, store.JobRows: 3, store.GroupRows: 4, store.ThingRows: 5,
	store.MembershipRows: 6, store.HistoryRows: 7, store.HeadRows: 8, store.MarkRows: 9, store.EventRows: 10,
}

// appendRow appends the byte of a row's kind and the row.
func appendRow(b *bytes.Buffer, row store.Row) error {
	b.WriteByte(writtenKinds[row.Kind()])
	switch r := row.(type) {
	case store.NumbersRow:
		return encoder.MarshalToBuffer(numbersRow(r), b)
	case store.RecordRow:
		return encoder.MarshalToBuffer(recordRow{Kind: string(r.Of), ID: r.ID, Value: r.Value}, b)
	case store.JobRow:
		return encoder.MarshalToBuffer(rowOfJob(r.Job), b)
	case store.GroupRow:
		return encoder.MarshalToBuffer(rowOfGroup(r.Group), b)
	case store.ThingRow:
		return encoder.MarshalToBuffer(rowOfThing(r), b)
	case store.MembershipRow:
		return encoder.MarshalToBuffer(rowOfMembership(r), b)
	case store.HistoryRow:
		return encoder.MarshalToBuffer(historyRow{Thing: rowcodec.OfKey(r.Thing), Execution: rowOfExecution(r.Execution)}, b)
	case store.HeadRow:
		return encoder.MarshalToBuffer(rowOfHead(r), b)
	case store.MarkRow:
		return encoder.MarshalToBuffer(markRow{Job: uint64(r.Job)}, b)
	case store.EventRow:
		return encoder.MarshalToBuffer(rowOfEvent(&r.Event), b)
	default:
		return fmt.Errorf("a row of the unknown type %T", row)
	}
}

// readRow is the inverse of appendRow.
func readRow(b []byte) (store.Row, error) {
	if len(b) == 0 {
		return nil, errMalformed
	}
	body := b[1:]
	switch b[0] {
	case 1:
		return decode(body, func(r *numbersRow) store.NumbersRow { return store.NumbersRow(*r) })
	case 2:
		return decode(body, func(r *recordRow) store.RecordRow {
			return store.RecordRow{Of: store.RecordKind(r.Kind), ID: r.ID, Value: r.Value}
		})
	case 3:
		return decode(body, func(r *jobRow) store.JobRow { return store.JobRow{Job: r.job()} })
	case 4:
		return decode(body, func(r *groupRow) store.GroupRow { return store.GroupRow{Group: r.group()} })
	case 5:
		return decode(body, (*thingRow).thing)
	case 6:
		return decode(body, (*membershipRow).membership)
	case 7:
		return decode(body, func(r *historyRow) store.HistoryRow {
			return store.HistoryRow{Thing: r.Thing.Value(), Execution: r.Execution.execution()}
		})
	case 8:
		return decode(body, (*headRow).head)
	case 9:
		return decode(body, func(r *markRow) store.MarkRow { return store.MarkRow{Job: jobs.JobNumber(r.Job)} })
	case 10:
		return decode(body, func(r *eventRow) store.EventRow { return store.EventRow{Event: r.event()} })
	default:
		return nil, fmt.Errorf("a row of the unknown kind %d", b[0])
	}
}

func decode[R any, T store.Row](b []byte, of func(*R) T) (store.Row, error) {
	var r R
	if err := decoder.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return of(&r), nil
}
