package auth

import (
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"

	"iotjobs/internal/registry"
)

// Connections are the open connections of a listener, by the certificate that called over them: those of a certificate that may no longer call are
// closed at once, and not at their next request. A connection counts from its first call with the certificate on; before it, there is nothing to
// end. The zero value is ready for use.
type Connections struct {
	mu    sync.Mutex
	open  map[net.Conn]*connection
	calls map[registry.CertificateID]map[net.Conn]struct{}
}

// ConnContext is for http.Server: it gives each connection its place for what is read once.
func (o *Connections) ConnContext(ctx context.Context, conn net.Conn) context.Context {
	c := &connection{of: o, conn: conn}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		o.open, o.calls = map[net.Conn]*connection{}, map[registry.CertificateID]map[net.Conn]struct{}{}
	}
	o.open[conn] = c
	return context.WithValue(ctx, connectionKey{}, c)
}

// ConnState is for http.Server: it forgets the connections that are gone.
func (o *Connections) ConnState(conn net.Conn, state http.ConnState) {
	if state != http.StateClosed && state != http.StateHijacked {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.open[conn]
	delete(o.open, conn)
	if c == nil || c.id == "" {
		return
	}
	delete(o.calls[c.id], conn)
	if len(o.calls[c.id]) == 0 {
		delete(o.calls, c.id)
	}
}

// Close ends the connections of certificates, with the requests that are under way on them, and returns how many there are. It does not wait for
// them: whoever closes a TLS connection tells the other side, which may not listen.
func (o *Connections) Close(ids ...registry.CertificateID) (closed int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		for conn := range o.calls[id] {
			closed++
			go func() { _ = conn.Close() }() // the client may have been faster
		}
	}
	return closed
}

// Certificates are those that call over an open connection, in no order.
func (o *Connections) Certificates() []registry.CertificateID {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Collect(maps.Keys(o.calls))
}

// callsAs notes whose certificate calls over a connection. It comes before the look at the certificate's state: so a state that changes in between
// finds either the connection here or its call refused.
func (c *connection) callsAs(id registry.CertificateID) {
	if c == nil {
		return
	}
	c.used.Do(func() {
		o := c.of
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.open[c.conn] == nil { // it is gone already; requests of HTTP/2 outlive their connection
			return
		}
		c.id = id
		if o.calls[id] == nil {
			o.calls[id] = map[net.Conn]struct{}{}
		}
		o.calls[id][c.conn] = struct{}{}
	})
}
