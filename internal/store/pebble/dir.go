package pebble

import (
	"errors"
	"io/fs"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// makeDir makes a directory that survives a crash: its name is durable only when the directory above has been synced, and Pebble syncs
// only what is inside.
func makeDir(on vfs.FS, dir string) error {
	above := on.PathDir(dir)
	if above == dir {
		return nil
	}
	_, err := on.Stat(dir)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing {
		if err := makeDir(on, above); err != nil {
			return err
		}
		if err := on.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	// A directory that was there may have been made by a process that died before this line, so it is synced again. One that others have
	// made may lie below a directory that only they may read.
	err = syncDir(on, above)
	if !missing && errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

func syncDir(on vfs.FS, dir string) error {
	d, err := on.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
