package main

import "runtime"

// headroom is how much memory the collector is made to count that nobody uses.
const headroom = 64 << 20

// spareCollector makes the garbage collector run less often, until the returned function is called. The collector lets garbage grow to the size of
// what is in use before it runs, and that is little in a server, because rows lie in the store's own memory. So it would run many times a second under
// load, and each time shrink the stacks of all connections, which then grow again: a tenth of the processor time of device calls. Memory that is never
// touched is counted, but never provided by the system; the price is up to as much of it in garbage.
func spareCollector() (stop func()) {
	untouched := make([]byte, headroom)
	return func() { runtime.KeepAlive(untouched) }
}
