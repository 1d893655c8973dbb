package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is the binary on a data directory. It is started again and again, each time in a new process on new ports.
type server struct {
	dir string
	// wrapped makes the command that runs the server; nil runs it as it is.
	wrapped func(*exec.Cmd) error

	process   *os.Process
	log       *lastBytes
	ended     chan struct{} // closed when the process is gone
	addresses struct{ HTTP, Admin string }
}

// launch starts a process and does not wait for it.
func (s *server) launch() error {
	// A killed server leaves its addresses behind, and somebody else may listen there by now.
	if err := os.Remove(s.addressesPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	const anyPort = "127.0.0.1:0"
	arguments := []string{
		"serve", "--data", s.dir, "--http", anyPort, "--https", "off", "--mqtts", "off", "--admin", anyPort,
		"--max-rollout-per-minute", "0", "--max-active-jobs", "0",
	}
	command := exec.Command(binary, arguments...) //nolint:noctx // it is killed by hand
	command.Env = withoutOurs(os.Environ())
	// Through a pipe, so that it can log when it can write no file any more.
	s.log = &lastBytes{}
	command.Stderr = s.log
	if s.wrapped != nil {
		if err := s.wrapped(command); err != nil {
			return err
		}
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.process = command.Process
	ended := make(chan struct{})
	s.ended = ended
	go func() {
		_ = command.Wait() // it is killed more often than not
		close(ended)
	}()
	return nil
}

// start starts a process and waits until it is ready.
func (s *server) start(ctx context.Context) error {
	if err := s.launch(); err != nil {
		return err
	}
	return s.eventually(ctx, "ready", func() bool {
		raw, err := os.ReadFile(s.addressesPath())
		if err != nil || json.Unmarshal(raw, &s.addresses) != nil {
			return false
		}
		status, _ := s.readyz(ctx)
		return status == http.StatusOK
	})
}

func (s *server) addressesPath() string { return filepath.Join(s.dir, "run", "addresses.json") }

// eventually waits for a condition that a living server brings about.
func (s *server) eventually(ctx context.Context, what string, condition func() bool) error {
	alive, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := s.ended
	go func() {
		select {
		case <-ended:
			cancel(errors.New("the server has ended"))
		case <-alive.Done():
		}
	}()
	if err := eventually(alive, what, condition); err != nil {
		return fmt.Errorf("%w; it logged:\n%s", err, s.log)
	}
	return nil
}

// eventually waits for a condition.
func eventually(ctx context.Context, what string, condition func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not within %s", limit))
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for: %s: %w", what, context.Cause(ctx))
		}
	}
	return nil
}

// readyz is what monitoring sees; status 0 is no answer.
func (s *server) readyz(ctx context.Context) (status int, text string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addresses.Admin+"/readyz", nil)
	if err != nil {
		return 0, err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(raw)
}

// kill ends the process as a power cut would, but for the page cache.
func (s *server) kill() error { return s.end(syscall.SIGKILL) }

// stop asks the process to end.
func (s *server) stop() error { return s.end(syscall.SIGTERM) }

func (s *server) end(signal syscall.Signal) error {
	if s.process == nil {
		return nil
	}
	if err := s.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.ended:
		return nil
	case <-timer.C:
		err := s.process.Kill()
		<-s.ended
		return errors.Join(fmt.Errorf("the server did not end within %s of %s; it logged:\n%s", limit, signal, s.log), err)
	}
}

// operator runs a command of the operator.
func (s *server) operator(ctx context.Context, arguments ...string) error {
	command := exec.CommandContext(ctx, binary, append(arguments, "--data", s.dir)...)
	command.Env = withoutOurs(os.Environ())
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("iotjobs %s: %w\n%s", strings.Join(arguments, " "), err, out)
	}
	return nil
}

// withoutOurs leaves out what would configure the server in another way than the flags say.
func withoutOurs(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool { return strings.HasPrefix(variable, "IOTJOBS_") })
}

// lastBytes keeps the end of a log.
type lastBytes struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (l *lastBytes) Write(p []byte) (int, error) {
	const most = 64 << 10
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept.Len() > most {
		l.kept.Next(most / 2)
	}
	return l.kept.Write(p)
}

func (l *lastBytes) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}
