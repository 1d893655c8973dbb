package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"iotjobs/internal/store/postgres/pgtest"
)

// root is the directory of go.mod, seen from this package.
const root = "../.."

// What all tests share; TestMain makes it.
var (
	binary    string   // of the server
	clients   []client // all of them
	stagehand *driver  // plays what is given, and knows AWS's models
	cli       *commandLine
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := buildServer(ctx, dir); err != nil {
		return 0, err
	}
	stop, err := startClients(ctx, dir)
	if err != nil {
		return 0, fmt.Errorf("%w\nThe tests need the AWS CLI, boto3, and Node.js with the npm packages of test/conformance/js; scripts/test-deps.sh peers installs them", err)
	}
	code = pgtest.Main(m)
	return code, stop()
}

func buildServer(ctx context.Context, dir string) error {
	binary = filepath.Join(dir, "iotjobs")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/iotjobs")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// startClients starts what can stay, and finds out whether each client is there and new enough.
func startClients(ctx context.Context, dir string) (stop func() error, err error) {
	if cli, err = newCommandLine(ctx, dir); err != nil {
		return nil, fmt.Errorf("the AWS CLI: %w", err)
	}
	if stagehand, err = startDriver(ctx, boto3, "python3", "python/driver.py"); err != nil {
		return nil, err
	}
	js, err := startDriver(ctx, javascript, "node", "js/driver.mjs")
	if err != nil {
		return nil, err
	}
	// The slowest first: it should not be left over at the end.
	clients = []client{cli, stagehand, js}
	fmt.Fprintln(os.Stderr, "conformance: with", cli.said+",", stagehand.hello+",", js.hello)
	return func() error { return errors.Join(stagehand.stop(), js.stop()) }, nil
}

// operation is one of AWS's operations, as boto3's model has it.
type operation struct {
	Name   string   `json:"name"`
	Method string   `json:"method"`
	Path   string   `json:"path"`
	Errors []string `json:"errors"`
}
