package postgres

import (
	"errors"
	"syscall"
)

// tcpUserTimeout is TCP_USER_TIMEOUT of Linux, which package syscall does not name.
const tcpUserTimeout = 18

// limitUnanswered breaks a connection whose data the other side does not acknowledge for ten seconds. Keepalive does not look while data is under
// way, and the kernel's own patience is a quarter of an hour.
func limitUnanswered(_, _ string, c syscall.RawConn) error {
	var set error
	err := c.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, 10_000)
		if errors.Is(set, syscall.EOPNOTSUPP) || errors.Is(set, syscall.ENOPROTOOPT) {
			set = nil // not TCP
		}
	})
	return errors.Join(err, set)
}
