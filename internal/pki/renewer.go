package pki

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
	"sync/atomic"
	"time"
)

// Renewer serves certificates of CA for Names and makes a new one when two thirds of the life of the current one are over, without a restart and
// without a goroutine: the first handshake after that instant makes it, in less than a millisecond. So an idle server may hold an old one, but
// never shows it. Set the fields before the first use; then it may be used concurrently.
type Renewer struct {
	CA *CA
	// Names are those beside localhost, 127.0.0.1 and ::1; see IssueServer.
	Names []string
	// Now is the real clock, also where the service's own time is virtual: clients compare certificates with theirs.
	Now func() time.Time

	current atomic.Pointer[tls.Certificate]
	issuing sync.Mutex // so that many handshakes at the instant of renewal make one certificate
}

// GetCertificate is for tls.Config. It does not look at the handshake: one certificate holds for all names. Call it once at the start, with nil, to
// learn there and not at the first handshake of a fault in Names or of a CA that has expired.
func (r *Renewer) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	now := r.Now()
	if cert := r.current.Load(); fresh(cert, now) {
		return cert, nil
	}
	r.issuing.Lock()
	defer r.issuing.Unlock()
	if cert := r.current.Load(); fresh(cert, now) {
		return cert, nil
	}
	cert, err := r.CA.IssueServer(now, r.Names)
	if err != nil {
		return nil, err
	}
	r.current.Store(cert)
	return cert, nil
}

// TLSConfig returns a new configuration for a listener: TLS 1.2 and later, these certificates. Clients are asked for a certificate, and whoever shows
// one proves to have its key; no more is looked at here, because which certificates are good is a matter of the registry and changes during a
// connection. The caller adds which protocols are offered.
func (r *Renewer) TLSConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: r.GetCertificate, ClientAuth: tls.RequestClientCert}
}

// fresh reports whether cert is in the first two thirds of its life. A clock that was set back before its beginning also calls for a new one.
func fresh(cert *tls.Certificate, now time.Time) bool {
	return cert != nil && !now.Before(cert.Leaf.NotBefore) && now.Before(renewAt(cert.Leaf))
}

func renewAt(cert *x509.Certificate) time.Time {
	return cert.NotBefore.Add(cert.NotAfter.Sub(cert.NotBefore) / 3 * 2)
}
