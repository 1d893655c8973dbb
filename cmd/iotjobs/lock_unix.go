//go:build unix

package main

import (
	"os"
	"syscall"
)

// lockFile locks an open file until it is closed, or refuses at once.
func lockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
