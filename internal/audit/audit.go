// Package audit writes who changed what and who was denied: one line of JSON for each such call, in files of bounded size. It never sees bodies, queries
// or headers, so no secret and no job document can get into it. It reads no clock.
package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Entry is one call.
type Entry struct {
	Time time.Time `json:"time"`
	// RequestID is the one of the answer's header; the server's log has it too.
	RequestID string `json:"requestId,omitempty"`
	// Principal is an access key id, cert/ and a certificate id, or operator for who came over the server's socket; empty for an unknown caller.
	Principal string `json:"principal,omitempty"`
	// SourceIP is the address of the connection; empty on the socket.
	SourceIP string `json:"sourceIp,omitempty"`
	// Plane is control, device, identity (STS) or socket; none for a request that was refused before its plane was known.
	Plane string `json:"plane"`
	// Operation is AWS's name; empty where there is none, then method and path tell.
	Operation string `json:"operation,omitempty"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Status    int    `json:"status"`
	// Error is the type of the error that was answered; empty for success.
	Error string `json:"error,omitempty"`
	// Denied says that the caller was not let in, or may not do this.
	Denied bool `json:"denied,omitempty"`
}

// Bounds holds how large a file gets and how many full ones are kept.
type Bounds struct {
	FileBytes int64
	Files     int
}

// DefaultBounds keep a gigabyte.
var DefaultBounds = Bounds{FileBytes: 64 << 20, Files: 15}

// Log is an audit log in a directory: NAME.jsonl, and full files such as NAME-000042.jsonl, whose numbers only grow, so that a file keeps its name once
// it is full. No other process may write it; it may be used concurrently.
type Log struct {
	dir, name string
	bounds    Bounds

	mu   sync.Mutex
	file *os.File
	size int64
	last int // number of the latest full file
}

// Open goes on with the log of this name in a directory, or begins it.
func Open(dir, name string, bounds Bounds) (*Log, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the audit log: %w", err)
	}
	l := &Log{dir: dir, name: name, bounds: bounds}
	full, err := l.full()
	if err != nil {
		return nil, err
	}
	if len(full) > 0 {
		l.last = full[len(full)-1]
	}
	return l, l.open()
}

// Write adds an entry. Its line is in the hands of the operating system when Write returns: the end of this process loses nothing, that of the machine
// may lose the last seconds.
func (l *Log) Write(e Entry) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return fmt.Errorf("encode an audit entry: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size > 0 && l.size+int64(line.Len()) > l.bounds.FileBytes {
		if err := l.rotate(); err != nil {
			return err
		}
	}
	n, err := l.file.Write(line.Bytes())
	l.size += int64(n)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// Close ends the log.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

// open opens the current file. A line that a crash cut short is ended, so that it spoils no other one.
func (l *Log) open() error {
	file, err := os.OpenFile(l.currentPath(), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the audit log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open the audit log: %w", err), file.Close())
	}
	l.file, l.size = file, info.Size()
	if l.size == 0 {
		return nil
	}
	end := make([]byte, 1)
	if _, err := file.ReadAt(end, l.size-1); err != nil {
		return errors.Join(fmt.Errorf("open the audit log: %w", err), file.Close())
	}
	if end[0] == '\n' {
		return nil
	}
	n, err := file.WriteString("\n")
	l.size += int64(n)
	return err
}

// rotate gives the current file its number, begins a new one and deletes the oldest ones. If it fails, the current file stays in use where it can.
func (l *Log) rotate() error {
	if err := os.Rename(l.currentPath(), l.fullPath(l.last+1)); err != nil {
		return fmt.Errorf("rotate the audit log: %w", err)
	}
	l.last++
	before := l.file
	if err := l.open(); err != nil {
		return err
	}
	return errors.Join(before.Close(), l.prune())
}

func (l *Log) prune() error {
	full, err := l.full()
	if err != nil {
		return err
	}
	var faults []error
	for _, number := range full[:max(0, len(full)-l.bounds.Files)] {
		faults = append(faults, os.Remove(l.fullPath(number)))
	}
	return errors.Join(faults...)
}

// full lists the numbers of the full files, the oldest first. Other files in the directory are none of ours.
func (l *Log) full() (numbers []int, err error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, fmt.Errorf("list the audit log: %w", err)
	}
	for _, entry := range entries {
		digits := strings.TrimSuffix(strings.TrimPrefix(entry.Name(), l.name+"-"), ".jsonl")
		number, err := strconv.Atoi(digits)
		if err == nil && filepath.Join(l.dir, entry.Name()) == l.fullPath(number) {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func (l *Log) currentPath() string { return filepath.Join(l.dir, l.name+".jsonl") }

func (l *Log) fullPath(number int) string {
	return filepath.Join(l.dir, fmt.Sprintf("%s-%06d.jsonl", l.name, number))
}
