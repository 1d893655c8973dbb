package pebble

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// databaseOptions sets Pebble up for small rows that are read by key, on a machine with few cores.
func databaseOptions(opts Options, failure *failure) (*pebble.Options, *stoppingFS) {
	o := &pebble.Options{
		FS:                 opts.FS,
		FormatMajorVersion: pebble.FormatNewest,
		Logger:             logger{failure},
		EventListener:      failure.listener(),
		// Large memtables make few and large flushes. Four of them may fill before writers wait. Pebble takes their memory from the cache of blocks,
		// which must have room left beside two of them, above all for the indexes and filters of its files.
		MemTableSize:                32 << 20,
		MemTableStopWritesThreshold: 4,
		// Compact L0 early, for the sake of reads, but stall writers only when it is hopeless: a stall is felt by every device.
		L0CompactionThreshold: 4,
		L0StopWritesThreshold: 1000,
		LBaseMaxBytes:         64 << 20,
		// One compaction at a time: the other core serves devices. A second one only when the debt grows.
		CompactionConcurrencyRange: func() (lower, upper int) { return 1, 2 },
	}
	// A device call looks for rows that are often absent: bloom filters answer that without a disk read.
	// An index in one block: the usual small ones make an index of indexes, and every read look at one block more.
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		o.Levels[i].IndexBlockSize = 256 << 10
	}
	if o.FS == nil {
		o.FS = vfs.Default
		o.WithFSDefaults() // watches for slow disks
	}
	fs := &stoppingFS{FS: o.FS, failure: failure}
	o.FS = fs
	return o, fs
}
