package auth

import (
	"crypto/x509"
	"net"
	"net/http"
	"sync"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
)

// connection keeps what is read once from the certificate of a connection. Nothing in it says whether the certificate is good: that is asked for each
// request anew.
type connection struct {
	once        sync.Once
	certificate *presented

	// For Connections.
	of   *Connections
	conn net.Conn
	used sync.Once
	id   registry.CertificateID // guarded by of.mu; empty before the first call with the certificate
}

// presented is the certificate that a client showed and whose key it has: the TLS library made sure of that, also where a session was resumed.
type presented struct {
	id     registry.CertificateID
	leaf   *x509.Certificate
	values map[string][]string // policy.CertificateContext
}

type connectionKey struct{}

// connectionOf is nil where no Connections looks after the listener.
func connectionOf(r *http.Request) *connection {
	c, _ := r.Context().Value(connectionKey{}).(*connection)
	return c
}

// presentedBy is the client certificate of a request's connection; nil if there is none.
func presentedBy(r *http.Request) *presented {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	leaf := r.TLS.PeerCertificates[0]
	c := connectionOf(r)
	if c == nil {
		return newPresented(leaf)
	}
	c.once.Do(func() { c.certificate = newPresented(leaf) })
	return c.certificate
}

func newPresented(leaf *x509.Certificate) *presented {
	return &presented{id: registry.IDOfCertificate(leaf), leaf: leaf, values: policy.CertificateContext(leaf)}
}
