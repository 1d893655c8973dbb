package pebble

import (
	"encoding/binary"
	"math"
	"sync"
)

// page holds the rows of things whose names share some bits of their hash, as many as there is room for. Pages need no index of all rows and no
// memory but their own, and the garbage collector looks at none of it: the simple way, a map of rows, costs a hundred bytes for each of a million rows.
//
// An entry for each row is at the front, the rows are at the back, in the opposite order; the oldest is first. What is between them is free. A
// row is the length of the name, the name and the value. All of it needs mu.
type page struct {
	mu sync.Mutex
	// stamp is the last group that wrote a row of this page, be it here or not (see thingCache).
	stamp uint64
	rows  *[pageSize]byte
	count uint16 // of rows
	size  uint16 // of all rows together
}

// pageSize is enough for some twenty rows. A row that has no room in a page is not kept.
const pageSize = 4096

// An entry has some bits of the hash, a flag that the row was asked for, and its size.
const (
	entrySize = 4
	hashBits  = 0xffff0000
	asked     = 0x8000
	sizeBits  = 0x7fff
)

func (p *page) entry(i int) uint32 { return binary.LittleEndian.Uint32(p.rows[i*entrySize:]) }

func (p *page) setEntry(i int, e uint32) { binary.LittleEndian.PutUint32(p.rows[i*entrySize:], e) }

// find tells the place of a row among the entries and where it begins; -1 if it is not here.
func (p *page) find(hash uint64, name string) (i, at int) {
	at = pageSize
	for i := range int(p.count) {
		e := p.entry(i)
		at -= int(e & sizeBits)
		if e&hashBits == uint32(hash<<16) && int(p.rows[at]) == len(name) && string(p.rows[at+1:at+1+len(name)]) == name {
			return i, at
		}
	}
	return -1, 0
}

// get returns the value of a row, which is good as long as mu is held; nil if it is not here.
func (p *page) get(hash uint64, name string) []byte {
	i, at := p.find(hash, name)
	if i < 0 {
		return nil
	}
	e := p.entry(i)
	p.setEntry(i, e|asked)
	return p.rows[at+1+len(name) : at+int(e&sizeBits)]
}

// put keeps a value in the place of the one before; nil for none.
func (p *page) put(hash uint64, name string, value []byte) {
	size := 1 + len(name) + len(value)
	e := uint32(hash<<16) | uint32(size)
	if i, at := p.find(hash, name); i >= 0 {
		old := p.entry(i)
		if value != nil && int(old&sizeBits) == size {
			copy(p.rows[at+1+len(name):], value)
			return
		}
		e |= old & asked
		p.remove(i, at)
	}
	if value == nil || len(name) > math.MaxUint8 || entrySize+size > pageSize {
		return
	}
	for int(p.count+1)*entrySize+int(p.size)+size > pageSize {
		p.evict()
	}
	p.setEntry(int(p.count), e)
	p.count++
	p.size += uint16(size)
	row := p.rows[pageSize-int(p.size):]
	row[0] = byte(len(name))
	copy(row[1:], name)
	copy(row[1+len(name):], value)
}

// evict removes the oldest row that nobody has asked for since the last time that one was looked for, or else the oldest.
func (p *page) evict() {
	at := pageSize
	for i := range int(p.count) {
		e := p.entry(i)
		at -= int(e & sizeBits)
		if e&asked == 0 {
			p.remove(i, at)
			return
		}
		p.setEntry(i, e&^asked)
	}
	p.remove(0, pageSize-int(p.entry(0)&sizeBits))
}

// remove closes the gap that a row leaves.
func (p *page) remove(i, at int) {
	size := int(p.entry(i) & sizeBits)
	first := pageSize - int(p.size)
	copy(p.rows[first+size:at+size], p.rows[first:at])
	copy(p.rows[i*entrySize:], p.rows[(i+1)*entrySize:int(p.count)*entrySize])
	p.count--
	p.size -= uint16(size)
}

func (p *page) clear() { p.count, p.size = 0, 0 }
