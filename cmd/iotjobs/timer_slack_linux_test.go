package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestTimerSlack begins this test once more in a process of its own, which begins itself again: threads of goroutines have the slack of a node then, all
// but one at most. The watch thread has its own; the kernel tells it only to those who may ask.
func TestTimerSlack(t *testing.T) {
	const child = "IOTJOBS_TEST_SLACK"
	if os.Getenv(child) != "" {
		wakeSeldom(t.Context())
		fmt.Printf("process %d begun again %q\n", os.Getpid(), os.Getenv(begunAgain))
		checkSlacks(t)
		return
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestTimerSlack$")
	command.Env = append(os.Environ(), child+"=1")
	out, err := command.CombinedOutput()
	want := fmt.Sprintf("process %d begun again %q\n", command.Process.Pid, "1")
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%v: %s\nwant %s", err, out, want)
	}
}

func checkSlacks(t *testing.T) {
	t.Helper()
	own := slacksOfGoroutines(t)
	if late := spareThreads/2 - own[nodeSlack]; late > 1 {
		t.Errorf("the threads of goroutines have %v", own)
	}
	if all, told := slacksOfThreads(t); told && (all[watchSlack] == 0 || all[nodeSlack] < spareThreads) {
		t.Errorf("all threads have %v", all)
	}
}

// slacksOfGoroutines counts the threads of goroutines that all sit in a system call, for which the watch thread finds threads, by their slack.
func slacksOfGoroutines(t *testing.T) map[time.Duration]int {
	t.Helper()
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		t.Fatal(err)
	}
	found := map[time.Duration]int{}
	var mu sync.Mutex
	var begun, done sync.WaitGroup
	for range spareThreads / 2 {
		begun.Add(1)
		done.Go(func() {
			mu.Lock()
			found[slack()]++
			mu.Unlock()
			begun.Done()
			_, _ = syscall.Read(pipe[0], make([]byte, 1)) // until the pipe is closed
		})
	}
	begun.Wait()
	_ = syscall.Close(pipe[1])
	done.Wait()
	_ = syscall.Close(pipe[0])
	return found
}

// slacksOfThreads counts all threads by their slack. Without CAP_SYS_NICE the kernel does not tell it.
func slacksOfThreads(t *testing.T) (found map[time.Duration]int, told bool) {
	t.Helper()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	found = map[time.Duration]int{}
	for _, thread := range threads {
		raw, err := os.ReadFile(filepath.Join("/proc", thread.Name(), "timerslack_ns"))
		if errors.Is(err, os.ErrPermission) {
			return nil, false
		}
		if err != nil {
			t.Fatal(err)
		}
		slack, err := time.ParseDuration(strings.TrimSpace(string(raw)) + "ns")
		if err != nil {
			t.Fatal(err)
		}
		found[slack]++
	}
	return found, true
}
