package audit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/audit"
)

func entry(id string) audit.Entry {
	return audit.Entry{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), RequestID: id, Principal: "AKIATEST", SourceIP: "192.0.2.7", Plane: "control",
		Operation: "CreateThing", Method: "POST", Path: "/things/<lamp>", Status: 200,
	}
}

func open(t *testing.T, dir string, bounds audit.Bounds) *audit.Log {
	t.Helper()
	l, err := audit.Open(dir, "audit", bounds)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func write(t *testing.T, l *audit.Log, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := l.Write(entry(id)); err != nil {
			t.Fatal(err)
		}
	}
}

// ids reads the request ids of a file, one of each line.
func ids(t *testing.T, path string) (ids []string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var e audit.Entry
		if err := json.Unmarshal(line, &e); err != nil {
			ids = append(ids, "broken")
			continue
		}
		ids = append(ids, e.RequestID)
	}
	return ids
}

func TestOneLineForEachEntry(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	l := open(t, dir, audit.DefaultBounds)
	write(t, l, "1")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, audit.DefaultBounds) // goes on
	write(t, l, "2")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	line := `{"time":"2026-01-02T03:04:05Z","requestId":"%d","principal":"AKIATEST","sourceIp":"192.0.2.7","plane":"control","operation":"CreateThing",` +
		`"method":"POST","path":"/things/<lamp>","status":200}` + "\n"
	if want := fmt.Sprintf(line+line, 1, 2); string(raw) != want {
		t.Errorf("got\n%swant\n%s", raw, want)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "audit.jsonl"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %v", path, info.Mode(), err, want)
		}
	}
}

func TestFullFilesAreKeptUpToABound(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "audit-old.jsonl")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(entry("1"))
	if err != nil {
		t.Fatal(err)
	}
	two := audit.Bounds{FileBytes: 2 * int64(len(raw)+1), Files: 2}
	l := open(t, dir, two)
	write(t, l, "1", "2", "3", "4", "5")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, two) // numbers go on
	write(t, l, "6", "7", "8", "9")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{"audit-000003.jsonl": {"5", "6"}, "audit-000004.jsonl": {"7", "8"}, "audit.jsonl": {"9"}} {
		if got := ids(t, filepath.Join(dir, name)); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", name, got, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 4 {
		t.Errorf("%v, %v; want the three files and the foreign one", entries, err)
	}
}

// An entry that is larger than a file may be still has one.
func TestAnEntryIsNeverLost(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, audit.Bounds{FileBytes: 1, Files: 5})
	write(t, l, "1", "2")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := append(ids(t, filepath.Join(dir, "audit-000001.jsonl")), ids(t, filepath.Join(dir, "audit.jsonl"))...); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("%v, want both", got)
	}
}

// A caller chooses names and paths, and must not be able to write a line of its own.
func TestHostileValuesStayInTheirLine(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, audit.DefaultBounds)
	hostile := "a\n{\"requestId\":\"forged\"}\r\x1b[2J\u2028\x00\xff\"\\</script>"
	e := entry("1")
	e.Path, e.Principal, e.Operation, e.Error, e.Parameters.Target = hostile, hostile, hostile, hostile, hostile
	if err := l.Write(e); err != nil {
		t.Fatal(err)
	}
	write(t, l, "2")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "audit.jsonl")
	if got := ids(t, path); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("%v, want the two entries", got)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got audit.Entry
	if err := json.Unmarshal(bytes.SplitN(raw, []byte("\n"), 2)[0], &got); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hostile, "\ufffd"); got.Path != want || got.Parameters.Target != want {
		t.Errorf("%q, want %q", got.Path, want)
	}
	if bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' && r != '\n' || r == '\u2028' }) {
		t.Errorf("control characters in %q", raw)
	}
}

// Where no new file can be begun, the entries go on in the old one, and as soon as it can, in a new one.
func TestARotationThatFailsLosesNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, audit.Bounds{FileBytes: 1, Files: 5})
	write(t, l, "1")
	inTheWay := filepath.Join(dir, "audit-000001.jsonl")
	if err := os.MkdirAll(filepath.Join(inTheWay, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"2", "3"} {
		if err := l.Write(entry(id)); err == nil {
			t.Error("no error, although the file cannot get its number")
		}
	}
	if err := os.RemoveAll(inTheWay); err != nil {
		t.Fatal(err)
	}
	write(t, l, "4")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := append(ids(t, inTheWay), ids(t, filepath.Join(dir, "audit.jsonl"))...); !slices.Equal(got, []string{"1", "2", "3", "4"}) {
		t.Errorf("%v, want all four", got)
	}
}

// A crash may cut a line short; the next one must be whole.
func TestACutLineSpoilsNoOther(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "audit.jsonl")
	if err := os.WriteFile(path, []byte(`{"time":"20`), 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, audit.DefaultBounds)
	write(t, l, "1")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, path); !slices.Equal(got, []string{"broken", "1"}) {
		t.Errorf("%v, want the cut line and the whole one", got)
	}
}

func TestManyWritersShareTheLog(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, audit.Bounds{FileBytes: 1000, Files: 1000})
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 50 {
				if err := l.Write(entry(fmt.Sprintf("%d-%d", w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		for _, id := range ids(t, filepath.Join(dir, file.Name())) {
			seen[id] = true
		}
	}
	if len(seen) != 400 || seen["broken"] {
		t.Errorf("%d ids in %d files, want 400 and no broken line", len(seen), len(files))
	}
}
