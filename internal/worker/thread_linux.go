package worker

import (
	"syscall"
	"time"
)

// ThreadTime is what the calling thread has computed so far.
func ThreadTime() time.Duration {
	const thisThread = 1 // RUSAGE_THREAD, which package syscall does not name
	var used syscall.Rusage
	if err := syscall.Getrusage(thisThread, &used); err != nil {
		return 0 // impossible: the arguments are good
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
