package process

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

// Server is the binary on a data directory. It is started again and again, each time in a new process. One at a time may start and end it; everybody may ask.
type Server struct {
	Binary, Dir string
	// Flags are those of serve, without --data.
	Flags []string
	// Wrap changes the command that runs the server; nil leaves it as it is.
	Wrap func(*exec.Cmd) error

	mu        sync.Mutex
	log       *Log
	process   *os.Process
	ended     chan struct{} // closed when the process is gone
	addresses Addresses
}

// Addresses are where a server listens, each host and port.
type Addresses struct{ HTTP, HTTPS, Admin string }

// Launch starts a process and does not wait for it.
func (s *Server) Launch() error {
	// A killed server leaves its addresses behind, and somebody else may listen there by now.
	if err := os.Remove(s.addressesPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	command := exec.Command(s.Binary, append([]string{"serve", "--data", s.Dir}, s.Flags...)...) //nolint:noctx // it is ended by End
	// Through a pipe, so that it can log when it can write no file any more.
	log, ended := &Log{}, make(chan struct{})
	command.Env, command.Stderr = withoutOurs(os.Environ()), log
	if s.Wrap != nil {
		if err := s.Wrap(command); err != nil {
			return err
		}
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.mu.Lock()
	s.process, s.log, s.ended = command.Process, log, ended
	s.mu.Unlock()
	go func() {
		_ = command.Wait() // it is killed more often than not
		close(ended)
	}()
	return nil
}

// Start starts a process and waits until it is ready.
func (s *Server) Start(ctx context.Context) error {
	if err := s.Launch(); err != nil {
		return err
	}
	return s.AwaitReady(ctx)
}

// AwaitReady waits until /readyz says so.
func (s *Server) AwaitReady(ctx context.Context) error {
	return s.Eventually(ctx, "ready", func() bool {
		raw, err := os.ReadFile(s.addressesPath())
		if err != nil {
			return false
		}
		var addresses Addresses
		if err := json.Unmarshal(raw, &addresses); err != nil {
			return false
		}
		s.mu.Lock()
		s.addresses = addresses
		s.mu.Unlock()
		status, _ := s.Readyz(ctx)
		return status == http.StatusOK
	})
}

// AwaitEnd waits until the process has ended by itself.
func (s *Server) AwaitEnd(ctx context.Context) error {
	ended := s.Ended()
	return Eventually(ctx, "the server in "+s.Dir+" ends", func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
}

func (s *Server) addressesPath() string { return filepath.Join(s.Dir, "run", "addresses.json") }

// Addresses are those of the last start that was awaited.
func (s *Server) Addresses() Addresses {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addresses
}

// Endpoint is where clients reach the server.
func (s *Server) Endpoint() string { return "http://" + s.Addresses().HTTP }

// Process is the one that was started last.
func (s *Server) Process() *os.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// Ended is closed when the process that was started last is gone.
func (s *Server) Ended() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// Log is the end of what the process that was started last has logged.
func (s *Server) Log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log == nil {
		return ""
	}
	return s.log.String()
}

// Eventually waits for a condition that a living server brings about.
func (s *Server) Eventually(ctx context.Context, what string, condition func() bool) error {
	alive, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := s.Ended()
	go func() {
		select {
		case <-ended:
			cancel(errors.New("the server has ended"))
		case <-alive.Done():
		}
	}()
	if err := Eventually(alive, what, condition); err != nil {
		return fmt.Errorf("the server in %s: %w; it logged:\n%s", s.Dir, err, s.Log())
	}
	return nil
}

// Readyz is what a load balancer sees; status 0 is no answer.
func (s *Server) Readyz(ctx context.Context) (status int, text string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Addresses().Admin+"/readyz", nil)
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

// Kill ends the process as a power cut would, but for the page cache.
func (s *Server) Kill() error { return s.end(syscall.SIGKILL) }

// Stop asks the process to end.
func (s *Server) Stop() error { return s.end(syscall.SIGTERM) }

func (s *Server) end(signal syscall.Signal) error {
	process, ended := s.Process(), s.Ended()
	if process == nil {
		return nil
	}
	if err := process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(Limit)
	defer timer.Stop()
	select {
	case <-ended:
		return nil
	case <-timer.C:
		err := process.Kill()
		<-ended
		return errors.Join(fmt.Errorf("the server in %s did not end within %s of %s; it logged:\n%s", s.Dir, Limit, signal, s.Log()), err)
	}
}

// Operator runs a command of the operator, and returns what it printed.
func (s *Server) Operator(ctx context.Context, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, s.Binary, arguments...)
	command.Env = withoutOurs(os.Environ())
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("iotjobs %s: %w\n%s%s", strings.Join(arguments, " "), err, out, complaints.Bytes())
	}
	return string(out), nil
}

// withoutOurs leaves out what would configure the server in another way than the flags say.
func withoutOurs(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool { return strings.HasPrefix(variable, "IOTJOBS_") })
}
