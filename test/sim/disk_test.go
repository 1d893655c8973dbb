package sim

import (
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
)

// disk is a file system in memory that forgets in a crash what was not synced. A Pebble store lives on it.
type disk struct {
	fs *vfs.MemFS
	// lies makes it acknowledge syncs of the log that it does not do: the seeded fault of an answer that comes too early.
	lies bool
}

// pebbleSite is a disk as the site of a world.
type pebbleSite struct{ *disk }

func (p pebbleSite) open(log *slog.Logger) (store.Store, error) { return p.disk.open(log) }

func (p pebbleSite) crash(s store.Store, r *rand.Rand) error { return p.disk.crash(s, r) }

func newDisk() *disk { return &disk{fs: vfs.NewCrashableMem()} }

func (d *disk) open(log *slog.Logger) (*pebble.Store, error) {
	opts := pebble.Options{FS: d.fs, Logger: log, CacheSize: 4 << 20}
	if d.lies {
		opts.FS = lyingFS{d.fs}
	}
	return pebble.Open("data", opts)
}

// crash ends a store as a power failure does: of what was not synced, a random part survives; of a disk that lies, nothing, for the parts of a log
// that it should have kept whole cannot be opened.
func (d *disk) crash(s store.Store, r *rand.Rand) error {
	survives := []int{0, 50, 100}[r.IntN(3)]
	if d.lies {
		survives = 0
	}
	d.fs = d.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: survives, RNG: r})
	return s.Close()
}

// lyingFS does not sync logs.
type lyingFS struct{ vfs.FS }

func (f lyingFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	file, err := f.FS.Create(name, c)
	return lying(name, file), err
}

func (f lyingFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	file, err := f.FS.ReuseForWrite(oldname, newname, c)
	return lying(newname, file), err
}

func lying(name string, file vfs.File) vfs.File {
	if file == nil || !strings.HasSuffix(name, ".log") {
		return file
	}
	return lyingFile{file}
}

type lyingFile struct{ vfs.File }

func (lyingFile) Sync() error                         { return nil }
func (lyingFile) SyncData() error                     { return nil }
func (lyingFile) SyncTo(int64) (full bool, err error) { return false, nil }

// openPebble opens a store on a new disk.
func openPebble(tb testing.TB) *pebble.Store {
	tb.Helper()
	s, err := newDisk().open(logger(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}
