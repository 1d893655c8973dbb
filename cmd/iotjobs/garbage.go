package main

// headroom is memory that nobody touches, so the system never provides it. The garbage collector counts it: it lets garbage grow to the size of all
// that is in use before it runs. What a server has in use is small, because rows lie in the store's own memory; so without this it would run many
// times a second under load, and each time shrink the stacks of all connections, which then grow again: a tenth of the time of device calls. The
// price is up to as much memory as this.
var headroom []byte

const headroomSize = 64 << 20

// spareCollector makes the garbage collector run less often.
func spareCollector() { headroom = make([]byte, headroomSize) }
