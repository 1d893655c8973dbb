package cluster

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"iotjobs/internal/store/postgres/pgtest"
)

var seed = flag.Uint64("seed", 0, "seed of all choices; 0 draws one. The moments at which things happen are never the same")

// root is the directory of go.mod, seen from this package.
const root = "../.."

// limit bounds the wait for anything that must happen on a machine however busy.
const limit = time.Minute

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
	if err := readSources(); err != nil {
		return 0, err
	}
	binary = filepath.Join(dir, "iotjobs")
	build := exec.Command("go", "build", "-o", binary, "./cmd/iotjobs") //nolint:noctx // there is nothing else to do
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return pgtest.Main(m), nil
}

// readSources looks at every source file of the server. The go command repeats the result of a test as long as what it has looked at is
// unchanged, and cannot see what a compiler reads that the test has started.
func readSources() error {
	for _, tree := range []string{"go.mod", "go.sum", "cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, tree), func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
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
