package load

import (
	"bufio"
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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"iotjobs/internal/fleet"
	"iotjobs/internal/profile"
)

// server is a process that is called: the product or a baseline.
type server struct {
	address string
	key     fleet.Credentials
	// admin is the address of the product's metrics; empty for a baseline.
	admin string

	process *os.Process
	stdin   io.Closer // its end ends a baseline
	log     string    // the file that the product logs to
	ended   chan struct{}
	err     error // how it ended; read it after ended
}

// Bounds on waiting for a server to start and to stop. It may have a large store to open and to flush.
const (
	startTimeout = 2 * time.Minute
	stopTimeout  = 2 * time.Minute
)

// startBaseline starts this binary as a baseline of the kind.
func startBaseline(kind string) (*server, error) {
	command := exec.Command(os.Args[0]) //nolint:noctx // it ends with its standard input
	command.Env = append(os.Environ(), baselineVariable+"="+kind)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s := &server{key: baselineKey, stdin: stdin}
	if err := s.start(command); err != nil {
		return nil, err
	}
	if s.address, err = bufio.NewReader(stdout).ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("the %s server tells no address: %w", kind, err), s.stop())
	}
	s.address = strings.TrimSpace(s.address)
	return s, nil
}

// program is the product, built once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := newDirectory()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "iotjobs")
	say("building the product")
	out, err := exec.Command("go", "build", "-o", path, "iotjobs/cmd/iotjobs").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

// raisedQuotas are flags of the product that take away AWS's protective limits: here the machine is to be the limit.
var raisedQuotas = []string{"--max-rollout-per-minute", "0"}

// startProduct starts the product on a data directory, with further flags, and waits until it is ready.
func startProduct(dir string, flags ...string) (*server, error) {
	path, err := program()
	if err != nil {
		return nil, err
	}
	s := &server{log: filepath.Join(dir, "server.log")}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the server has its own
	const any = "127.0.0.1:0"
	arguments := slices.Concat(
		[]string{"serve", "--data", dir, "--http", any, "--https", "off", "--admin", any}, raisedQuotas, flags, strings.Fields(*serveFlags),
	)
	command := exec.Command(path, arguments...) //nolint:noctx // it is stopped gently, by stop
	command.Stdout, command.Stderr, command.Env = log, log, withoutOurs(os.Environ())
	if err := s.start(command); err != nil {
		return nil, err
	}
	if err := s.ready(dir); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// withoutOurs leaves out what would configure the server in another way than the command says.
func withoutOurs(environment []string) (kept []string) {
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "IOTJOBS_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func (s *server) start(command *exec.Cmd) error {
	if err := command.Start(); err != nil {
		return err
	}
	s.process, s.ended = command.Process, make(chan struct{})
	go func() {
		s.err = command.Wait()
		close(s.ended)
	}()
	return nil
}

// ready waits until the product has written its addresses, and reads its profile.
func (s *server) ready(dir string) error {
	path := filepath.Join(dir, "run", "addresses.json")
	timeout := time.After(startTimeout)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		raw, err := os.ReadFile(path)
		if err == nil {
			var addresses struct{ HTTP, Admin string }
			if err := json.Unmarshal(raw, &addresses); err != nil {
				return err
			}
			s.address, s.admin = addresses.HTTP, addresses.Admin
			break
		}
		select {
		case <-ticker.C:
		case <-s.ended:
			return fmt.Errorf("the server ended: %w: %s", s.err, s.logged())
		case <-timeout:
			return fmt.Errorf("the server was not ready within %s: %s", startTimeout, s.logged())
		}
	}
	p, err := fleet.ReadProfile(filepath.Join(dir, "aws"), profile.Name)
	s.key = p.Credentials
	return err
}

func (s *server) logged() []byte {
	raw, err := os.ReadFile(s.log)
	if err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(raw)
}

// stop ends the process and waits. One that does not end is killed.
func (s *server) stop() error {
	select {
	case <-s.ended:
		return s.err
	default:
	}
	if s.stdin != nil {
		_ = s.stdin.Close() // a process that is gone has closed it
	} else if err := s.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(err, s.process.Kill())
	}
	select {
	case <-s.ended:
		return s.err
	case <-time.After(stopTimeout):
		err := s.process.Kill()
		<-s.ended
		return errors.Join(fmt.Errorf("the server did not stop within %s and was killed", stopTimeout), err)
	}
}

// metric reads one number of the product's metrics.
func (s *server) metric(name string) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.admin+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("the server has no metric %s", name)
}

// settle waits until the product has nothing to do any more: compactions end some time after the writes that they follow.
func (s *server) settle() error {
	const quiet, patience = 0.03, 60 // seconds of processor time per second; seconds
	before, err := s.metric("process_cpu_seconds_total")
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for range patience {
		if err != nil {
			return err
		}
		<-ticker.C
		var now float64
		now, err = s.metric("process_cpu_seconds_total")
		if now-before < quiet {
			return err
		}
		before = now
	}
	return err
}
