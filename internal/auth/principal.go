package auth

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/netip"

	"iotjobs/internal/registry"
)

// Principal is who calls: a user or the account itself with an access key, a device with temporary credentials, or a certificate.
type Principal struct {
	// AccessKeyID signed the request; empty for a certificate, and for an unsigned request in emulator mode.
	AccessKeyID string
	// User is whose access key it is; nil for the account's own keys, which no policy binds, and for certificates.
	User *registry.User
	// Session is what the temporary credentials stand for that signed; nil for all others.
	Session *registry.Session
	// CertificateID is the certificate of the connection; empty where a signature decided.
	CertificateID registry.CertificateID
	// SourceIP is the address that the connection came from; zero if there is none, as on a Unix socket.
	SourceIP netip.Addr
	// Secure: a signed request came over TLS.
	Secure bool
	// Emulator is set when nothing was verified.
	Emulator bool

	certificate *presented
}

// CertificatePrincipal is who calls with a certificate, for questions about policies. It says nothing about whether the certificate is good.
func CertificatePrincipal(cert *x509.Certificate, from netip.Addr) Principal {
	shown := newPresented(cert)
	return Principal{CertificateID: shown.id, SourceIP: from, certificate: shown}
}

// String names the principal in logs.
func (p Principal) String() string {
	switch {
	case p.Emulator:
		return "emulator"
	case p.CertificateID != "":
		return "cert/" + string(p.CertificateID)
	}
	if p.User != nil {
		return "user/" + string(p.User.Name) + "/" + p.AccessKeyID
	}
	if p.Session != nil {
		return "assumed-role/" + string(p.Session.Role) + "/" + string(p.Session.Certificate)
	}
	return p.AccessKeyID
}

// context is what policies may know of the principal itself. A key that a caller does not have has no values: iot:ClientId over HTTP, for one.
func (p Principal) context(key string) []string {
	switch {
	case key == "aws:sourceip" && p.SourceIP.IsValid():
		return []string{p.SourceIP.String()}
	case p.certificate != nil:
		return p.certificate.values[key]
	}
	return nil
}

// SourceIP is the address of a request's connection; zero if there is none.
func SourceIP(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr().Unmap().WithZone("")
}

// caller is what the context of a request says behind the front door.
type caller struct {
	principal Principal
	requestID string
}

type callerKey struct{}

// WithCaller hands on who calls, and the id of the request.
func WithCaller(ctx context.Context, who Principal, requestID string) context.Context {
	return context.WithValue(ctx, callerKey{}, &caller{who, requestID})
}

// PrincipalOf is who calls; ok is false before authentication.
func PrincipalOf(ctx context.Context) (p Principal, ok bool) {
	if c, ok := ctx.Value(callerKey{}).(*caller); ok {
		return c.principal, true
	}
	return Principal{}, false
}

// RequestIDOf is the id of the request; empty outside of one.
func RequestIDOf(ctx context.Context) string {
	if c, ok := ctx.Value(callerKey{}).(*caller); ok {
		return c.requestID
	}
	return ""
}
