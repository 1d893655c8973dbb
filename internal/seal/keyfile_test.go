package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestKeyFileIsMadeOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	first, err := OpenKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 || info.Size() != 32 {
		t.Errorf("mode %04o, %d bytes; want 0600, 32", info.Mode().Perm(), info.Size())
	}
	second, err := OpenKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := first.Seal("id", []byte("s"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Open("id", sealed); err != nil {
		t.Errorf("opened again, the file does not give the same key: %v", err)
	}
	if first.Fingerprint() != second.Fingerprint() || len(first.Fingerprint()) != 16 {
		t.Errorf("fingerprints %s and %s", first.Fingerprint(), second.Fingerprint())
	}
	assertAlone(t, path)
}

func TestKeyFileMadeByManyAtOnceIsOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	got := make([]string, 16)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			k, err := OpenKeyFile(path)
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = k.Fingerprint()
		})
	}
	wg.Wait()
	for _, f := range got {
		if f != got[0] {
			t.Fatalf("different keys: %q", got)
		}
	}
	assertAlone(t, path)
}

// The name may be taken between the look and the creation; that file must win, whoever made it.
func TestCreateKeyFileLeavesAnExistingOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	want := bytes.Repeat([]byte("k"), keySize)
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := createKeyFile(path); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the key file now holds %x, %v", got, err)
	}
}

func TestKeyFileRefused(t *testing.T) {
	good := bytes.Repeat([]byte("k"), keySize)
	for _, c := range []struct {
		name, says string
		content    []byte
		mode       os.FileMode
	}{
		{"readable by the group", "chmod 600", good, 0o640},
		{"readable by all", "chmod 600", good, 0o604},
		{"writable by all", "chmod 600", good, 0o602},
		{"empty", "holds 0 bytes instead of 32", nil, 0o600},
		{"short", "holds 31 bytes instead of 32", good[:31], 0o600},
		{"with a newline of an editor", "holds 33 bytes instead of 32", append(bytes.Clone(good), '\n'), 0o600},
		{"zeros", "holds only zeros", make([]byte, keySize), 0o600},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, c.content, c.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil { // WriteFile's mode passes the umask
				t.Fatal(err)
			}
			_, err := OpenKeyFile(path)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want an error with %q and the path", err, c.says)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, c.content) {
				t.Errorf("the refused file was changed: %x, %v", got, err)
			}
		})
	}
}

func TestKeyFileMayBeReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, bytes.Repeat([]byte("k"), keySize), 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeyFile(path); err != nil {
		t.Error(err)
	}
}

func TestKeyFileMustBeARegularFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, pipe} {
		if _, err := OpenKeyFile(path); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

func TestKeyFileWhereItCannotBeMade(t *testing.T) {
	dir := t.TempDir()
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink(filepath.Join(dir, "gone"), dangling); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "no-such-folder", "key"), dangling} {
		if _, err := OpenKeyFile(path); err == nil || !strings.Contains(err.Error(), "key file") {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

// assertAlone fails if making the file left anything beside it, such as a temporary file with a key.
func assertAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("%d entries in the folder, want the key file alone", len(entries))
	}
}
