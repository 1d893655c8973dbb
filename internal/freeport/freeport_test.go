package freeport_test

import (
	"fmt"
	"net"
	"runtime"
	"testing"

	"iotjobs/internal/freeport"
)

// TestAKeptPortIsFreeForItsServer listens on it twice, one after the other, with a connection that is left over from the first time.
func TestAKeptPortIsFreeForItsServer(t *testing.T) {
	port, release, err := freeport.Keep()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	var lc net.ListenConfig
	var d net.Dialer
	for range 2 {
		l, err := lc.Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		there, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		here, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_, _, _ = here.Close(), there.Close(), l.Close()
	}
}

// TestNobodyElseGetsAKeptPort asks for free ports until the system has given out far more than it would need to come round to it by chance.
func TestNobodyElseGetsAKeptPort(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("ports are kept on Linux only")
	}
	port, release, err := freeport.Keep()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	var lc net.ListenConfig
	for range 120 {
		var all []net.Listener
		for range 500 {
			l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			if l.Addr().(*net.TCPAddr).Port == port {
				t.Fatalf("somebody else was given port %d", port)
			}
			all = append(all, l)
		}
		for _, l := range all {
			_ = l.Close()
		}
	}
}
