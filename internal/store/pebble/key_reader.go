package pebble

import (
	"encoding/binary"
	"fmt"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

// keyReader takes a key apart. Its first error stays; a key in the store that does not fit the table is damage.
type keyReader struct {
	rest []byte
	bad  bool
}

func readKey(key []byte, prefix int) *keyReader {
	r := &keyReader{}
	if len(key) < prefix {
		r.bad = true
		return r
	}
	r.rest = key[prefix:]
	return r
}

func (r *keyReader) uint() uint64 {
	if len(r.rest) < 8 {
		r.bad = true
		return 0
	}
	n := binary.BigEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return n
}

func (r *keyReader) thing() registry.ThingKey {
	for i, c := range r.rest {
		if c == 0 {
			name := registry.ThingName(r.rest[:i])
			r.rest = r.rest[i+1:]
			return registry.ThingKey{Name: name, Number: registry.ThingNumber(r.uint())}
		}
	}
	r.bad = true
	return registry.ThingKey{}
}

func (r *keyReader) time() time.Time { return rowcodec.FromMicros(int64(r.uint() ^ (1 << 63))) }

func (r *keyReader) done(key []byte) error {
	if r.bad || len(r.rest) != 0 {
		return fmt.Errorf("the stored key %q is malformed", key)
	}
	return nil
}
