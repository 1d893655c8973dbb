package move

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// A backup is the line magic and then frames:
//
//	frame    length of the body, 4 bytes, big-endian · CRC-32C of length and body, 4 bytes · body
//	body     one byte that says what it is, then
//	  'H'    header: CBOR of headerFrame. The first frame, once
//	  'R'    rows: for each its length as a varint, then its kind (1 byte) and CBOR
//	  'E'    end: CBOR of endFrame, with counts and checksums by kind. The last frame; a backup without it was cut off
//	  'X'    the reason why the backup was given up, text. The last frame instead of the end
//
// Nothing follows the last frame. Version 1; a change that an older version would misread takes the next number.
const (
	magic   = "iotjobs backup\n"
	version = 1

	frameHeader = 'H'
	frameRows   = 'R'
	frameEnd    = 'E'
	frameReason = 'X'

	// fullFrame is the size at which a frame of rows is written; the last row goes beyond it. maxFrame is what a reader takes.
	fullFrame = 256 << 10
	maxFrame  = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Errors of a backup that cannot be used.
var (
	// ErrIncomplete: the backup ends before its end.
	ErrIncomplete = errors.New("the backup is incomplete: it was cut off or given up")
	// ErrDamaged: some of it is not what was written.
	ErrDamaged = errors.New("the backup is damaged")

	errMalformed = errors.New("a row is malformed")
)

type headerFrame struct {
	Version int `cbor:"1,keyasint"`
	// At is when the backup was begun, in microseconds since 1970.
	At int64 `cbor:"2,keyasint"`
}

type endFrame struct {
	Sums Sums `cbor:"1,keyasint"`
}

// writer writes a backup.
type writer struct {
	to    io.Writer
	sum   summer
	frame bytes.Buffer // of rows, its first byte included
}

func newWriter(to io.Writer, now time.Time) (*writer, error) {
	w := &writer{to: to}
	if _, err := io.WriteString(to, magic); err != nil {
		return nil, err
	}
	return w, w.writeCBOR(frameHeader, headerFrame{Version: version, At: rowcodec.Micros(now)})
}

func (w *writer) row(row store.Row) error {
	encoded, err := w.sum.add(row)
	if err != nil {
		return err
	}
	if w.frame.Len() == 0 {
		w.frame.WriteByte(frameRows)
	}
	var size [binary.MaxVarintLen64]byte
	w.frame.Write(size[:binary.PutUvarint(size[:], uint64(len(encoded)))])
	w.frame.Write(encoded)
	if w.frame.Len() < fullFrame {
		return nil
	}
	return w.flush()
}

func (w *writer) flush() error {
	if w.frame.Len() == 0 {
		return nil
	}
	err := w.write(w.frame.Bytes())
	w.frame.Reset()
	return err
}

// end writes what makes the backup whole.
func (w *writer) end() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.writeCBOR(frameEnd, endFrame{Sums: w.sum.sums})
}

// giveUp tells the reader why there is no end. It is told nowhere that this failed, too: the reader misses the end in any case.
func (w *writer) giveUp(reason error) { _ = w.write(append([]byte{frameReason}, reason.Error()...)) }

func (w *writer) writeCBOR(what byte, v any) error {
	body := bytes.NewBuffer([]byte{what})
	if err := encoder.MarshalToBuffer(v, body); err != nil {
		return err
	}
	return w.write(body.Bytes())
}

func (w *writer) write(body []byte) error {
	var head [8]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(body)))
	binary.BigEndian.PutUint32(head[4:], checksum(head[:4], body))
	if _, err := w.to.Write(head[:]); err != nil {
		return err
	}
	_, err := w.to.Write(body)
	return err
}

func checksum(length, body []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli), castagnoli, body)
}

// reader reads a backup and checks all that can be checked.
type reader struct {
	from io.Reader
	sum  summer
	body bytes.Buffer
}

// readBackup calls fn with every row, and returns when the backup was begun and the sums that stand in it, which are those of the rows. Until it
// has returned without an error, nothing of the backup can be relied on.
func readBackup(from io.Reader, fn func(store.Row) error) (at time.Time, sums Sums, err error) {
	r := &reader{from: from}
	if at, err = r.header(); err != nil {
		return at, sums, err
	}
	for {
		body, err := r.next()
		if err != nil {
			return at, sums, err
		}
		switch body[0] {
		case frameRows:
			if err := r.rows(body[1:], fn); err != nil {
				return at, sums, err
			}
		case frameReason:
			return at, sums, fmt.Errorf("%w: %s", ErrIncomplete, body[1:])
		case frameEnd:
			return at, r.sum.sums, r.end(body[1:])
		default:
			return at, sums, fmt.Errorf("%w: a part of the unknown kind %q", ErrDamaged, body[0])
		}
	}
}

func (r *reader) header() (time.Time, error) {
	var line [len(magic)]byte
	switch _, err := io.ReadFull(r.from, line[:]); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return time.Time{}, ErrIncomplete
	case err != nil:
		return time.Time{}, err
	case string(line[:]) != magic:
		return time.Time{}, errors.New("this is not a backup of iotjobs")
	}
	body, err := r.next()
	if err != nil {
		return time.Time{}, err
	}
	var header headerFrame
	if body[0] != frameHeader || decoder.Unmarshal(body[1:], &header) != nil {
		return time.Time{}, fmt.Errorf("%w: its beginning is malformed", ErrDamaged)
	}
	if header.Version != version {
		return time.Time{}, fmt.Errorf("the backup has version %d, written by another version of iotjobs; this one knows version %d", header.Version, version)
	}
	return rowcodec.FromMicros(header.At), nil
}

// next reads a frame; its body has at least one byte and is good until the next call.
func (r *reader) next() ([]byte, error) {
	var head [8]byte
	if err := cutOff(io.ReadFull(r.from, head[:])); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length == 0 || length > maxFrame {
		return nil, fmt.Errorf("%w: a part of %d bytes", ErrDamaged, length)
	}
	r.body.Reset() // grows as bytes come: the length may be wrong
	if err := cutOff(io.CopyN(&r.body, r.from, int64(length))); err != nil {
		return nil, err
	}
	if checksum(head[:4], r.body.Bytes()) != binary.BigEndian.Uint32(head[4:]) {
		return nil, fmt.Errorf("%w: a checksum is wrong", ErrDamaged)
	}
	return r.body.Bytes(), nil
}

// cutOff tells the end of the file from other errors.
func cutOff[N int | int64](_ N, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrIncomplete
	}
	return err
}

func (r *reader) rows(body []byte, fn func(store.Row) error) error {
	for len(body) > 0 {
		length, n := binary.Uvarint(body)
		if n <= 0 || length > uint64(len(body)-n) {
			return fmt.Errorf("%w: a row does not fit into its part", ErrDamaged)
		}
		row, err := readRow(body[n : n+int(length)])
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if _, err := r.sum.add(row); err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
		body = body[n+int(length):]
	}
	return nil
}

// end compares what was read with what was written.
func (r *reader) end(body []byte) error {
	var end endFrame
	if err := decoder.Unmarshal(body, &end); err != nil {
		return fmt.Errorf("%w: its end is malformed", ErrDamaged)
	}
	if found := r.sum.sums.differences(&end.Sums); found != "" {
		return fmt.Errorf("%w: it has, and should have, %s", ErrDamaged, found)
	}
	switch n, err := r.from.Read(make([]byte, 1)); {
	case n > 0:
		return fmt.Errorf("%w: something follows its end", ErrDamaged)
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	return nil
}
