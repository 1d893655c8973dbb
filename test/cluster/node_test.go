package cluster

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
	"testing"
	"time"

	"iotjobs/internal/freeport"
)

// node is one server. It is started again and again on the same ports.
type node struct {
	name, dir, key, store string
	http, admin           string // where it listens
	drain                 string // --drain-delay
	flags                 []string

	mu        sync.Mutex
	process   *os.Process
	log       *lastBytes
	ended     chan struct{} // closed when the process is gone
	addresses struct{ HTTP, HTTPS, Admin string }
}

// newNode has a directory of its own, and the key file of the house. It is not started.
func (h *house) newNode(name, store string, flags ...string) *node {
	h.t.Helper()
	n := &node{
		name: name, dir: filepath.Join(h.dir, name), key: filepath.Join(h.dir, "key"), store: store, http: h.address(), admin: h.address(), drain: "1s",
		flags: flags, log: &lastBytes{},
	}
	h.t.Cleanup(func() {
		if err := n.kill(); err != nil {
			h.t.Error(err)
		}
		if h.t.Failed() {
			h.t.Logf("the end of what node %s logged:\n%s", name, n.log)
		}
	})
	return n
}

// address is one that only a server gets which is told to listen there.
func (h *house) address() string {
	h.t.Helper()
	port, release, err := freeport.Keep()
	h.must(err)
	h.t.Cleanup(release)
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// launch starts a process and does not wait for it.
func (n *node) launch() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := os.Remove(n.addressesPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	arguments := append([]string{
		"serve", "--data", n.dir, "--store", n.store, "--key-file", n.key, "--http", n.http, "--https", "off", "--admin", n.admin, "--drain-delay", n.drain,
	}, n.flags...)
	command := exec.Command(binary, arguments...) //nolint:noctx // it is killed by hand
	command.Env, command.Stderr = withoutOurs(os.Environ()), n.log
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	n.process, n.ended = command.Process, ended
	go func() {
		_ = command.Wait() // it is killed more often than not
		close(ended)
	}()
	return nil
}

func (n *node) start(ctx context.Context) error {
	if err := n.launch(); err != nil {
		return err
	}
	return n.awaitReady(ctx)
}

func (n *node) awaitReady(ctx context.Context) error {
	return n.eventually(ctx, "ready", func() bool {
		raw, err := os.ReadFile(n.addressesPath())
		if err != nil {
			return false
		}
		n.mu.Lock()
		err = json.Unmarshal(raw, &n.addresses)
		n.mu.Unlock()
		if err != nil {
			return false
		}
		status, _ := n.readyz(ctx)
		return status == http.StatusOK
	})
}

// awaitEnd waits until the process has ended by itself.
func (n *node) awaitEnd(ctx context.Context) error {
	return eventually(ctx, "node "+n.name+" ends", func() bool {
		select {
		case <-n.ended:
			return true
		default:
			return false
		}
	})
}

func (n *node) addressesPath() string { return filepath.Join(n.dir, "run", "addresses.json") }

// endpoint is where devices reach the node.
func (n *node) endpoint() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return "http://" + n.addresses.HTTP
}

// eventually waits for a condition that a living node brings about.
func (n *node) eventually(ctx context.Context, what string, condition func() bool) error {
	alive, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := n.ended
	go func() {
		select {
		case <-ended:
			cancel(errors.New("the server has ended"))
		case <-alive.Done():
		}
	}()
	if err := eventually(alive, what, condition); err != nil {
		return fmt.Errorf("node %s: %w", n.name, err)
	}
	return nil
}

// eventually waits for a condition.
func eventually(ctx context.Context, what string, condition func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not within %s", limit))
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
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

// readyz is what a load balancer sees; status 0 is no answer.
func (n *node) readyz(ctx context.Context) (status int, text string) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	n.mu.Lock()
	url := "http://" + n.addresses.Admin + "/readyz"
	n.mu.Unlock()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
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

func (n *node) kill() error { return n.end(syscall.SIGKILL) }

func (n *node) stop() error { return n.end(syscall.SIGTERM) }

func (n *node) end(signal syscall.Signal) error {
	if n.process == nil {
		return nil
	}
	if err := n.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-n.ended:
		return nil
	case <-timer.C:
		err := n.process.Kill()
		<-n.ended
		return errors.Join(fmt.Errorf("node %s did not end within %s of %s", n.name, limit, signal), err)
	}
}

// operator runs a command of the operator on the node, running or stopped.
func (n *node) operator(ctx context.Context, arguments ...string) (string, error) {
	return iotjobs(ctx, append(arguments, "--data", n.dir, "--store", n.store, "--key-file", n.key)...)
}

// check lets the running node check the store, checkDatabase a command that opens the database itself.
func (n *node) check(ctx context.Context) error {
	_, err := iotjobs(ctx, "store", "check", "--data", n.dir)
	return err
}

func (n *node) checkDatabase(ctx context.Context) error {
	_, err := iotjobs(ctx, "store", "check", "--store", n.store)
	return err
}

func iotjobs(ctx context.Context, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, binary, arguments...)
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

// house is where the nodes of a test live.
type house struct {
	t   *testing.T
	dir string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster-") //nolint:usetesting // the path of t.TempDir is so long that too little is left for that of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return &house{t, dir}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}
