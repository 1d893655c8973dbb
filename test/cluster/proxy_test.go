package cluster

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy is the network between a node and its database. It can be cut, and led elsewhere.
type proxy struct {
	listener net.Listener

	mu    sync.Mutex
	to    string
	cut   bool
	conns map[net.Conn]bool
}

// newProxy leads to the database that a URL names; through returns the URL that leads there over the proxy.
func newProxy(t *testing.T, database string) *proxy {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, to: u.Host, conns: map[net.Conn]bool{}}
	go p.serve(context.WithoutCancel(t.Context()))
	t.Cleanup(func() {
		p.sever()
		_ = l.Close() // it only ends the loop
	})
	return p
}

func (p *proxy) through(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.listener.Addr().String()
	return u.String()
}

func (p *proxy) serve(ctx context.Context) {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.pass(ctx, conn)
	}
}

func (p *proxy) pass(ctx context.Context, from net.Conn) {
	p.mu.Lock()
	to, open := p.to, !p.cut
	p.mu.Unlock()
	if !open {
		_ = from.Close() // refused
		return
	}
	var d net.Dialer
	server, err := d.DialContext(ctx, "tcp", to)
	if err != nil {
		_ = from.Close() // there is no database
		return
	}
	if !p.keep(from, server) {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, server}, {server, from}} {
		both.Go(func() {
			_, _ = io.Copy(way[1], way[0]) // it ends with either connection
			_, _ = from.Close(), server.Close()
		})
	}
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, from)
	delete(p.conns, server)
}

// keep notes connections, unless the network was cut meanwhile.
func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		if p.cut {
			_ = conn.Close() // it is cut
			continue
		}
		p.conns[conn] = true
	}
	return !p.cut
}

// sever cuts the network until it is mended.
func (p *proxy) sever() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for conn := range p.conns {
		_ = conn.Close() // that is the point
	}
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
}

// lead lets new connections go to the database of another URL.
func (p *proxy) lead(t *testing.T, database string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = u.Host
}
