package rollout_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTimelines runs the scripts of testdata; README.md there says how to read them.
func TestTimelines(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "→") {
				t.Errorf("%s expects nothing", path)
			}
			for _, fault := range runScript(string(text)) {
				t.Errorf("%s:%s", path, fault)
			}
		})
	}
}

// TestMutantScriptsFail: a script that expects something else than what happens does not pass, nor does one that makes no sense.
func TestMutantScriptsFail(t *testing.T) {
	const released = "release 5; wait for things that have not finished"
	for script, want := range map[string]string{
		"targets 5\nat 0m tick → " + released:              "",
		"targets 5\n\n# five\nat 0m tick → release 4":      "4: got " + released + ", want release 4",
		"targets 5\nat 0m tick → release 5":                "2: got " + released + ", want release 5",
		"targets 5\nat 0m tick":                            "2: got " + released + ", want nothing",
		"targets 5\nat 0m tick\n  → release 5\n  → wait":   "2: got " + released + ", want release 5; wait",
		"targets 5\n→ release 5":                           "1: got nothing, want release 5",
		"→ release 5":                                      "1: an expectation of nothing",
		"target 5":                                         `1: cannot read "target 5"`,
		"at 0m tick limit x → release 5":                   `1: cannot read "at 0m tick limit x"`,
		"at 12:00 tick → release 5":                        `1: 12:00 needs a line "it is …" before it`,
		"at 1m job → IN_PROGRESS\nat 0m job → IN_PROGRESS": "2: 0m is before the line above",
		"at 0m thing 1 FAILED":                             "1: there is no thing 1",
		"abort 20.001% FAILED after 1":                     `1: cannot read "abort 20.001% FAILED after 1"`,
		"window cron(0 2 * * * *) 60m":                     "1: MaintenanceWindow is invalid. StartTime cron(0 2 * * * *) cannot be read: one of day-of-month and day-of-week must be ?, and only one.",
	} {
		if got := strings.Join(runScript(script), "\n"); got != want {
			t.Errorf("%q:\n got %s\nwant %s", script, got, want)
		}
	}
}

// line is one command of a script, and what is to happen then.
type line struct {
	number   int
	command  string
	expected []string
}

// runScript returns what went wrong, each with the number of its line. It ends with the first line that cannot be understood.
func runScript(text string) (faults []string) {
	lines, err := readScript(text)
	if err != nil {
		return []string{err.Error()}
	}
	s := newScript()
	for _, l := range lines {
		events, err := s.do(l.command)
		if err != nil {
			return append(faults, fmt.Sprintf("%d: %v", l.number, err))
		}
		if got, want := spell(events), spell(l.expected); got != want {
			faults = append(faults, fmt.Sprintf("%d: got %s, want %s", l.number, got, want))
		}
	}
	return faults
}

func spell(events []string) string {
	if len(events) == 0 {
		return "nothing"
	}
	return strings.Join(events, "; ")
}

// readScript splits a script into commands. What is expected stands behind → on the same line, or on lines of its own below.
func readScript(text string) (lines []line, err error) {
	for i, raw := range strings.Split(text, "\n") {
		command, expected, expects := strings.Cut(strings.TrimSpace(raw), "→")
		if strings.HasPrefix(command, "#") || command == "" && !expects {
			continue
		}
		if command = strings.Join(strings.Fields(command), " "); command != "" {
			lines = append(lines, line{number: i + 1, command: command})
		}
		if len(lines) == 0 {
			return nil, fmt.Errorf("%d: an expectation of nothing", i+1)
		}
		if expects {
			last := &lines[len(lines)-1]
			last.expected = append(last.expected, strings.TrimSpace(expected))
		}
	}
	return lines, nil
}
