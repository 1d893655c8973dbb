package pebble_test

import (
	"flag"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/storetest"
)

var seed = flag.Uint64("seed", 0, "seed of random tests; 0 draws one")

func open(tb testing.TB, dir string, opts pebble.Options) *pebble.Store {
	tb.Helper()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(tb.Output(), nil))
	}
	if opts.CacheSize == 0 {
		opts.CacheSize = 8 << 20
	}
	s, err := pebble.Open(dir, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// onDisk is the store on the machine's own file system.
func onDisk() storetest.Engine {
	return storetest.Engine{
		Reopens: true,
		Moves:   true,
		Open: func(tb testing.TB, dir string) store.Store {
			tb.Helper()
			return open(tb, dir, pebble.Options{})
		},
	}
}

// inMemory is the store on file systems in memory, one for each directory, which can crash and be held up.
func inMemory(opts pebble.Options) storetest.Engine {
	disks := &disks{byDir: map[string]*vfs.MemFS{}}
	return storetest.Engine{
		Reopens: true,
		Moves:   true,
		Open: func(tb testing.TB, dir string) store.Store {
			tb.Helper()
			opts := opts
			opts.FS = disks.of(dir)
			return open(tb, dir, opts)
		},
		Crash: func(tb testing.TB, s store.Store, dir string) store.Store {
			tb.Helper()
			opts := opts
			opts.FS = disks.crash(dir)
			if err := s.Close(); err != nil {
				tb.Errorf("close the crashed store: %v", err)
			}
			return open(tb, dir, opts)
		},
		OpenStalling: func(tb testing.TB, dir string) (store.Store, func() func()) {
			tb.Helper()
			fs := &stallingFS{FS: vfs.NewMem()}
			opts := opts
			opts.FS = fs
			return open(tb, dir, opts), fs.stall
		},
	}
}

func TestStoreOnDisk(t *testing.T) { storetest.Run(t, onDisk()) }

func TestStoreInMemory(t *testing.T) { storetest.Run(t, inMemory(pebble.Options{})) }

func TestCompare(t *testing.T) { storetest.Compare(t, inMemory(pebble.Options{}), *seed, 1000) }

// TestCompareWithoutRoom has so little memory that rows come and go all the time.
func TestCompareWithoutRoom(t *testing.T) {
	storetest.Compare(t, inMemory(pebble.Options{CacheSize: 12 << 10}), *seed, 1000)
}

// TestSuiteCatchesMissingSync proves that the crash tests can fail.
func TestSuiteCatchesMissingSync(t *testing.T) {
	const promise = "what was answered survives a crash"
	broken := storetest.Broken(t, inMemory(pebble.Options{}.WithoutSync()), promise)
	if broken[promise] == nil {
		t.Error("a store that does not sync passed")
	}
	t.Log(broken[promise])
}

// TestMutantOfTheThingCache proves that the suite and the comparison notice an old row.
func TestMutantOfTheThingCache(t *testing.T) {
	engine := inMemory(pebble.Options{}.WithStaleThings())
	const promise = "a read is not older than the last answer"
	broken := storetest.Broken(t, engine, promise)
	if broken[promise] == nil {
		t.Error("a store that shows old rows passed")
	}
	t.Log(broken[promise])
	if err := storetest.Differs(t, engine, 1, 1000); err == nil {
		t.Error("a store that shows old rows does not differ")
	}
}

// disks are crashable file systems, one for each directory.
type disks struct {
	mu    sync.Mutex
	byDir map[string]*vfs.MemFS
}

func (d *disks) of(dir string) *vfs.MemFS {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byDir[dir] == nil {
		d.byDir[dir] = vfs.NewCrashableMem()
	}
	return d.byDir[dir]
}

// crash leaves what was synced.
func (d *disks) crash(dir string) *vfs.MemFS {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byDir[dir] = d.byDir[dir].CrashClone(vfs.CrashCloneCfg{})
	return d.byDir[dir]
}

// drawSeed logs the seed of a random test.
func drawSeed(tb testing.TB) uint64 {
	tb.Helper()
	s := *seed
	for s == 0 {
		s = rand.Uint64()
	}
	tb.Logf("seed %d", s)
	return s
}
