//go:build unix

package pgtest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is who the server runs as: it refuses to be root. The zero value is the user of the test.
type account struct {
	switches bool
	uid, gid int
}

// unprivileged finds a user without rights if the test runs as root.
func unprivileged() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return account{}, err
		}
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	return account{switches: true, uid: uid, gid: gid}, err
}

// own gives a file to the user.
func (a account) own(path string) error {
	if !a.switches {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// use lets a command run as the user.
func (a account) use(cmd *exec.Cmd) {
	// In a process group of its own: an interrupt at the keyboard is for the test.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.switches {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
}
