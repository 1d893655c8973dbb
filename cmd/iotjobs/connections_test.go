package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// watchedConn tells when it has ended: the client's transport closes it as soon as it reads that the server has.
type watchedConn struct {
	net.Conn

	once  sync.Once
	ended chan struct{}
}

func (c *watchedConn) Close() error {
	c.once.Do(func() { close(c.ended) })
	return c.Conn.Close()
}

// watchedClient is a device over one protocol, and the connections that it has opened so far.
func (r *running) watchedClient(thing registry.ThingName, http2 bool) (client *http.Client, id registry.CertificateID, opened func() *watchedConn) {
	r.t.Helper()
	cert, id := r.device(thing, "all")
	client = r.client(cert)
	transport := client.Transport.(*http.Transport)
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(!http2)
	transport.Protocols.SetHTTP2(http2)
	conns := make(chan *watchedConn, 16)
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		watched := &watchedConn{Conn: conn, ended: make(chan struct{})}
		conns <- watched
		return watched, nil
	}
	return client, id, func() *watchedConn {
		r.t.Helper()
		select {
		case c := <-conns:
			return c
		default:
			r.t.Fatal("no connection was opened")
			return nil
		}
	}
}

func (c *watchedConn) mustEnd(t *testing.T, why string) {
	t.Helper()
	select {
	case <-c.ended:
	case <-time.After(time.Minute):
		t.Fatalf("%s: the connection is still open", why)
	}
}

func (c *watchedConn) isOpen() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// A certificate that stops to be ACTIVE loses its connections at once, whatever is under way on them, and no other one does.
func TestConnectionsEndWithTheirCertificate(t *testing.T) {
	r := newRunning(t)
	r.policy("all", allowAll)
	for name, http2 := range map[registry.ThingName]bool{"one": false, "two": true} {
		t.Run(string(name), func(t *testing.T) {
			client, id, opened := r.watchedClient(name, http2)
			other, _, openedByOther := r.watchedClient(name+"-other", http2)
			request := "GET /things/" + string(name) + "/jobs"
			r.call(other, "GET /things/"+string(name)+"-other/jobs", "", 200, "")
			bystander := openedByOther()
			for _, c := range []struct {
				name   string
				change func()
			}{
				{"revoked", func() { r.setStatus(id, registry.CertificateRevoked) }},
				{"deactivated", func() { r.setStatus(id, registry.CertificateInactive) }},
			} {
				r.call(client, request, "", 200, "")
				conn := opened()
				c.change()
				conn.mustEnd(t, c.name)
				r.call(client, request, "", 403, "ForbiddenException") // over a new connection
				opened().mustEnd(t, c.name+", called again")
				r.setStatus(id, registry.CertificateActive)
			}

			// A request that is under way is cut.
			r.call(client, request, "", 200, "")
			conn := opened()
			body, hold := io.Pipe()
			q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+r.https.Addr().String()+"/things/"+string(name)+"/jobs/job", body)
			if err != nil {
				t.Fatal(err)
			}
			failed := make(chan error, 1)
			go func() {
				answer, err := client.Do(q)
				if err == nil {
					err = answer.Body.Close()
				}
				failed <- err
			}()
			if _, err := hold.Write([]byte("{")); err != nil {
				t.Fatal(err)
			}
			r.setStatus(id, registry.CertificateInactive)
			conn.mustEnd(t, "under way")
			_ = hold.CloseWithError(io.ErrUnexpectedEOF) // the connection is gone
			if err := <-failed; err == nil {
				t.Error("the request under way was answered")
			}

			// Whoever comes back after the certificate was deleted is not known any more.
			if err := r.service().DetachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: name, Certificate: id}); err != nil {
				t.Fatal(err)
			}
			if err := r.service().DeleteCertificate(t.Context(), service.DeleteCertificateInput{ID: id, Force: true}); err != nil {
				t.Fatal(err)
			}
			r.call(client, request, "", 400, "CertificateValidationException")

			if !bystander.isOpen() {
				t.Error("the connection of another certificate was closed, too")
			}
			r.call(other, "GET /things/"+string(name)+"-other/jobs", "", 200, "")
			if r.log.line("connections closed", "certificateId="+string(id), "connections=1") == "" {
				t.Error("the log does not tell")
			}
		})
	}
}
