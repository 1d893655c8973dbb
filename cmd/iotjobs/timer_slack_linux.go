package main

import (
	"context"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// How late the kernel may wake a thread of a node that sleeps.
const (
	watchSlack = 5 * time.Millisecond   // the watch thread of Go's runtime
	nodeSlack  = 200 * time.Microsecond // all others; the kernel's default is 50 µs
)

// begunAgain is the environment variable that tells a program that it was begun again, so that it is not begun for ever where exec does not keep the slack.
const begunAgain = "IOTJOBS_BEGUN_AGAIN"

// wakeSeldom begins the program again so that the watch thread of Go's runtime sleeps longer. In a process that is neither idle nor busy, as one of several
// nodes on a machine is, that thread sleeps for some 20 µs at a time, over and over, and to wake it costs more than what it does then. Nothing else makes
// it sleep longer: a thread gets the slack of the one that made it, and the runtime makes this one before main. What it is needed for, taking a processor
// away from a goroutine that computes or sits in a system call for long, comes later then; the calls of a shared store are none of those. Where it cannot be
// done, nothing else is lost.
func wakeSeldom(ctx context.Context) {
	before := slack()
	if before >= watchSlack {
		wakeOthersInTime()
		return
	}
	program, err := os.Executable()
	if err != nil || os.Getenv(begunAgain) != "" {
		return
	}
	runtime.LockOSThread() // the slack is that of a thread, and exec keeps it
	defer runtime.UnlockOSThread()
	setSlack(watchSlack)
	if ctx.Err() == nil { // the new program would not know that it was told to stop
		_ = syscall.Exec(program, os.Args, append(os.Environ(), begunAgain+"=1")) // it returns only if it fails
	}
	setSlack(before)
}

// spareThreads is how many threads a node makes at its start, beside those that it has. The watch thread makes threads too, with its own slack, where all
// others sit in system calls.
const spareThreads = 16

// wakeOthersInTime gives less slack to all threads but the watch thread, and so to those that they make: threads that look for work sleep too, and a
// late one leaves a processor idle. Only a thread itself can change its slack, and no goroutine ever comes to the watch thread. So more goroutines than
// there are threads hold one each. One thread, which the runtime makes to wake those, may be left out.
func wakeOthersInTime() {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	var holding, done sync.WaitGroup
	count := len(threads) + spareThreads
	holding.Add(count)
	for range count {
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			setSlack(nodeSlack)
			holding.Done()
			holding.Wait()
		})
	}
	done.Wait()
}

// slack is that of the thread that asks; zero where the kernel does not tell.
func slack() time.Duration {
	slack, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_TIMERSLACK, 0, 0)
	if failed != 0 {
		return 0
	}
	return time.Duration(slack)
}

func setSlack(slack time.Duration) {
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_TIMERSLACK, uintptr(slack), 0) // without it all goes on as before
}
