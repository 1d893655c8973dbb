package pebble_test

import (
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// writesFS shows every write of a file to before and after. An error of before is returned and the write not done; one of after is
// returned although it was done.
type writesFS struct {
	vfs.FS
	before, after func(op, name string) error
}

func (fs *writesFS) around(op, name string, do func() error) error {
	if fs.before != nil {
		if err := fs.before(op, name); err != nil {
			return err
		}
	}
	err := do()
	if err == nil && fs.after != nil {
		err = fs.after(op, name)
	}
	return err
}

func (fs *writesFS) file(op, name string, do func() (vfs.File, error)) (f vfs.File, err error) {
	err = fs.around(op, name, func() (err error) { f, err = do(); return err })
	if err != nil {
		return nil, err
	}
	return &writesFile{File: f, fs: fs, name: name}, nil
}

func (fs *writesFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return fs.file("create", name, func() (vfs.File, error) { return fs.FS.Create(name, c) })
}

func (fs *writesFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return fs.file("create", newname, func() (vfs.File, error) { return fs.FS.ReuseForWrite(oldname, newname, c) })
}

func (fs *writesFS) OpenDir(name string) (vfs.File, error) {
	return fs.file("open", name, func() (vfs.File, error) { return fs.FS.OpenDir(name) })
}

func (fs *writesFS) Unwrap() vfs.FS { return fs.FS }

type writesFile struct {
	vfs.File
	fs   *writesFS
	name string
}

func (f *writesFile) Write(p []byte) (n int, err error) {
	err = f.fs.around("write", f.name, func() (err error) { n, err = f.File.Write(p); return err })
	return n, err
}

func (f *writesFile) Sync() error { return f.fs.around("sync", f.name, f.File.Sync) }

func (f *writesFile) SyncData() error { return f.fs.around("sync", f.name, f.File.SyncData) }

func (f *writesFile) SyncTo(length int64) (full bool, err error) {
	err = f.fs.around("sync", f.name, func() (err error) { full, err = f.File.SyncTo(length); return err })
	return full, err
}

// stallingFS holds up the syncs of the WAL.
type stallingFS struct {
	vfs.FS
	mu sync.RWMutex // held for writing while stalled
}

func (fs *stallingFS) stall() (release func()) {
	fs.mu.Lock()
	return fs.mu.Unlock
}

func (fs *stallingFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.Create(name, c)
	return &stallingFile{f, fs}, err
}

func (fs *stallingFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.ReuseForWrite(oldname, newname, c)
	return &stallingFile{f, fs}, err
}

func (fs *stallingFS) Unwrap() vfs.FS { return fs.FS }

type stallingFile struct {
	vfs.File
	fs *stallingFS
}

func (f *stallingFile) Sync() error     { return f.wait(f.File.Sync) }
func (f *stallingFile) SyncData() error { return f.wait(f.File.SyncData) }

func (f *stallingFile) SyncTo(length int64) (full bool, err error) {
	err = f.wait(func() (err error) { full, err = f.File.SyncTo(length); return err })
	return full, err
}

func (f *stallingFile) wait(sync func() error) error {
	f.fs.mu.RLock()
	defer f.fs.mu.RUnlock()
	return sync()
}
