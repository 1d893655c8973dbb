package freeport

import (
	"errors"
	"syscall"
)

// keep binds a socket that never listens. With SO_REUSEADDR on both sides, which servers set anyway, Linux lets another one listen there.
func keep() (port int, release func(), err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, err
	}
	err = errors.Join(
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1),
		syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}),
	)
	if err == nil {
		var bound syscall.Sockaddr
		if bound, err = syscall.Getsockname(fd); err == nil {
			port = bound.(*syscall.SockaddrInet4).Port
		}
	}
	if err != nil {
		return 0, nil, errors.Join(err, syscall.Close(fd))
	}
	return port, func() { _ = syscall.Close(fd) }, nil
}
