package pebble

// WithoutSync is the seeded fault of the crash tests: commits are answered without a sync.
func (o Options) WithoutSync() Options {
	o.unsafeNoSync = true
	return o
}

// Flush writes the memtable out; after a failure it may never return.
func (s *Store) Flush() error { return s.db.Flush() }
