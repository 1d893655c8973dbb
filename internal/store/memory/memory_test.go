package memory_test

import (
	"flag"
	"testing"

	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
)

var seed = flag.Uint64("seed", 0, "seed of random tests; 0 draws one")

// engine gives the suite the reference store. It keeps nothing, so what needs a disk is not for it.
var engine = storetest.Engine{Open: func(testing.TB, string) store.Store { return memory.New() }}

func TestStore(t *testing.T) { storetest.Run(t, engine) }

// TestCompare shows that the operations of the comparison keep the contract's own rules: it is the model against itself.
func TestCompare(t *testing.T) { storetest.Compare(t, engine, *seed, 1000) }
