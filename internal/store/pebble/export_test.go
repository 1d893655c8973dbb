package pebble

// WithoutSync is the seeded fault of the crash tests: commits are answered without a sync.
func (o Options) WithoutSync() Options {
	o.unsafeNoSync = true
	return o
}

// WithStaleThings is the seeded fault of the cache: it does not learn of changes.
func (o Options) WithStaleThings() Options {
	o.unsafeStale = true
	return o
}

// Flush writes the memtable out; after a failure it may never return.
func (s *Store) Flush() error { return s.db.Flush() }
