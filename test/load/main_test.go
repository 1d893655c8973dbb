package load

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// What `make bench ARGS=…` can set.
var (
	things     = flag.Int("things", 1_000_000, "things that are stored, and targets of the jobs")
	executions = flag.Int("executions", 1_000_000, "executions that are stored for growth and memory")
	timers     = flag.Int("timers", 1_000_000, "timers of the backlog")
	shared     = flag.Int("shared", 10_000, "things in each of the stores that nodes share")
	rounds     = flag.Int("rounds", 5, "how often product and baselines take turns; medians count")
	roundTime  = flag.Duration("round", time.Second, "length of a turn")
	dataParent = flag.String("dir", "", "where data directories are made; it must be on the disk that is to be measured (default the system's temporary files)")
	profiles   = flag.String("profiles", "", "directory for CPU profiles of the product, one for each thing measured; it exists")
	serveFlags = flag.String("serve", "", "further flags of iotjobs serve, separated by spaces")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if kind, ok := os.LookupEnv(baselineVariable); ok {
		if err := serveBaseline(kind); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	status := m.Run()
	if err := closeAll(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	results.print(os.Stdout)
	os.Exit(status)
}

// closers end what the benchmarks share, the last one first.
var closers []func() error

func closeAll() (err error) {
	for len(closers) > 0 {
		last := len(closers) - 1
		err = errors.Join(err, closers[last]())
		closers = closers[:last]
	}
	return err
}

// newDirectory makes a data directory that is removed at the end. Its path is short enough for the socket in it.
func newDirectory() (string, error) {
	dir, err := os.MkdirTemp(*dataParent, "load-")
	if err == nil {
		closers = append(closers, func() error { return os.RemoveAll(dir) })
	}
	return dir, err
}

// say tells the person who waits what is being done.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "  "+format+"\n", args...)
}

// grouped writes a count with commas.
func grouped(n int) string {
	text := fmt.Sprint(n)
	var parts []string
	for len(text) > 3 {
		text, parts = text[:len(text)-3], append([]string{text[len(text)-3:]}, parts...)
	}
	return strings.Join(append([]string{text}, parts...), ",")
}
