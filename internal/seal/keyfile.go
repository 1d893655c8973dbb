package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// OpenKeyFile reads the key file at path: exactly 32 random bytes, readable by its owner alone. If there is none, it makes one, durably and
// atomically: of two processes that start at the same time, both get the same key. The folder must exist.
//
// A new key beside old secrets is not noticed here but by the first Open, which says ErrWrongKey.
func OpenKeyFile(path string) (*Keyring, error) {
	key, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKeyFile(path); err != nil {
			return nil, fmt.Errorf("create key file: %w", err)
		}
		key, err = readKeyFile(path)
	}
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return newKeyring(path, key)
}

func readKeyFile(path string) ([]byte, error) {
	// Looked at before it is opened: opening a named pipe would wait for ever.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key file %s is not a regular file (%s)", path, info.Mode().Type())
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		return nil, fmt.Errorf("key file %s has mode %04o, so others can use the key that protects all secrets; run: chmod 600 %s", path, perm, path)
	}
	if info.Size() != keySize {
		return nil, malformed(path, fmt.Sprintf("holds %d bytes instead of %d", info.Size(), keySize))
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if len(key) != keySize {
		return nil, malformed(path, "changed while it was read")
	}
	// What some file systems leave of a file after a power cut.
	if bytes.Equal(key, make([]byte, keySize)) {
		return nil, malformed(path, "holds only zeros")
	}
	return key, nil
}

func malformed(path, what string) error {
	return fmt.Errorf("key file %s %s; put back your copy of it. Do not replace it by a new one: what was sealed with the old key would stay closed", path, what)
}

// createKeyFile leaves an existing file alone. A rename would not: the second of two starting processes would replace the key with which the
// first already sealed something. A hard link fails if the name is taken.
func createKeyFile(path string) (err error) {
	key := make([]byte, keySize)
	defer clear(key)
	if _, err := rand.Read(key); err != nil {
		return err
	}

	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	_, err = tmp.Write(key)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the names in dir durable; syncing a file does not.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
