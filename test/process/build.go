// Package process runs the server as a process of its own, for tests from outside: it builds the binary, starts it again and again, waits for it, ends it gently or
// not, and calls it as an AWS client does, but never a second time.
package process

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// root is the directory of go.mod, seen from the packages of tests.
const root = "../.."

// Build makes the binary from the sources as they are now, in a directory.
func Build(dir string) (binary string, err error) {
	if err := readSources(); err != nil {
		return "", err
	}
	binary = filepath.Join(dir, "iotjobs")
	build := exec.Command("go", "build", "-o", binary, "./cmd/iotjobs") //nolint:noctx // there is nothing else to do
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
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
