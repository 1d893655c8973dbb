package pebble

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// stoppingFS stops the store at the first write that fails (see failure).
type stoppingFS struct {
	vfs.FS
	failure *failure
	// armed is set before Pebble is at work: what Open does itself returns its errors as usual.
	armed atomic.Bool
}

// stop does not return an error once Pebble is at work.
func (fs *stoppingFS) stop(what, name string, err error) error {
	if err == nil || !fs.armed.Load() {
		return err
	}
	fs.failure.fail(fmt.Errorf("%s %s: %w", what, name, err))
	hold()
	return err
}

func (fs *stoppingFS) file(what, name string, f vfs.File, err error) (vfs.File, error) {
	if err := fs.stop(what, name, err); err != nil {
		return nil, err
	}
	return &stoppingFile{File: f, fs: fs, name: name}, nil
}

func (fs *stoppingFS) Unwrap() vfs.FS { return fs.FS }

func (fs *stoppingFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.Create(name, category)
	return fs.file("create", name, f, err)
}

func (fs *stoppingFS) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := fs.FS.OpenReadWrite(name, category, opts...)
	return fs.file("open", name, f, err)
}

func (fs *stoppingFS) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.ReuseForWrite(oldname, newname, category)
	return fs.file("reuse", newname, f, err)
}

func (fs *stoppingFS) OpenDir(name string) (vfs.File, error) {
	f, err := fs.FS.OpenDir(name)
	return fs.file("open", name, f, err)
}

func (fs *stoppingFS) Rename(oldname, newname string) error {
	return fs.stop("rename", oldname, fs.FS.Rename(oldname, newname))
}

func (fs *stoppingFS) Link(oldname, newname string) error {
	return fs.stop("link", oldname, fs.FS.Link(oldname, newname))
}

func (fs *stoppingFS) MkdirAll(dir string, perm os.FileMode) error {
	return fs.stop("make", dir, fs.FS.MkdirAll(dir, perm))
}

// stoppingFile is a file, or a directory, that is written.
type stoppingFile struct {
	vfs.File
	fs   *stoppingFS
	name string
}

func (f *stoppingFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	return n, f.fs.stop("write", f.name, err)
}

func (f *stoppingFile) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	return n, f.fs.stop("write", f.name, err)
}

func (f *stoppingFile) Sync() error { return f.fs.stop("sync", f.name, f.File.Sync()) }

func (f *stoppingFile) SyncData() error { return f.fs.stop("sync", f.name, f.File.SyncData()) }

func (f *stoppingFile) SyncTo(length int64) (bool, error) {
	full, err := f.File.SyncTo(length)
	return full, f.fs.stop("sync", f.name, err)
}

func (f *stoppingFile) Close() error { return f.fs.stop("close", f.name, f.File.Close()) }
