package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A request that is under way when the server is told to stop is finished: its answer comes, nobody new is let in, and the exit status is 0.
func TestSIGTERMDrains(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	server := exec.CommandContext(t.Context(), "iotjobs", "serve", "--data", dir, "--http", "127.0.0.1:0", "--https", "off", "--admin", "127.0.0.1:0", "--signatures", "parse")
	server.Env = withoutOurs(os.Environ())
	var log strings.Builder
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{process: server.Process, ended: make(chan struct{})}
	go func() {
		c.err = server.Wait()
		close(c.ended)
	}()
	t.Cleanup(func() {
		if err := c.stop(); err != nil {
			t.Error(err)
		}
	})
	if err := c.ready(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}

	const body = `{"attributePayload":{}}`
	half := dial(t, c.addresses.HTTP)
	fmt.Fprintf(half, "POST /things/lamp HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:5])
	// The server has begun with it when it has answered another one that came later.
	whole := dial(t, c.addresses.HTTP)
	fmt.Fprint(whole, "GET /things HTTP/1.1\r\nHost: localhost\r\n\r\n")
	wantAnswer(t, whole, http.StatusOK)

	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitRefused(t, c.addresses.HTTP)
	select {
	case <-c.ended:
		t.Fatal("the server ended with a request under way")
	default:
	}
	fmt.Fprint(half, body[5:])
	wantAnswer(t, half, http.StatusOK)
	<-c.ended
	if c.err != nil {
		t.Errorf("the server ended with %v: %s", c.err, log.String())
	}
	if _, err := os.Stat(addressesPath(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file with the addresses is still there: %v", err)
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func wantAnswer(t *testing.T, conn net.Conn, status int) {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != status {
		t.Errorf("status %d, want %d", response.StatusCode, status)
	}
}

// waitRefused waits until an address takes no more connections.
func waitRefused(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", address)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if err == nil {
			_ = conn.Close()
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("%s still takes connections", address)
		}
	}
}
