package pgtest

import (
	"os/exec"
	"syscall"
)

// dieWithThread lets the kernel end the command when the thread that starts it ends, with the whole test at the latest.
func dieWithThread(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }
