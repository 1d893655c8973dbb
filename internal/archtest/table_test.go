package archtest_test

// mayImport says, for each package of ours under internal, which other packages of ours its non-test files may import.
// Names are relative to iotjobs/internal. Arrows point down only. A row may stand here before its package exists.
// cmd/iotjobs, the packages under test and all _test.go files may import everything.
var mayImport = map[string][]string{
	// Knows nobody.
	"audit":    {},
	"bubble":   {},
	"clock":    {},
	"config":   {"fidelity"},
	"fidelity": {},
	"policy":   {},
	"profile":  {},
	"query":    {},
	"registry": {},
	"seal":     {},
	"sigv4":    {},

	// The domain and its documents.
	"jobs":    {"registry"},
	"rollout": {"jobs", "registry"},
	"session": {"registry"},
	"service": {"fidelity", "jobs", "policy", "query", "registry", "rollout", "store"},
	"wire":    {"jobs", "registry"},

	// Stores.
	"store":            {"jobs", "registry"},
	"store/faultstore": {"jobs", "registry", "store"},
	"store/memory":     {"jobs", "registry", "store"},
	"store/move":       {"jobs", "registry", "store", "store/rowcodec"},
	"store/pebble":     {"jobs", "registry", "store", "store/rowcodec"},
	"store/postgres":   {"jobs", "registry", "store", "store/rowcodec"},
	"store/rowcodec":   {"jobs", "registry"},
	// Starts PostgreSQL for tests; only they import it.
	"store/postgres/pgtest": {"freeport"},
	"store/storecheck":      {"jobs", "registry", "store"},
	"store/storetest":       {"jobs", "registry", "store", "store/memory"},

	// Entrances.
	"auth":         {"policy", "registry", "sigv4"},
	"broker":       {"auth", "broker/codec"},
	"broker/codec": {},
	"console":      {"auth", "jobs", "registry", "service"},
	"controlhttp":  {"auth", "fidelity", "httpapi", "jobs", "registry", "service", "wire"},
	"devicehttp":   {"auth", "fidelity", "httpapi", "jobs", "registry", "service", "wire"},
	"devicemqtt":   {"auth", "fidelity", "jobs", "registry", "service", "wire"},
	"frontdoor":    {"audit", "auth", "fidelity", "wire"},
	"httpapi":      {"auth", "jobs", "wire"},
	"pki":          {"seal"},
	"stshttp":      {"auth", "wire"},

	"credentialhttp": {"auth", "httpapi", "jobs", "registry", "service", "session", "wire"},

	// Runs beside the entrances.
	"nodes":  {"jobs", "registry", "store"},
	"notify": {"jobs", "registry", "service", "wire"},
	"sink":   {"jobs", "registry", "service", "wire"},
	"worker": {"service"},

	// Clients and tests.
	"archtest": {},
	"fleet":    {"jobs", "registry", "wire"},
	"freeport": {}, // for tests
}

// thirdPartyHomes says where each third-party module may be imported from non-test files, by path relative to the module iotjobs.
// "dir/..." means dir and everything below it. A module that is not listed may not be imported at all; docs/dependencies.md gives the reasons.
var thirdPartyHomes = map[string][]string{
	"github.com/alecthomas/kong":          {"cmd/iotjobs"},
	"github.com/anishathalye/porcupine":   {"test/..."},
	"github.com/aws/aws-sdk-go-v2":        {"internal/artifacts", "internal/fleet", "test/..."},
	"github.com/cockroachdb/pebble/v2":    {"internal/store/pebble/...", "test/..."},
	"github.com/fxamacker/cbor/v2":        {"internal/store/move", "internal/store/pebble/...", "internal/store/postgres/..."},
	"github.com/google/uuid":              {"cmd/iotjobs", "internal/fleet", "internal/frontdoor", "internal/notify", "internal/service", "test/..."},
	"github.com/jackc/pgx/v5":             {"internal/store/postgres/..."},
	"github.com/mochi-mqtt/server/v2":     {"internal/broker/..."},
	"github.com/prometheus/client_golang": {"cmd/iotjobs", "internal/broker", "internal/frontdoor", "internal/notify", "internal/sink", "internal/store/pebble", "internal/store/postgres", "internal/worker"},
	"github.com/rogpeppe/go-internal":     {"test/..."},
	"golang.org/x/sync":                   {"cmd/iotjobs", "internal/fleet", "internal/nodes", "internal/service", "internal/worker", "test/..."},
	"pgregory.net/rapid":                  {"internal/store/storetest", "test/..."},
}
