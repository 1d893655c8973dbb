package main

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// timerSlack is how late the kernel may wake a thread of a node that sleeps.
const timerSlack = 500 * time.Microsecond

// slackVariable tells a program that it was begun again, so that it is not begun for ever where exec does not keep the slack.
const slackVariable = "IOTJOBS_TIMER_SLACK"

// wakeSeldom begins the program again with more slack for its timers. In a process that is neither idle nor busy, as one of several nodes on a machine
// is, the watch thread of Go's runtime sleeps for a few microseconds at a time, over and over, and to wake it costs more than what it does then. A thread
// gets the slack of the one that made it, and the runtime makes its own before main. Much more slack makes one busy node slower, since threads that look
// for work sleep too. Where it cannot be done, nothing else is lost.
func wakeSeldom() {
	if os.Getenv(slackVariable) != "" {
		return
	}
	runtime.LockOSThread() // the slack is that of a thread, and exec keeps it
	defer runtime.UnlockOSThread()
	if slack, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_TIMERSLACK, 0, 0); failed != 0 || slack >= uintptr(timerSlack) {
		return
	}
	if _, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_TIMERSLACK, uintptr(timerSlack), 0); failed != 0 {
		return
	}
	program, err := os.Executable()
	if err != nil {
		return
	}
	_ = syscall.Exec(program, os.Args, append(os.Environ(), slackVariable+"="+timerSlack.String())) // it returns only if it fails
}
