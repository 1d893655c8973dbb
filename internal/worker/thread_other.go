//go:build !linux

package worker

import "time"

var started = time.Now() //nolint:forbidigo // there is no clock of the thread here, and all that counts is a difference

// ThreadTime is the time that has passed: a step then counts what it waits, too, and pauses longer.
func ThreadTime() time.Duration { return time.Since(started) } //nolint:forbidigo // as above
