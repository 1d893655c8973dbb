package conformance_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// lookAtSources looks at every source file of the server and of the clients. The go command repeats the result of a test as long as the files that
// the test has looked at are unchanged, and it cannot see what a compiler reads that was started by TestMain.
var lookAtSources = sync.OnceValue(func() error {
	for _, name := range []string{"go.mod", "go.sum"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			return err
		}
	}
	for _, dir := range []string{"cmd", "internal", "test/conformance/js", "test/conformance/python"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.Name() == "node_modules":
				return fs.SkipDir
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
})
