package pki

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// testClock is read by handshakes while the test sets it.
type testClock struct{ at atomic.Pointer[time.Time] }

func (c *testClock) Now() time.Time     { return *c.at.Load() }
func (c *testClock) set(time time.Time) { c.at.Store(&time) }

func newTestRenewer(t *testing.T) (*Renewer, *testClock) {
	t.Helper()
	clock := &testClock{}
	clock.set(start)
	return &Renewer{Current: NewCurrent(newTestCA(t)), Names: []string{"jobs.example.org"}, Now: clock.Now}, clock
}

func mustGet(t *testing.T, r *Renewer) *tls.Certificate {
	t.Helper()
	cert, err := r.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestRenewsAtTwoThirdsAndNotBefore(t *testing.T) {
	r, clock := newTestRenewer(t)
	first := mustGet(t, r)
	life := first.Leaf.NotAfter.Sub(first.Leaf.NotBefore)
	due := first.Leaf.NotBefore.Add(life * 2 / 3)

	for _, at := range []time.Time{start, start.Add(time.Hour), due.Add(-time.Second)} {
		clock.set(at)
		if mustGet(t, r) != first {
			t.Errorf("renewed at %s, due %s", at, due)
		}
	}
	clock.set(due)
	second := mustGet(t, r)
	if second == first {
		t.Fatalf("not renewed at %s", due)
	}
	if !second.Leaf.NotAfter.After(first.Leaf.NotAfter) {
		t.Errorf("the new one ends %s, the old one %s", second.Leaf.NotAfter, first.Leaf.NotAfter)
	}
	if mustGet(t, r) != second {
		t.Error("renewed twice")
	}
	if err := second.Leaf.VerifyHostname("jobs.example.org"); err != nil {
		t.Errorf("the new one lost its names: %v", err)
	}
}

func TestRenewsAfterALongSleepAndAfterASetBackClock(t *testing.T) {
	r, clock := newTestRenewer(t)
	first := mustGet(t, r)
	for _, at := range []time.Time{first.Leaf.NotAfter.AddDate(5, 0, 0), start} {
		clock.set(at)
		leaf := mustGet(t, r).Leaf
		if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
			t.Errorf("at %s the certificate holds from %s to %s", at, leaf.NotBefore, leaf.NotAfter)
		}
	}
}

// Without the lock a round shows two certificates in about every second run on two cores, hence the rounds.
func TestManyHandshakesAtOnceMakeOneCertificate(t *testing.T) {
	ca := newTestCA(t)
	for range 30 {
		got := make([]*tls.Certificate, 64)
		// All look at the clock before one of them goes on.
		var looked sync.WaitGroup
		looked.Add(len(got))
		r := &Renewer{Current: NewCurrent(ca), Now: func() time.Time {
			looked.Done()
			looked.Wait()
			return start
		}}
		var done sync.WaitGroup
		for i := range got {
			done.Go(func() {
				cert, err := r.GetCertificate(nil)
				if err != nil {
					t.Error(err)
				}
				got[i] = cert
			})
		}
		done.Wait()
		for _, cert := range got {
			if cert != got[0] {
				t.Fatal("more than one certificate")
			}
		}
	}
}

func TestRenewerReportsBadNames(t *testing.T) {
	r, _ := newTestRenewer(t)
	r.Names = []string{"https://jobs.example.org"}
	if _, err := r.GetCertificate(nil); err == nil {
		t.Error("accepted")
	}
}

func TestHandshake(t *testing.T) {
	r, clock := newTestRenewer(t)
	clientConfig := func(name string) *tls.Config {
		return &tls.Config{RootCAs: r.Current.CA().Pool(), ServerName: name, Time: clock.Now, MinVersion: tls.VersionTLS10}
	}
	for _, c := range []struct {
		name string
		max  uint16
		want bool
	}{
		{"localhost", tls.VersionTLS13, true},
		{"jobs.example.org", tls.VersionTLS12, true},
		{"jobs.example.org", tls.VersionTLS11, false},
		{"other.example.org", tls.VersionTLS13, false},
	} {
		config := clientConfig(c.name)
		config.MaxVersion = c.max
		state, err := handshake(t, r.TLSConfig(), config)
		if (err == nil) != c.want {
			t.Errorf("%s with at most %s: %v", c.name, tls.VersionName(c.max), err)
		}
		if c.want && state.Version != c.max {
			t.Errorf("%s: %s, want %s", c.name, tls.VersionName(state.Version), tls.VersionName(c.max))
		}
	}

	// A client whose clock goes with the server's is served through a renewal.
	for range 5 {
		clock.set(clock.Now().AddDate(1, 6, 0))
		if _, err := handshake(t, r.TLSConfig(), clientConfig("localhost")); err != nil {
			t.Errorf("at %s: %v", clock.Now(), err)
		}
	}
}

// handshake returns the client's view. It goes over TCP: over net.Pipe, which buffers nothing, a client that refuses in the middle of the server's
// flight and the server wait for each other.
func handshake(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return // the client's error tells
		}
		_ = tls.Server(conn, server).HandshakeContext(t.Context())
		_ = conn.Close()
	}()
	var dialer net.Dialer
	raw, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(raw, client)
	err = conn.HandshakeContext(t.Context())
	_ = raw.Close()
	<-done
	return conn.ConnectionState(), err
}

func BenchmarkGetCertificate(b *testing.B) {
	ca, err := NewCA(start)
	if err != nil {
		b.Fatal(err)
	}
	r := &Renewer{Current: NewCurrent(ca), Now: func() time.Time { return start }}
	for b.Loop() {
		if _, err := r.GetCertificate(nil); err != nil {
			b.Fatal(err)
		}
	}
}
