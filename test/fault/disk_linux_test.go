package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"iotjobs/test/process"
)

// A disk that is full, at once or in the middle of a write. A limit on the size of files stands for it, which needs no privilege: to the server it
// is a write that fails or that is cut short.
func TestFullDisk(t *testing.T) {
	for name, room := range map[string]int64{"at once": -1, "in the middle of a write": 1500} {
		t.Run(name, func(t *testing.T) {
			c, err := newCampaign(t.Context(), t, clients*thingsOfClient, nil)
			if err != nil {
				t.Fatal(err)
			}
			fill := func() error {
				size, err := sizeOfLog(c.server)
				if err == nil {
					err = limitFiles(c.server, max(0, size+room))
				}
				return err
			}
			survives(t, c, fill, "file too large")
		})
	}
}

// A disk that does not sync: nobody knows what is on it, so nothing is acknowledged any more until the server has started anew.
func TestFailingSync(t *testing.T) {
	s := newSyncs()
	t.Cleanup(s.close)
	if err := tryOut(t.Context(), s); err != nil {
		t.Fatalf("%v. The kernel lets no process here ask the test at its syncs: run this on Linux 5.5 or later, and not in a container that has "+
			"such a filter itself. The failing syncs of the store alone are tested in internal/store/pebble.", err)
	}
	c, err := newCampaign(t.Context(), t, clients*thingsOfClient, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	c.server.Wrap = s.wrap
	if err := errors.Join(c.server.Start(t.Context()), c.connect()); err != nil {
		t.Fatal(err)
	}
	survives(t, c, func() error {
		c.server.Wrap = nil // the next process has another disk
		s.failing.Store(true)
		return nil
	}, "input/output error")
	if s.failed.Load() == 0 {
		t.Error("no sync has failed")
	}
}

// survives lets a disk break while clients write. From then on nothing must be acknowledged, and monitoring and log say why; after a new start
// on a disk that works everything is there that was acknowledged, and the server goes on.
func survives(t *testing.T, c *campaign, breakDisk func() error, why string) {
	t.Helper()
	repair := func(ctx context.Context) error {
		return errors.Join(c.stopped(ctx, why), c.stop(), c.server.Start(ctx))
	}
	if err := c.runRound(t.Context(), breakDisk, repair); err != nil {
		t.Fatal(err)
	}
	if err := c.runRound(t.Context(), c.server.Kill, c.server.Start); err != nil {
		t.Fatal(err)
	}
	if err := c.compareEverything(t.Context()); err != nil {
		t.Error(err)
	}
}

// stopped demands a server that acknowledges nothing and says why.
func (c *campaign) stopped(ctx context.Context, why string) error {
	var faults []error
	if status, text := c.server.Readyz(ctx); status != http.StatusServiceUnavailable || !strings.Contains(text, why) {
		faults = append(faults, fmt.Errorf("/readyz says %d %q, not why it is not ready: %s", status, text, why))
	}
	if log := c.server.Log(); !strings.Contains(log, "the store stops") || !strings.Contains(log, why) {
		faults = append(faults, fmt.Errorf("the log does not say why the store stops: %s:\n%s", why, log))
	}
	before := c.acks.Load()
	for range 5 {
		_ = c.eachClient(func(cl *client) error { cl.work(ctx); return nil })
	}
	if acks := c.acks.Load() - before; acks > 0 {
		faults = append(faults, fmt.Errorf("%d writes were acknowledged after that", acks))
	}
	return errors.Join(append(faults, c.faultsOfClients()...)...)
}

// tryOut runs something harmless in a sandbox.
func tryOut(ctx context.Context, s *syncs) error {
	command := exec.CommandContext(ctx, binary, "--help")
	command.Env = os.Environ()
	if err := s.wrap(command); err != nil {
		return err
	}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// sizeOfLog is how far the store has written the log to which it appends.
func sizeOfLog(s *process.Server) (int64, error) {
	logs, err := filepath.Glob(filepath.Join(s.Dir, "store", "*.log"))
	if err != nil || len(logs) == 0 {
		return 0, fmt.Errorf("no log in %s, %w", s.Dir, err)
	}
	info, err := os.Stat(slices.Max(logs)) // the newest has the highest number
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// limitFiles lets no file of the process grow beyond a size, in bytes.
func limitFiles(s *process.Server, size int64) error {
	limit := syscall.Rlimit{Cur: uint64(size), Max: ^uint64(0)}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(s.Process().Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("limit the files of the server: %w", errno)
	}
	return nil
}
