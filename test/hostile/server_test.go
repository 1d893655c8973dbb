// Package hostile plays the client that nobody wants against the real binary: malformed, oversized, half-sent, slow and too many requests.
// Each must end in an answer that an AWS client understands, or in a closed connection, and must change nothing.
package hostile

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"iotjobs/internal/fleet"
)

// server is the binary, running for all tests of the package.
type server struct {
	process *os.Process
	ended   chan struct{} // closed when it is gone
	err     error         // how it ended; read it after ended
	log     string        // the file with what it wrote to stderr

	HTTP, HTTPS, Admin string // addresses
	profile            fleet.Profile
	roots              *x509.CertPool
	before             string // its state when the tests begin
}

// limit bounds the wait for anything that must happen on a machine however busy.
const limit = time.Minute

// under is the server under test; TestMain starts it.
var under *server

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hostile-")
	if err != nil {
		panic(err)
	}
	status := 1
	if under, err = start(dir); err == nil {
		status = m.Run()
		err = errors.Join(under.stop(), checkLog(under.log))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

// start builds the binary, runs it and makes what the tests attack: the thing lamp with the job blink IN_PROGRESS and the job dim QUEUED.
func start(dir string) (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*limit)
	defer cancel()
	program := filepath.Join(dir, "iotjobs")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "iotjobs/cmd/iotjobs").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w: %s", err, out)
	}
	s := &server{log: filepath.Join(dir, "log"), ended: make(chan struct{})}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the server has its own
	data := filepath.Join(dir, "data")
	const any = "127.0.0.1:0"
	// Not tied to ctx: it outlives it and is stopped by stop.
	command := exec.Command(program, "serve", "--data", data, "--http", any, "--https", any, "--admin", any, "--log-level", "debug") //nolint:noctx // see above
	command.Stderr = log
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "IOTJOBS_") {
			command.Env = append(command.Env, variable)
		}
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s.process = command.Process
	go func() {
		s.err = command.Wait()
		close(s.ended)
	}()
	if err = s.ready(ctx, data); err == nil {
		err = s.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// ready waits for the server's addresses and reads its profile.
func (s *server) ready(ctx context.Context, data string) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		raw, err := os.ReadFile(filepath.Join(data, "run", "addresses.json"))
		if err == nil {
			if err := json.Unmarshal(raw, s); err != nil {
				return err
			}
			break
		}
		select {
		case <-ticker.C:
		case <-s.ended:
			return fmt.Errorf("the server ended: %w", s.err)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	pem, err := os.ReadFile(filepath.Join(data, "tls", "ca.pem"))
	if err != nil {
		return err
	}
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(pem)
	s.profile, err = fleet.ReadProfile(filepath.Join(data, "aws"), "iotjobs")
	return err
}

func (s *server) prepare(ctx context.Context) error {
	for _, r := range []request{
		{scope: "iot", method: "POST", path: "/things/lamp", body: `{"attributePayload":{"attributes":{"room":"kitchen"}}}`},
		{scope: "iot", method: "PUT", path: "/jobs/blink", body: `{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"],"document":"{}"}`},
		{scope: "iot", method: "PUT", path: "/jobs/dim", body: `{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"],"document":"{}"}`},
		{scope: "iot-jobs-data", method: "PUT", path: "/things/lamp/jobs/$next", body: `{"statusDetails":{"step":"one"}}`},
	} {
		if a, err := s.send(ctx, r); err != nil || a.status != http.StatusOK {
			return fmt.Errorf("%s: %d %s, %w", r, a.status, a.body, err)
		}
	}
	var err error
	s.before, err = s.state(ctx)
	return err
}

// stop asks the server to stop; one that does not is killed.
func (s *server) stop() error {
	client.CloseIdleConnections() // else the server waits for what they may still send
	if err := s.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(err, s.process.Kill())
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.ended:
	case <-timer.C:
		err := s.process.Kill()
		<-s.ended
		return errors.Join(errors.New("the server did not stop"), err)
	}
	return s.err
}

// logLine is a line as the server writes it. Nothing that a client sends begins one of its own.
var logLine = regexp.MustCompile(`^time=\S+ level=(DEBUG|INFO|WARN) msg=`)

// checkLog demands that nobody but the server writes its log, that no signature gets into it, and that nothing hostile was an error of ours.
func checkLog(path string) error {
	log, err := os.Open(path)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	count := 0
	for ; lines.Scan(); count++ {
		line := lines.Text()
		control := strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c == 0x7f })
		if control || !logLine.MatchString(line) || strings.Contains(line, "panic") || strings.Contains(line, "Signature=") {
			return fmt.Errorf("the server's log has the line %q", line)
		}
	}
	if count == 0 {
		return errors.New("the server's log is empty")
	}
	return lines.Err()
}

func (s *server) tlsConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.roots}
}
