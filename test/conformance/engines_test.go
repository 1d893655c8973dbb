package conformance_test

import (
	"slices"
	"testing"

	"iotjobs/internal/store/postgres/pgtest"
)

// engine is a kind of store.
type engine struct {
	name string
	// flags lead a server to a new store.
	flags func(*testing.T) []string
	// refuses tells which cases need what the engine refuses.
	refuses func(Case) bool
}

// otherEngines are those beside the embedded store. What a store can get wrong does not depend on the client, so one client is enough.
var otherEngines = []engine{{
	name: "postgres",
	flags: func(t *testing.T) []string {
		t.Helper()
		return []string{"--store", pgtest.NewURL(t), "--drain-delay", "1ms"} // no load balancer here
	},
	// Emulator mode never works on a database that others use.
	refuses: func(c Case) bool { return slices.Contains(c.Server, "parse") },
}}
