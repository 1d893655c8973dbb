//go:build (linux || darwin) && !race

package pebble

import "syscall"

// allocate returns zeroed memory that the garbage collector does not count: it lets garbage grow to the size of what it counts. The system provides a
// part of it when it is first used. (Not with the race detector, which does not watch it.)
func allocate(size int) ([]byte, error) {
	return syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
}

func free(memory []byte) error { return syscall.Munmap(memory) }
