package pebble

import "sync"

// dueFloor remembers where the rows of the due index begin. Timers that fired leave deleted rows, which a scan has to step over until a compaction
// drops them, and they lie in front, where every scan begins: after a backlog they are millions. A scan that knows the floor begins there, and raises
// it to the first row that it finds.
//
// What a scan learns is true for its own snapshot. It counts only if that was the published one when the scan began, and if what was published since,
// such as a timer that lies in the past, is not lower. After a restart the first scan begins at the beginning.
type dueFloor struct {
	mu    sync.Mutex // also held while a snapshot takes the place of another one
	floor string     // no row of the published state has a lower key
	scans map[*dueScan]struct{}
}

// dueScan is a scan under way.
type dueScan struct {
	low string // the lowest row that was published since it began; empty for none
}

// lower takes in the lowest row of a state that is about to be published; empty for none. It needs mu.
func (f *dueFloor) lower(low string) {
	if low == "" {
		return
	}
	f.floor = min(f.floor, low)
	for scan := range f.scans {
		scan.low = lowest(scan.low, low)
	}
}

// beginDue tells where a scan of a snapshot begins. The scan must be ended; it is nil if what it finds does not count.
func (p *publisher) beginDue(s *snapshot) (floor string, scan *dueScan) {
	p.due.mu.Lock()
	defer p.due.mu.Unlock()
	if p.current.Load() != s {
		return s.dueFloor, nil
	}
	scan = &dueScan{}
	if p.due.scans == nil {
		p.due.scans = map[*dueScan]struct{}{}
	}
	p.due.scans[scan] = struct{}{}
	return p.due.floor, scan
}

// endDue ends a scan, which found no row before first; empty if it learned nothing.
func (p *publisher) endDue(scan *dueScan, first string) {
	if scan == nil {
		return
	}
	p.due.mu.Lock()
	defer p.due.mu.Unlock()
	delete(p.due.scans, scan)
	if first != "" {
		p.due.floor = max(p.due.floor, lowest(first, scan.low))
	}
}

// lowest is the lower one of two keys, either of which may be empty for none.
func lowest(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}
