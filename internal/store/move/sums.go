package move

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"

	"iotjobs/internal/store"
)

// Sum counts the rows of one kind and sums them up. The order of the rows does not matter, for engines have orders of their own.
type Sum struct {
	Rows int64 `cbor:"1,keyasint"`
	// Executions are the executions in the rows: pending ones are in the rows of things, the others are rows of their own.
	Executions int64 `cbor:"2,keyasint,omitempty"`
	// Digest adds up the SHA-256 of every row, as 256-bit numbers.
	Digest [sha256.Size]byte `cbor:"3,keyasint"`
}

// Sums are the sums of a whole store, by kind. What an import leaves in a store about itself, and signs of life, are not counted.
type Sums [store.RowKinds]Sum

// Rows counts the rows of all kinds.
func (s *Sums) Rows() (n int64) {
	for _, sum := range s {
		n += sum.Rows
	}
	return n
}

// Executions counts the executions, pending ones included.
func (s *Sums) Executions() (n int64) {
	for _, sum := range s {
		n += sum.Executions
	}
	return n
}

// differences names the kinds in which two stores differ.
func (s *Sums) differences(other *Sums) string {
	var found []string
	for kind, name := range Kinds {
		a, b := s[kind], other[kind]
		switch {
		case a.Rows != b.Rows || a.Executions != b.Executions:
			found = append(found, fmt.Sprintf("%d and %d %s", a.Rows, b.Rows, name))
		case a.Digest != b.Digest:
			found = append(found, fmt.Sprintf("%d %s each with different checksums", a.Rows, name))
		}
	}
	return strings.Join(found, ", ")
}

// Kinds are the kinds of rows in words.
var Kinds = [store.RowKinds]string{
	store.NumbersRows: "sequences", store.RecordRows: "records", store.JobRows: "jobs", store.GroupRows: "groups", store.ThingRows: "things",
	store.MembershipRows: "memberships", store.HistoryRows: "ended executions", store.HeadRows: "remembered executions", store.MarkRows: "marks",
	store.EventRows: "events",
}

// summer adds up rows.
type summer struct {
	sums Sums
	row  bytes.Buffer
}

// add counts a row and returns it as it is written, good until the next call.
func (s *summer) add(row store.Row) ([]byte, error) {
	s.row.Reset()
	if err := appendRow(&s.row, row); err != nil {
		return nil, fmt.Errorf("encode a row: %w", err)
	}
	sum := &s.sums[row.Kind()]
	sum.Rows++
	switch r := row.(type) {
	case store.ThingRow:
		sum.Executions += int64(len(r.Pending))
	case store.HistoryRow:
		sum.Executions++
	}
	sum.Digest = plus(sum.Digest, sha256.Sum256(s.row.Bytes()))
	return s.row.Bytes(), nil
}

// plus adds 256-bit numbers, big-endian, and forgets what overflows.
func plus(a, b [sha256.Size]byte) (sum [sha256.Size]byte) {
	var carry uint64
	for at := sha256.Size - 8; at >= 0; at -= 8 {
		var word uint64
		word, carry = bits.Add64(binary.BigEndian.Uint64(a[at:]), binary.BigEndian.Uint64(b[at:]), carry)
		binary.BigEndian.PutUint64(sum[at:], word)
	}
	return sum
}

// SumsOf reads a whole store; each row is told to met.
func SumsOf(ctx context.Context, s store.Portable, met func()) (Sums, error) {
	var sum summer
	err := export(ctx, s, nil, func(row store.Row) error {
		met()
		_, err := sum.add(row)
		return err
	})
	return sum.sums, err
}

// export leaves out what an import has left about itself, and the signs of life of nodes, which are of the moment.
func export(ctx context.Context, s store.Portable, after store.Row, fn func(store.Row) error) error {
	return s.Export(ctx, after, func(row store.Row) error {
		if record, ok := row.(store.RecordRow); ok && (record.Of == store.ImportRecord || record.Of == store.NodeRecord) {
			return nil
		}
		return fn(row)
	})
}
