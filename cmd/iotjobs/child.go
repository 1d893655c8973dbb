package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// child is a server in a process of its own, on free ports of this machine. What it prints goes to a file in its data directory.
type child struct {
	process   *os.Process
	addresses addresses
	log       string
	ended     chan struct{} // closed when the process is gone
	err       error         // how it ended; read it after ended
}

// Bounds on waiting for a server to be ready and to stop; a server drains for drainTimeout.
const (
	readyTimeout = time.Minute
	stopTimeout  = drainTimeout + 10*time.Second
)

var errNotReady = fmt.Errorf("the server was not ready within %s", readyTimeout)

// logPath is where a child prints.
func logPath(dir string) string { return filepath.Join(dir, "server.log") }

// startChild starts the server on a data directory and waits until it is ready. The caller stops it.
func startChild(ctx context.Context, dir string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{log: logPath(dir), ended: make(chan struct{})}
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the child has its own
	before, err := os.Stat(addressesPath(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// Not tied to ctx: it is to be stopped last, and gently.
	const any = "127.0.0.1:0"
	command := exec.Command(program, "serve", "--data", dir, "--http", any, "--admin", any, "--https", "off", "--mqtts", "off", "--mqtt", "off") //nolint:noctx // see above
	command.Stdout, command.Stderr, command.Env = log, log, withoutOurs(os.Environ())
	if err := command.Start(); err != nil {
		return nil, err
	}
	c.process = command.Process
	go func() {
		c.err = command.Wait()
		close(c.ended)
	}()
	if err := c.ready(ctx, dir, before); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// withoutOurs leaves out what would configure the server in another way than the command says.
func withoutOurs(environment []string) []string {
	var kept []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "IOTJOBS_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// ready waits until the server has written its addresses, over those of an earlier run, and answers.
func (c *child) ready(ctx context.Context, dir string, before fs.FileInfo) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyTimeout, errNotReady)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-c.ended:
			return c.failure()
		case <-ctx.Done():
			err := context.Cause(ctx)
			if errors.Is(err, errNotReady) {
				err = fmt.Errorf("%w%s", err, c.lastWords())
			}
			return err
		case <-ticker.C:
		}
		if c.readAddresses(dir, before) && answers(ctx, "http://"+c.addresses.Admin+"/readyz") {
			return nil
		}
	}
}

func (c *child) readAddresses(dir string, before fs.FileInfo) bool {
	path := addressesPath(dir)
	now, err := os.Stat(path)
	if err != nil || before != nil && os.SameFile(before, now) {
		return false
	}
	raw, err := os.ReadFile(path)
	return err == nil && json.Unmarshal(raw, &c.addresses) == nil
}

func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// watched ends with the server.
func (c *child) watched(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-c.ended:
			cancel(c.failure())
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// failure says how a server ended that should be running.
func (c *child) failure() error {
	how := "without an error"
	if c.err != nil {
		how = c.err.Error()
	}
	return fmt.Errorf("the server ended: %s%s", how, c.lastWords())
}

// lastWords are the last lines that the server printed.
func (c *child) lastWords() string {
	const lines, most = 5, 4 << 10
	raw, err := os.ReadFile(c.log)
	if err != nil || len(bytes.TrimSpace(raw)) == 0 {
		return ""
	}
	raw = raw[max(len(raw)-most, 0):]
	last := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	return "\n  " + string(bytes.Join(last[max(len(last)-lines, 0):], []byte("\n  ")))
}

// stop asks the server to stop and waits; one that does not is killed. It may be called again.
func (c *child) stop() error {
	select {
	case <-c.ended:
		return nil
	default:
	}
	if err := c.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(err, c.process.Kill())
	}
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case <-c.ended:
	case <-timer.C:
		err := c.process.Kill()
		<-c.ended
		return errors.Join(fmt.Errorf("the server did not stop within %s and was killed", stopTimeout), err)
	}
	if c.err != nil {
		return fmt.Errorf("the server stopped with an error: %w%s", c.err, c.lastWords())
	}
	return nil
}
