package cluster

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"iotjobs/internal/store/postgres/pgtest"
	"iotjobs/test/process"
)

var seed = flag.Uint64("seed", 0, "seed of all choices; 0 draws one. The moments at which things happen are never the same")

// binary is the server, built from the sources as they are now.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (status int, err error) {
	dir, err := os.MkdirTemp("", "cluster-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if binary, err = process.Build(dir); err != nil {
		return 0, err
	}
	return pgtest.Main(m), nil
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
