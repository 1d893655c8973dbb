package audit

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fullDisk takes so many bytes more, and no others.
type fullDisk struct {
	*os.File

	room int
}

var errFull = errors.New("no space left")

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) <= d.room {
		d.room -= len(p)
		return d.File.Write(p)
	}
	n, err := d.File.Write(p[:d.room])
	d.room = 0
	return n, errors.Join(err, errFull)
}

// What a full disk leaves of an entry is told, and does not spoil those that come when there is room again.
func TestAFullDiskSpoilsNoOtherLine(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir, "audit", DefaultBounds)
	if err != nil {
		t.Fatal(err)
	}
	disk := &fullDisk{File: l.file.(*os.File), room: 10}
	l.file = disk
	for _, id := range []string{"cut", "not at all"} {
		if err := l.Write(Entry{RequestID: id}); !errors.Is(err, errFull) {
			t.Errorf("%s: got %v, want the disk's error", id, err)
		}
	}
	disk.room = 1 << 20
	for _, id := range []string{"whole", "next"} {
		if err := l.Write(Entry{RequestID: id}); err != nil {
			t.Error(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(string(raw)))
	if len(lines) != 3 || len(lines[0]) != 11 || !strings.Contains(lines[1], "whole") || !strings.Contains(lines[2], "next") || int(l.size) != len(raw) {
		t.Errorf("size %d, %q", l.size, lines)
	}
}
