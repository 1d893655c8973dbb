package fault

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"iotjobs/test/process"
)

// A sandbox is a process whose syncs fail when the test wants it. It needs no privilege: before the program is executed, the process installs a
// filter with which the kernel asks the test at every sync whether to do it or what error to return (seccomp's user notification, Linux 5.5).

// sandboxVariable makes the test binary a process that installs the filter and then becomes the program that its arguments say.
const sandboxVariable = "FAULT_SANDBOX"

func init() {
	if os.Getenv(sandboxVariable) != "" {
		fmt.Fprintln(os.Stderr, "sandbox:", enterSandbox(os.Args[1:]))
		os.Exit(1)
	}
}

// Of the kernel's interface: linux/prctl.h, linux/seccomp.h and linux/filter.h.
const (
	setNoNewPrivs       = 38
	setModeFilter       = 1
	flagNewListener     = 1 << 3
	loadWord            = 0x20 // BPF_LD|BPF_W|BPF_ABS
	jumpIfEqual         = 0x15 // BPF_JMP|BPF_JEQ|BPF_K
	giveBack            = 0x06 // BPF_RET|BPF_K
	notify              = 0x7fc00000
	allow               = 0x7fff0000
	flagContinue        = 1
	receiveNotification = 0xc0502100
	sendResponse        = 0xc0182101
)

// seccomp is the number of the system call, which package syscall does not know.
var seccomp = map[string]uintptr{"amd64": 317, "arm64": 277}[runtime.GOARCH]

// instruction is struct sock_filter.
type instruction struct {
	code    uint16
	ifEqual uint8 // how many instructions to pass over
	_       uint8 // the same if it is not equal: none
	value   uint32
}

// askAtSyncs allows every system call but the syncs.
var askAtSyncs = []instruction{
	{code: loadWord}, // the number of the call
	{code: jumpIfEqual, ifEqual: 2, value: syscall.SYS_FSYNC},
	{code: jumpIfEqual, ifEqual: 1, value: syscall.SYS_FDATASYNC},
	{code: giveBack, value: allow},
	{code: giveBack, value: notify},
}

// notification is struct seccomp_notif.
type notification struct {
	id         uint64
	pid, flags uint32
	call       int32
	arch       uint32
	pointer    uint64
	args       [6]uint64
}

// response is struct seccomp_notif_resp.
type response struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

// socketOfTest is where the sandbox sends the file from which the test receives notifications.
const socketOfTest = 3

// enterSandbox returns only if it fails.
func enterSandbox(arguments []string) error {
	runtime.LockOSThread() // the filter is one of the thread
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, setNoNewPrivs, 1, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("give up privileges: %w", errno)
	}
	program := struct {
		length uint16
		first  *instruction
	}{uint16(len(askAtSyncs)), &askAtSyncs[0]}
	listener, _, errno := syscall.RawSyscall(seccomp, setModeFilter, flagNewListener, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return fmt.Errorf("install the filter: %w", errno)
	}
	if err := syscall.Sendmsg(socketOfTest, []byte{0}, syscall.UnixRights(int(listener)), nil, 0); err != nil {
		return fmt.Errorf("send the file: %w", err)
	}
	syscall.CloseOnExec(socketOfTest)
	return syscall.Exec(arguments[0], arguments, os.Environ())
}

// syncs answers for the kernel how the syncs of a sandbox end.
type syncs struct {
	failing atomic.Bool
	failed  atomic.Int64 // that were made to fail
	end     chan struct{}
	group   sync.WaitGroup
}

func newSyncs() *syncs { return &syncs{end: make(chan struct{})} }

// close must be called when the sandboxes have ended.
func (s *syncs) close() {
	close(s.end)
	s.group.Wait()
}

// wrap makes a command, before it is started, one in a sandbox.
func (s *syncs) wrap(command *exec.Cmd) error {
	test, err := os.Executable()
	if err != nil {
		return err
	}
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	ours, theirs := os.NewFile(uintptr(ends[0]), "ours"), os.NewFile(uintptr(ends[1]), "theirs")
	command.Path, command.Args = test, append([]string{test, command.Path}, command.Args[1:]...)
	command.Env = append(command.Env, sandboxVariable+"=1")
	command.ExtraFiles = []*os.File{theirs}
	s.group.Go(func() {
		listener, err := receiveFile(ours)
		err = errors.Join(err, ours.Close(), theirs.Close())
		if err == nil {
			err = errors.Join(s.serve(listener), syscall.Close(listener))
		}
		if err != nil { // the test finds a server that does not start
			fmt.Fprintln(os.Stderr, "syncs of a sandbox:", err)
		}
	})
	return nil
}

// receiveFile waits for the sandbox to send its file.
func receiveFile(from *os.File) (int, error) {
	conn, err := net.FileConn(from)
	if err != nil {
		return 0, err
	}
	defer conn.Close() //nolint:errcheck // it was only read
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, fmt.Errorf("a %T is no Unix socket", conn)
	}
	if err := unix.SetReadDeadline(time.Now().Add(process.Limit)); err != nil {
		return 0, err
	}
	rights := make([]byte, syscall.CmsgSpace(4))
	_, n, _, _, err := unix.ReadMsgUnix(make([]byte, 1), rights)
	if err != nil {
		return 0, err
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return 0, fmt.Errorf("%d messages, %w", len(messages), err)
	}
	files, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(files) != 1 {
		return 0, fmt.Errorf("%d files, %w", len(files), err)
	}
	return files[0], nil
}

// serve answers until the sandbox is gone.
func (s *syncs) serve(listener int) error {
	for {
		select {
		case <-s.end:
			return nil
		default:
		}
		asked, gone, err := poll(listener, 100*time.Millisecond)
		if gone || err != nil {
			return err
		}
		if asked {
			if err := s.answer(listener); err != nil {
				return err
			}
		}
	}
}

func (s *syncs) answer(listener int) error {
	var n notification
	if errno := ioctl(listener, receiveNotification, unsafe.Pointer(&n)); errno != 0 {
		return passed(errno)
	}
	r := response{id: n.id, flags: flagContinue}
	if s.failing.Load() {
		r = response{id: n.id, errno: -int32(syscall.EIO)}
		s.failed.Add(1)
	}
	return passed(ioctl(listener, sendResponse, unsafe.Pointer(&r)))
}

// passed is the error of a call, without those that say that the one who asked was killed meanwhile.
func passed(errno syscall.Errno) error {
	if errno == 0 || errno == syscall.ENOENT || errno == syscall.EINTR || errno == syscall.EINPROGRESS {
		return nil
	}
	return errno
}

func ioctl(file int, request uintptr, argument unsafe.Pointer) syscall.Errno {
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(file), request, uintptr(argument))
	return errno
}

// poll waits until there is something to receive, or nobody who could ask is left.
func poll(file int, most time.Duration) (ready, gone bool, err error) {
	const in, hangUp = 0x1, 0x10
	p := struct {
		file            int32
		events, happens int16
	}{file: int32(file), events: in}
	wait := syscall.NsecToTimespec(most.Nanoseconds())
	_, _, errno := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, uintptr(unsafe.Pointer(&wait)), 0, 0, 0)
	if errno != 0 && errno != syscall.EINTR {
		return false, false, errno
	}
	return p.happens&in != 0, p.happens&hangUp != 0, nil
}
