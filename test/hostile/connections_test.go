package hostile

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Bounds of the idle connections: how many, how much memory each may take in the server, and how fast a normal call is beside them.
const (
	idleConnections = 10_000
	idleMemory      = 40 << 10
	dialers         = 32
)

// Ten thousand clients that have asked once and stay connected: each costs little, nobody is turned away, and normal calls are answered.
func TestIdleConnections(t *testing.T) {
	unchanged(t)
	n := idleConnections
	// Go raises the soft limit to the hard one by itself, in both processes.
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if most := int(files.Max) - 500; n > most {
		t.Logf("%d open files are allowed; %d connections instead of %d", files.Max, most, n)
		n = most
	}
	ask := under.raw(t, request{scope: "iot", method: "GET", path: "/things/lamp"})
	before := residentMemory(t, under.process.Pid)
	conns := make([]net.Conn, n)
	defer func() {
		for _, conn := range conns {
			if conn != nil {
				_ = conn.Close() // the server may have been faster
			}
		}
	}()
	var errs [dialers]error
	var running sync.WaitGroup
	for d := range dialers {
		running.Go(func() {
			for i := d; i < n && errs[d] == nil; i += dialers {
				conns[i], errs[d] = idle(t, ask)
			}
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	grown := residentMemory(t, under.process.Pid) - before
	t.Logf("%d idle connections: %d KiB more memory, %.1f KiB each", n, grown>>10, float64(grown)/float64(n)/(1<<10))
	if grown > n*idleMemory {
		t.Errorf("each idle connection costs %d bytes, more than %d", grown/n, idleMemory)
	}
	if now, err := under.state(t.Context()); err != nil || now != under.before {
		t.Errorf("beside %d idle connections: %v", n, err)
	}
	for _, conn := range []net.Conn{conns[0], conns[n/2], conns[n-1]} { // they are still good
		if err := exchange(conn, ask); err != nil {
			t.Errorf("an idle connection: %v", err)
		}
	}
}

// idle opens a connection, asks once, and leaves it open.
func idle(t *testing.T, ask []byte) (net.Conn, error) {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", under.HTTP)
	if err != nil {
		return nil, err
	}
	return conn, exchange(conn, ask)
}

func exchange(conn net.Conn, ask []byte) error {
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	if _, err := conn.Write(ask); err != nil {
		return err
	}
	a, err := readAnswer(bufio.NewReaderSize(conn, 1<<10))
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("%d %s", a.status, a.body)
	}
	return err
}

// residentMemory is what a process has in memory, in bytes, as Linux tells.
func residentMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(status) {
		if rest, ok := strings.CutPrefix(string(line), "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatal("the system does not tell the memory of a process")
	return 0
}
