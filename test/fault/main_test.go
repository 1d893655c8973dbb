package fault

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"iotjobs/test/process"
)

var (
	rounds = flag.Int("rounds", roundsOfEnvironment(), "how often the server is killed; ROUNDS sets it too")
	seed   = flag.Uint64("seed", 0, "seed of all choices; 0 draws one. The moments at which things happen are never the same")
)

// binary is the server, built from the sources as they are now.
var binary string

func roundsOfEnvironment() int {
	if n, err := strconv.Atoi(os.Getenv("ROUNDS")); err == nil {
		return n
	}
	return 20
}

func TestMain(m *testing.M) {
	flag.Parse()
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "fault:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (status int, err error) {
	dir, err := os.MkdirTemp("", "fault-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if binary, err = process.Build(dir); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// seeded draws the seed of a test and logs it.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed=%d repeats the choices", s)
	return rand.New(rand.NewPCG(s, 0))
}
