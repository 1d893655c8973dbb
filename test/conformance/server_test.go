package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a real server in a process of its own, on free ports of this machine.
type server struct {
	t         *testing.T
	dir       string
	flags     []string
	addresses struct{ HTTP, HTTPS, Admin string }
	keys      credentials // of the administrator

	command *exec.Cmd
	log     *bytes.Buffer // read it only when the process has ended
	ended   chan struct{} // closed when the process is gone; nil before its first start
	err     error         // how it ended; read it after ended
}

// Bounds on waiting for a server to be ready, to answer and to stop, on a very busy machine.
const (
	readyTimeout = time.Minute
	adminTimeout = time.Minute
	stopTimeout  = time.Minute
)

// startServer starts a server on a new state directory, with flags beyond the usual ones. It is stopped when the test ends; if the test has
// failed, its log is shown.
func startServer(t *testing.T, flags ...string) *server {
	t.Helper()
	if err := lookAtSources(); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "conformance-") //nolint:usetesting // the path of t.TempDir is so long that too little is left for that of a socket
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: dir, flags: flags}
	t.Cleanup(func() {
		s.stop(syscall.SIGTERM)
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s.start()
	return s
}

// start starts the process and waits until it answers.
func (s *server) start() {
	s.t.Helper()
	const anyPort = "127.0.0.1:0"
	arguments := slices.Concat([]string{
		"serve", "--data", s.dir, "--http", anyPort, "--https", anyPort, "--admin", anyPort, "--region", region, "--account-id", account,
		"--mqtts", "off", "--log-level", "debug",
	}, s.flags)
	s.command = exec.CommandContext(context.WithoutCancel(s.t.Context()), binary, arguments...) // the cleanup stops it, gently
	s.command.Env = withoutOurs(os.Environ())
	before, err := os.Stat(s.addressesPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.t.Fatal(err)
	}
	stdout, err := os.Create(s.stdoutPath())
	if err != nil {
		s.t.Fatal(err)
	}
	s.log = new(bytes.Buffer)
	s.command.Stdout, s.command.Stderr = stdout, s.log
	if err := errors.Join(s.command.Start(), stdout.Close()); err != nil { // the process has its own
		s.t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func() {
		s.err = s.command.Wait()
		close(s.ended)
	}()
	s.waitUntilReady(before)
	s.readKeys()
}

// withoutOurs leaves out what would configure the server in another way than the flags say.
func withoutOurs(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool { return strings.HasPrefix(variable, "IOTJOBS_") })
}

// stdoutPath is where what the server prints goes to. It must not be in memory: a newcomer's shell reads it while the server runs.
func (s *server) stdoutPath() string { return filepath.Join(s.dir, "stdout") }

// printed is what the server has told the person who started it.
func (s *server) printed() string {
	s.t.Helper()
	raw, err := os.ReadFile(s.stdoutPath())
	if err != nil {
		s.t.Fatal(err)
	}
	return string(raw)
}

// waitUntilReady waits until the server has written its addresses, over those of one that was killed, and answers.
func (s *server) waitUntilReady(before fs.FileInfo) {
	s.t.Helper()
	deadline := time.NewTimer(readyTimeout)
	defer deadline.Stop()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !s.ready(before) {
		select {
		case <-s.ended:
			s.t.Fatalf("the server has ended: %v", s.err)
		case <-deadline.C:
			s.t.Fatalf("the server was not ready within %s", readyTimeout)
		case <-ticker.C:
		}
	}
}

func (s *server) ready(before fs.FileInfo) bool {
	s.t.Helper()
	now, err := os.Stat(s.addressesPath())
	if errors.Is(err, fs.ErrNotExist) || before != nil && os.SameFile(before, now) {
		return false
	}
	raw, err := os.ReadFile(s.addressesPath())
	if err == nil {
		err = json.Unmarshal(raw, &s.addresses)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	status, _ := s.admin(http.MethodGet, "/readyz", "")
	return status == http.StatusOK
}

// addressesPath is where a server tells which ports it has got, as long as it runs.
func (s *server) addressesPath() string { return filepath.Join(s.dir, "run", "addresses.json") }

// admin calls the admin listener; status 0 is no answer.
func (s *server) admin(method, path, body string) (status int, text string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), adminTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+s.addresses.Admin+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
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

// advance moves the virtual clock.
func (s *server) advance(duration string) {
	s.t.Helper()
	if status, text := s.admin(http.MethodPost, "/clock/advance", `{"duration":"`+duration+`"}`); status != http.StatusOK {
		s.t.Fatalf("advance by %s: %d %s", duration, status, text)
	}
}

// readKeys reads the administrator's access key from the profile that the first start has written.
func (s *server) readKeys() {
	s.t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, "aws", "credentials"))
	if err != nil {
		s.t.Fatal(err)
	}
	m := accessKey.FindSubmatch(raw)
	if m == nil {
		s.t.Fatalf("no access key in aws/credentials")
	}
	s.keys = credentials{AccessKeyID: string(m[1]), SecretAccessKey: string(m[2])}
}

var accessKey = regexp.MustCompile(`aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)`)

// restart ends the server with a signal and starts it again on the same directory. Its addresses change.
func (s *server) restart(signal syscall.Signal) {
	s.t.Helper()
	s.stop(signal)
	s.start()
}

// stop ends the process with a signal and waits. Told gently, it must end without an error.
func (s *server) stop(signal syscall.Signal) {
	s.t.Helper()
	if s.ended == nil {
		return
	}
	if err := s.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case <-s.ended:
		if s.err != nil && signal != syscall.SIGKILL {
			s.t.Errorf("the server ended: %v", s.err)
		}
	case <-timer.C:
		s.t.Errorf("the server did not stop within %s and was killed", stopTimeout)
		_ = s.command.Process.Kill() // it may have ended just now
		<-s.ended
	}
}
