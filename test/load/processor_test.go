package load

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// processor is the time that the server has computed so far, in steps of 10 ms; zero where the system does not tell.
func (s *server) processor() time.Duration { return stat(s.process.Pid).own() }

// familyProcessor is what a process and its children have computed so far, those that have ended included.
func familyProcessor(pid int) time.Duration {
	parent := stat(pid)
	total := parent.own() + parent.time(13, 14)
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0
	}
	for _, path := range processes {
		child, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if fields := stat(child); fields.parent() == pid {
			total += fields.own()
		}
	}
	return total
}

// status is what the system tells of a process: its fields from the state on, which is the third. There are none where it does not tell.
type status []string

func stat(pid int) status {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	// The name in parentheses may hold anything.
	return strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
}

func (s status) number(field int) int {
	if field >= len(s) {
		return 0
	}
	n, _ := strconv.Atoi(s[field]) // zero is as good as an error here
	return n
}

func (s status) parent() int { return s.number(1) }

// own is user and system time.
func (s status) own() time.Duration { return s.time(11, 12) }

// time adds fields that are in hundredths of a second.
func (s status) time(fields ...int) (sum time.Duration) {
	for _, field := range fields {
		sum += time.Duration(s.number(field)) * 10 * time.Millisecond
	}
	return sum
}

// TestTheProcessorTimeOfAFamily counts a child while it lives and after it has ended.
func TestTheProcessorTimeOfAFamily(t *testing.T) {
	child := exec.CommandContext(t.Context(), "sh", "-c", `i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo computed; read line`)
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	// What the child computes is more than this process computes beside it, and its own time is not in doubt.
	others := func() time.Duration { return familyProcessor(os.Getpid()) - stat(os.Getpid()).own() }
	before := others()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	living := others() - before
	_, _ = stdin.Write([]byte("\n")) // it ends with it or without
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	used := child.ProcessState.UserTime() + child.ProcessState.SystemTime()
	ended := others() - before
	const step = 30 * time.Millisecond // what rounding loses
	if living < used-step || ended < used-step {
		t.Errorf("counted %s while the child lived, %s after it ended; it has used %s", living, ended, used)
	}
}
