package sim

import (
	"errors"
	"flag"
	"log/slog"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres/pgtest"
)

var (
	seed = flag.Uint64("seed", 0, "seed of all choices; 0 draws one")
	runs = flag.Int("runs", 24, "how many worlds the property test plays through")
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(pgtest.Main(m))
}

// epoch is when the time of every world begins.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// seeded is the seed of a test, which it logs.
func seeded(tb testing.TB) uint64 {
	tb.Helper()
	s := *seed
	for s == 0 {
		s = rand.Uint64()
	}
	tb.Logf("make sim SEED=%d repeats the choices", s)
	return s
}

// roll is a source for one purpose of a seed.
func roll(seed, purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, purpose)) }

func logger(tb testing.TB) *slog.Logger {
	tb.Helper()
	return slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// newService is a service with AWS's quotas on a store.
func newService(s store.Store, now func() time.Time) *service.Service {
	return &service.Service{Store: s, Now: now, Quotas: service.DefaultQuotas(), Sealer: noSealer{}}
}

// noSealer stands where secrets are wrapped; nothing here has a secret.
type noSealer struct{}

var errNoSecrets = errors.New("there are no secrets here")

func (noSealer) Seal(string, []byte) ([]byte, error) { return nil, errNoSecrets }
func (noSealer) Open(string, []byte) ([]byte, error) { return nil, errNoSecrets }

// artifact is a path in the directory where a failed test leaves what it found.
func artifact(tb testing.TB, name string) string {
	tb.Helper()
	return tb.ArtifactDir() + string(os.PathSeparator) + name
}
