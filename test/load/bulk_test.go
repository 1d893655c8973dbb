package load

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// bulkRow is about as long as the row of a thing with one execution.
const bulkRow = 256

// bulkBatch is how many rows are committed together.
const bulkBatch = 1000

// bulkLoad is the time that rows, one for each thing and nothing else, take into a fresh Pebble: in the order of their keys, in batches that are
// synced as the steps of a job are.
func bulkLoad(count int) (took time.Duration, err error) {
	dir, err := newDirectory()
	if err != nil {
		return 0, err
	}
	db, err := pebble.Open(filepath.Join(dir, "bulk"), &pebble.Options{
		FormatMajorVersion: pebble.FormatNewest, MemTableSize: 64 << 20, MemTableStopWritesThreshold: 4, Logger: silent{},
	})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	value, random := make([]byte, bulkRow), rand.New(rand.NewPCG(1, 1))
	begin := time.Now()
	for first := 0; first < count; first += bulkBatch {
		batch := db.NewBatch()
		for i := first; i < min(first+bulkBatch, count); i++ {
			for at := 0; at < len(value); at += 16 { // half of it can be compressed, as names and small numbers can
				binary.LittleEndian.PutUint64(value[at:], random.Uint64())
			}
			if err := batch.Set([]byte(thingName(i)), value, nil); err != nil {
				return 0, err
			}
		}
		if err := errors.Join(db.Apply(batch, pebble.Sync), batch.Close()); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

// silent drops what Pebble has to say.
type silent struct{}

func (silent) Infof(string, ...any)  {}
func (silent) Errorf(string, ...any) {}
func (silent) Fatalf(string, ...any) { panic("the bulk load failed") }
