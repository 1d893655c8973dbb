package memory_test

import (
	"flag"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
)

var seed = flag.Uint64("seed", 0, "seed of random tests; 0 draws one")

// engine gives the suite the reference store. It keeps nothing, so what needs a disk is not for it.
var engine = storetest.Engine{Moves: true, Open: func(testing.TB, string) store.Store { return memory.New() }}

func TestStore(t *testing.T) { storetest.Run(t, engine) }

// TestSharedStore runs the suite on what several nodes share: all that is opened in a directory is one store.
func TestSharedStore(t *testing.T) {
	var mu sync.Mutex
	byDir := map[string]*memory.Shared{}
	share := func(tb testing.TB, dir string) store.Shared {
		tb.Helper()
		mu.Lock()
		defer mu.Unlock()
		if byDir[dir] == nil {
			byDir[dir] = memory.NewShared(time.Now)
		}
		return byDir[dir]
	}
	open := func(tb testing.TB, dir string) store.Store {
		tb.Helper()
		return share(tb, dir)
	}
	storetest.Run(t, storetest.Engine{Open: open, OpenShared: share})
}

// TestCompare shows that the operations of the comparison keep the contract's own rules: it is the model against itself.
func TestCompare(t *testing.T) { storetest.Compare(t, engine, *seed, 1000) }
