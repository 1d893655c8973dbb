package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTimerSlack begins this test once more in a process of its own, which begins itself again: its threads have the slack then, those too that the
// runtime made before main.
func TestTimerSlack(t *testing.T) {
	const child = "IOTJOBS_TEST_SLACK"
	if os.Getenv(child) != "" {
		wakeSeldom()
		slack, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_TIMERSLACK, 0, 0)
		fmt.Printf("slack %s of process %d, begun with %s\n", time.Duration(slack), os.Getpid(), os.Getenv(slackVariable))
		return
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestTimerSlack$")
	command.Env = append(os.Environ(), child+"=1")
	out, err := command.CombinedOutput()
	want := fmt.Sprintf("slack %s of process %d, begun with %s\n", timerSlack, command.Process.Pid, timerSlack)
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%v: %s\nwant %s", err, out, want)
	}
}
