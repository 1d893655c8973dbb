package postgres

import (
	"fmt"
	"runtime/debug"
)

// guard turns a panic in a caller's function into its error.
func guard(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return fn()
}
