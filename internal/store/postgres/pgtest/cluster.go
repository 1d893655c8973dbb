// Package pgtest starts throwaway PostgreSQL clusters for tests: from the installed server programs, as a user without rights, on a port of their
// own on the loopback interface, with real fsync. It stops, kills, restarts and promotes them, for tests of what a store does then. It never touches a cluster that it did
// not make.
package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"iotjobs/internal/freeport"
)

// Options of a cluster. The zero value is good.
type Options struct {
	// Settings are further lines of postgresql.conf, by name. Values are written as they are, so texts need their quotes.
	Settings map[string]string
	// Parent is the directory in which the cluster's own is made; empty for the system's temporary files. Benchmarks choose the disk with it.
	Parent string
}

// StopMode is how a cluster ends.
type StopMode int

// The stop modes.
const (
	// Fast ends sessions and writes everything.
	Fast StopMode = iota
	// Immediate ends all processes at once; the next start recovers from the WAL, as after a crash.
	Immediate
	// Kill is SIGKILL to the postmaster. Its children notice and end by themselves.
	Kill
)

// Cluster is a PostgreSQL server with its data.
type Cluster struct {
	bin  string // directory of the server's programs
	home string // holds the data directory and the log; removed by Close
	port int
	free func() // the port
	user account

	mu      sync.Mutex
	process *process     // nil while stopped
	places  atomic.Int64 // that NewURL gave out
}

const (
	// superuser is the database user; everybody on the machine may be it.
	superuser = "postgres"
	// patience bounds every wait for a server.
	patience = 2 * time.Minute
)

// Start makes a cluster and starts it. Close must follow.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	c, err := newCluster(opts)
	if err != nil {
		return nil, err
	}
	if err := c.initialize(ctx, opts); err != nil {
		return nil, c.abandon(err)
	}
	if err := c.Restart(ctx); err != nil {
		return nil, c.abandon(err)
	}
	return c, nil
}

func newCluster(opts Options) (*Cluster, error) {
	bin, err := findPrograms()
	if err != nil {
		return nil, err
	}
	user, err := unprivileged()
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp(opts.Parent, "pgtest-")
	if err != nil {
		return nil, err
	}
	if err := user.own(home); err != nil {
		return nil, err
	}
	port, free, err := freeport.Keep()
	return &Cluster{bin: bin, home: home, port: port, free: free, user: user}, err
}

func (c *Cluster) initialize(ctx context.Context, opts Options) error {
	// Syncing what initdb wrote is left out: a cluster that is lost with the machine is not missed.
	if err := c.run(ctx, "initdb", "--pgdata", c.data(), "--username", superuser, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"); err != nil {
		return err
	}
	return c.configure(opts.Settings)
}

// configure appends settings to those that the cluster has; the last one of a name counts.
func (c *Cluster) configure(settings map[string]string) error {
	var text bytes.Buffer
	line := func(name, value string) { fmt.Fprintf(&text, "%s = %s\n", name, value) }
	line("listen_addresses", "'127.0.0.1'")
	line("port", strconv.Itoa(c.port))
	line("unix_socket_directories", "''")
	line("fsync", "on")
	line("shared_buffers", "64MB")
	line("max_connections", "200")
	// After a crash the server makes sure of what is on the disk: with one call, and not file by file.
	line("recovery_init_sync_method", "syncfs")
	line("logging_collector", "off")
	line("log_min_messages", "warning")
	for name, value := range settings {
		line(name, value)
	}
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.Write(text.Bytes()); err != nil {
		return err
	}
	return f.Close()
}

func (c *Cluster) data() string { return filepath.Join(c.home, "data") }

func (c *Cluster) logFile() string { return filepath.Join(c.home, "log") }

// Port is where the cluster listens on 127.0.0.1, also when it is stopped.
func (c *Cluster) Port() int { return c.port }

// URL leads to a database of the cluster.
func (c *Cluster) URL(database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", superuser, c.port, database)
}

// NewURL leads to a schema that does not exist yet: a place for one store beside those of others. (A database each would be three hundred files each, which
// every start after a crash has to sync.)
func (c *Cluster) NewURL() string {
	return c.URL("postgres") + fmt.Sprintf("&search_path=store%d", c.places.Add(1))
}

// Execute runs SQL commands, each a transaction of its own.
func (c *Cluster) Execute(ctx context.Context, database string, commands ...string) error {
	args := []string{"--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", c.URL(database)}
	for _, command := range commands {
		args = append(args, "--command", command)
	}
	return c.run(ctx, "psql", args...)
}

// Log is what the server wrote so far.
func (c *Cluster) Log() string {
	text, err := os.ReadFile(c.logFile())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Close stops the cluster and removes its files.
func (c *Cluster) Close() error {
	if err := c.Stop(Immediate); err != nil {
		return err
	}
	c.free()
	return os.RemoveAll(c.home)
}

// abandon cleans up and adds what the server had to say to the reason.
func (c *Cluster) abandon(reason error) error {
	return fmt.Errorf("%w (clean up: %v)\nlog of the server:\n%s", reason, c.Close(), c.Log()) //nolint:errorlint // nobody looks into the second error
}

// run runs one of PostgreSQL's programs as the cluster's user.
func (c *Cluster) run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, program), args...)
	cmd.Dir = c.home
	c.user.use(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(out))
	}
	return nil
}

// findPrograms finds the directory with the server's programs: that of the newest version where Debian puts them, else that of PATH.
func findPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	best, version := "", 0
	for _, path := range found {
		dir := filepath.Dir(path)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && v > version {
			best, version = dir, v
		}
	}
	if best != "" {
		return best, nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", fmt.Errorf("no PostgreSQL server is installed: neither /usr/lib/postgresql/*/bin/initdb nor initdb in PATH; scripts/test-deps.sh peers installs it")
}

// quoted is a text in postgresql.conf.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
