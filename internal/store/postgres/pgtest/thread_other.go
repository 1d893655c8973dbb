//go:build !linux

package pgtest

import "os/exec"

// dieWithThread has no other means than Stop here.
func dieWithThread(*exec.Cmd) {}
