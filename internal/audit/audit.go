// Package audit writes who changed what and who was denied: one line of JSON for each such call, in files of bounded size. It never sees bodies, queries
// or headers, so no secret and no job document can get into it. It reads no clock.
package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	// Plane is control, device, identity (STS), credentials (temporary ones of devices) or socket; none for a request that was refused before its plane was known.
	Plane string `json:"plane"`
	// Operation is AWS's name; empty where there is none, then method and path tell.
	Operation string `json:"operation,omitempty"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	// Parameters say what the path leaves open: to which state, attached to whom.
	Parameters Parameters `json:"parameters,omitzero"`
	// CertificateID is the certificate, or CA certificate, that the call made known; empty for all other calls.
	CertificateID string `json:"certificateId,omitempty"`
	Status        int    `json:"status"`
	// Error is the type of the error that was answered; empty for success.
	Error string `json:"error,omitempty"`
	// Role and Thing are whom temporary credentials were given out for; else empty.
	Role  string `json:"role,omitempty"`
	Thing string `json:"thing,omitempty"`
	// Denied says that the caller was not let in, or may not do this.
	Denied bool `json:"denied,omitempty"`
}

// Parameters are the few members of a request that an entry has beside its path; empty ones are not there. They are names and states, never
// documents.
type Parameters struct {
	NewStatus                 string `json:"newStatus,omitempty"`
	NewAutoRegistrationStatus string `json:"newAutoRegistrationStatus,omitempty"`
	SetAsActive               string `json:"setAsActive,omitempty"`
	SetAsDefault              string `json:"setAsDefault,omitempty"`
	Force                     string `json:"force,omitempty"`
	Principal                 string `json:"principal,omitempty"`
	Target                    string `json:"target,omitempty"`
	ThingName                 string `json:"thingName,omitempty"`
	ThingGroupName            string `json:"thingGroupName,omitempty"`
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
	file io.WriteCloser
	size int64
	cut  bool // the last line was not written to its end
	last int  // number of the latest full file
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
// may lose the last seconds. The line may be there in spite of an error: where no new file can be begun, the current one grows on.
func (l *Log) Write(e Entry) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return fmt.Errorf("encode an audit entry: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var fault error
	if l.size > 0 && l.size+int64(line.Len()) > l.bounds.FileBytes {
		fault = l.rotate()
	}
	text := line.Bytes()
	if l.cut { // what a full disk left of a line spoils no other one
		text = append([]byte("\n"), text...)
	}
	n, err := l.file.Write(text)
	l.size += int64(n)
	if err != nil {
		l.cut = l.cut || n > 0
		return errors.Join(fault, fmt.Errorf("write the audit log: %w", err))
	}
	l.cut = false
	return fault
}

// Close ends the log.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

// open opens the current file. A line that a crash cut short is ended by the next one.
func (l *Log) open() error {
	file, err := os.OpenFile(l.currentPath(), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the audit log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open the audit log: %w", err), file.Close())
	}
	end := []byte{'\n'}
	if info.Size() > 0 {
		if _, err := file.ReadAt(end, info.Size()-1); err != nil {
			return errors.Join(fmt.Errorf("open the audit log: %w", err), file.Close())
		}
	}
	l.file, l.size, l.cut = file, info.Size(), end[0] != '\n'
	return nil
}

// rotate gives the current file its number, begins a new one and deletes the oldest ones. If it fails, the current file stays in use, under whatever
// name it has got, and the next entry tries again.
func (l *Log) rotate() error {
	switch err := os.Rename(l.currentPath(), l.fullPath(l.last+1)); {
	case err == nil:
		l.last++
	case !errors.Is(err, fs.ErrNotExist): // else the last try got so far, or somebody took the file away
		return fmt.Errorf("rotate the audit log: %w", err)
	}
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
