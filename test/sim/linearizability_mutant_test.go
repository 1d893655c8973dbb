package sim

import (
	"testing"

	"iotjobs/internal/store"
	"iotjobs/internal/store/faultstore"
)

// TestMutantHistoryIsNotLinearizable shows that porcupine finds stores that are wrong in one way.
func TestMutantHistoryIsNotLinearizable(t *testing.T) {
	for name, mutate := range map[string]func(store.Store) store.Store{
		"lost update":                    lostUpdate,
		"double apply":                   doubleApply,
		"decided before the transaction": decidedBefore,
		"stale read":                     staleRead,
		"change that failed and was made": func(s store.Store) store.Store {
			return faultstore.Wrap(doneAfterAll(s))
		},
	} {
		t.Run(name, func(t *testing.T) {
			seed := seeded(t)
			below := openPebble(t)
			defer closeStore(t, below)
			found := linearizable(t, mutate(below), seed, rounds)
			if found == nil {
				t.Fatal("every history was explained")
			}
			t.Log(found)
		})
	}
}
