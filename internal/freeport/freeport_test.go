package freeport_test

import (
	"fmt"
	"net"
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
