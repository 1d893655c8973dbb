package freeport_test

import (
	"net"
	"testing"

	"iotjobs/internal/freeport"
)

// TestNobodyElseGetsAKeptPort asks for free ports until the system has given out far more than it would need to come round to it by chance.
func TestNobodyElseGetsAKeptPort(t *testing.T) {
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
