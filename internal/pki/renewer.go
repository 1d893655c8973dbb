package pki

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
	"sync/atomic"
	"time"
)

// Renewer serves the certificate that an operator brought; else certificates of the current CA for Names, and it makes a new one when two thirds of
// the life of the last one are over, or when there is another CA, without a restart and without a goroutine: the first handshake after that
// instant makes it, in less than a millisecond. So an idle server may hold an old one, but never shows it. Set the fields before the first use;
// then it may be used concurrently.
type Renewer struct {
	Current *Current
	// Names are those beside localhost, 127.0.0.1 and ::1; see IssueServer.
	Names []string
	// Now is the real clock, also where the service's own time is virtual: clients compare certificates with theirs.
	Now func() time.Time

	issued  atomic.Pointer[issued]
	issuing sync.Mutex // so that many handshakes at the instant of renewal make one certificate
}

// issued is a certificate, and who made it.
type issued struct {
	by   *CA
	cert *tls.Certificate
}

// GetCertificate is for tls.Config. It does not look at the handshake: one certificate holds for all names. Call it once at the start, with nil, to
// learn there and not at the first handshake of a fault in Names or of a CA that has expired.
func (r *Renewer) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if given := r.Current.Server(); given != nil {
		return given.Certificate, nil
	}
	now, ca := r.Now(), r.Current.CA()
	if last := r.issued.Load(); last.fresh(ca, now) {
		return last.cert, nil
	}
	r.issuing.Lock()
	defer r.issuing.Unlock()
	if last := r.issued.Load(); last.fresh(ca, now) {
		return last.cert, nil
	}
	cert, err := ca.IssueServer(now, r.Names)
	if err != nil {
		return nil, err
	}
	r.issued.Store(&issued{ca, cert})
	return cert, nil
}

// TLSConfig returns a new configuration for a listener: TLS 1.2 and later, these certificates. Clients are asked for a certificate, and whoever shows
// one proves to have its key; no more is looked at here, because which certificates are good is a matter of the registry and changes during a
// connection. The caller adds which protocols are offered.
func (r *Renewer) TLSConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: r.GetCertificate, ClientAuth: tls.RequestClientCert}
}

// fresh reports whether it is of this CA and in the first two thirds of its life. A clock that was set back before its beginning also calls for a new
// one.
func (i *issued) fresh(ca *CA, now time.Time) bool {
	return i != nil && i.by == ca && !now.Before(i.cert.Leaf.NotBefore) && now.Before(renewAt(i.cert.Leaf))
}

func renewAt(cert *x509.Certificate) time.Time {
	return cert.NotBefore.Add(cert.NotAfter.Sub(cert.NotBefore) / 3 * 2)
}
