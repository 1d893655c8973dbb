package pebble

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"sync/atomic"
	"unsafe"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/batchrepr"

	"iotjobs/internal/registry"
)

// thingCache holds rows of things, as they are stored, for those who read one thing: devices, above all. Pebble's own search for a row costs
// more than all else that the store does for such a read.
//
// Groups that write something are numbered, and a snapshot has the number of the last group that it shows. Nobody gets another row from the cache
// than from the snapshot:
//
//   - When a group is durable, and before its snapshot is published, each row that it wrote is replaced here or dropped, and its page is stamped with
//     the number of the group (publish). What was written is read from the batches themselves, so no kind of change can be forgotten.
//   - A reader uses a page only if its snapshot is not older than the stamp. Then no row in it has changed between the stamp and the snapshot:
//     that would have moved the stamp before the snapshot was published. Who has an older snapshot reads Pebble.
//   - A row that was read from Pebble is added only if the snapshot that it is from is not older than the stamp, for the same reason. So nobody
//     covers a newer row with an older one.
//
// What is not durable is in no published snapshot and in no page, so the cache cannot show it either (invariant 2). The committer reads as of
// the last group that was published, for as long as that is what lies in the database (committer.thing). Updates and lists go past the cache: they
// would displace what devices need.
//
// The stamp belongs to the page and not to the row: so it outlives the row, and a row is eight bytes smaller. The price is that a reader goes to
// Pebble if a neighbour of its thing was written after its snapshot.
type thingCache struct {
	pages        []page
	memory       []byte // of the pages' rows
	seed         maphash.Seed
	hits, misses atomic.Int64
}

// newThingCache makes a cache that takes so many bytes.
func newThingCache(size int64) (*thingCache, error) {
	n := max(1, int(size/(pageSize+int64(unsafe.Sizeof(page{})))))
	memory, err := allocate(n * pageSize)
	if err != nil {
		return nil, err
	}
	c := &thingCache{pages: make([]page, n), memory: memory, seed: maphash.MakeSeed()}
	for i := range c.pages {
		c.pages[i].rows = (*[pageSize]byte)(memory[i*pageSize:])
	}
	return c, nil
}

// close gives the memory back; nobody may use the cache any more.
func (c *thingCache) close() error { return free(c.memory) }

// load reads a thing as the group has left it, which is what g shows; nil without an error if there is none.
func (c *thingCache) load(g getter, name registry.ThingName, group uint64) (*thingState, error) {
	if s, err := c.find(name, group); s != nil || err != nil {
		c.hits.Add(1)
		return s, err
	}
	c.misses.Add(1)
	var key [160]byte
	s, _, err := get(g, thingKey(key[:0], name), func(value []byte) (*thingState, error) {
		s, err := decodeThing(name, value)
		if err == nil {
			c.add(name, value, group)
		}
		return s, err
	})
	return s, err
}

// find decodes the row as the group has left it; nil if it is not here.
func (c *thingCache) find(name registry.ThingName, group uint64) (*thingState, error) {
	hash := maphash.String(c.seed, string(name))
	p := c.page(hash)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stamp > group {
		return nil, nil
	}
	value := p.get(hash, string(name))
	if value == nil {
		return nil, nil
	}
	return decodeThing(name, value)
}

// add keeps a row as the group has left it.
func (c *thingCache) add(name registry.ThingName, value []byte, group uint64) {
	hash := maphash.String(c.seed, string(name))
	p := c.page(hash)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stamp <= group {
		p.put(hash, string(name), value)
	}
}

// publish takes in what a batch of the group has written, its bytes. The group must be durable, and no snapshot that shows it published.
func (c *thingCache) publish(batch []byte, group uint64) error {
	r := batchrepr.Read(batch)
	for {
		kind, key, value, ok, err := r.Next()
		switch {
		case !ok || err != nil:
			return err
		case kind == pebble.InternalKeyKindRangeDelete:
			c.dropRange(key, value, group)
		case kind == pebble.InternalKeyKindLogData || len(key) == 0 || key[0] != kindThing: // none, or another row
		case kind == pebble.InternalKeyKindSet:
			c.replace(key[1:], value, group)
		default:
			c.replace(key[1:], nil, group)
		}
	}
}

// replace puts a row in the place of the one before; nil for none.
func (c *thingCache) replace(name, value []byte, group uint64) {
	hash := maphash.Bytes(c.seed, name)
	p := c.page(hash)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stamp = group
	p.put(hash, string(name), value)
}

// dropRange drops everything if the range has things in it. Nobody deletes such a range today; who does it need not know of the cache.
func (c *thingCache) dropRange(lower, upper []byte, group uint64) {
	things := []byte{kindThing}
	if bytes.Compare(upper, things) <= 0 || bytes.Compare(lower, end(things)) >= 0 {
		return
	}
	for i := range c.pages {
		p := &c.pages[i]
		p.mu.Lock()
		p.stamp = group
		p.clear()
		p.mu.Unlock()
	}
}

// page is where a name with the hash belongs. It follows from the upper bits; the page uses the lower ones.
func (c *thingCache) page(hash uint64) *page {
	i, _ := bits.Mul64(hash, uint64(len(c.pages)))
	return &c.pages[i]
}
