package auth

import (
	"context"
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
}

// presented is the certificate that a client showed and whose key it has: the TLS library made sure of that, also where a session was resumed.
type presented struct {
	id     registry.CertificateID
	leaf   *x509.Certificate
	values map[string][]string // policy.CertificateContext
}

type connectionKey struct{}

// ConnContext is for http.Server: it gives each connection its place for what is read once.
func ConnContext(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, &connection{})
}

// presentedBy is the client certificate of a request's connection; nil if there is none.
func presentedBy(r *http.Request) *presented {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	leaf := r.TLS.PeerCertificates[0]
	c, ok := r.Context().Value(connectionKey{}).(*connection)
	if !ok {
		return newPresented(leaf)
	}
	c.once.Do(func() { c.certificate = newPresented(leaf) })
	return c.certificate
}

func newPresented(leaf *x509.Certificate) *presented {
	return &presented{id: registry.IDOfCertificate(leaf), leaf: leaf, values: policy.CertificateContext(leaf)}
}
