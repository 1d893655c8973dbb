//go:build !linux

package postgres

import "syscall"

// limitUnanswered has no means here; the kernel decides when a connection is broken.
func limitUnanswered(_, _ string, _ syscall.RawConn) error { return nil }
