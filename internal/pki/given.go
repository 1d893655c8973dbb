package pki

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// GivenCA is the authority of two PEM files: its certificate, which those up to the root may follow, and its private key (RSA or ECDSA).
func GivenCA(certPEM, keyPEM []byte) (*CA, error) {
	chain, err := certificates(certPEM)
	if err != nil {
		return nil, err
	}
	cert := chain[0]
	if !cert.IsCA || cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, fmt.Errorf("the certificate of %q may not sign others", cert.Subject)
	}
	key, err := privateKey(keyPEM)
	if err != nil {
		return nil, err
	}
	if err := belongs(cert, key); err != nil {
		return nil, err
	}
	ca := &CA{cert: cert, key: key, root: cert}
	if last := len(chain) - 1; last > 0 {
		ca.root = chain[last]
		ca.above = raw(chain[1:last])
	}
	return ca, nil
}

// Life is from when until when the authority may sign.
func (ca *CA) Life() (notBefore, notAfter time.Time) { return ca.cert.NotBefore, ca.cert.NotAfter }

// GivenServer is a server certificate that an operator brought.
type GivenServer struct {
	Certificate *tls.Certificate
	// root is what clients must trust; nil if nobody here knows.
	root *x509.Certificate
	top  *x509.Certificate // of what was given
}

// NewGivenServer is the server certificate of two PEM files: the certificate, which those up to the root may follow, and its private key (RSA or
// ECDSA). A root is not sent to clients; it says what they must trust.
func NewGivenServer(certPEM, keyPEM []byte) (*GivenServer, error) {
	chain, err := certificates(certPEM)
	if err != nil {
		return nil, err
	}
	leaf := chain[0]
	if leaf.KeyUsage != 0 && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return nil, fmt.Errorf("the certificate of %q is not for TLS servers: its key usage lacks digitalSignature", leaf.Subject)
	}
	restricted := len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0
	if restricted && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return nil, fmt.Errorf("the certificate of %q is not for TLS servers: its extended key usage lacks serverAuth", leaf.Subject)
	}
	key, err := privateKey(keyPEM)
	if err != nil {
		return nil, err
	}
	if err := belongs(leaf, key); err != nil {
		return nil, err
	}
	s := &GivenServer{top: chain[len(chain)-1]}
	if isRoot(s.top) {
		s.root = s.top
		if len(chain) > 1 {
			chain = chain[:len(chain)-1]
		}
	}
	s.Certificate = &tls.Certificate{Certificate: raw(chain), PrivateKey: key, Leaf: leaf}
	return s, nil
}

// FindRoot looks for the root among those that this machine trusts and the given one, which may be nil, unless the files had it.
func (s *GivenServer) FindRoot(ca *CA, system *x509.CertPool) {
	if s.root != nil {
		return
	}
	if ca != nil && signed(ca.cert, s.top) {
		s.root = ca.root
		return
	}
	if system == nil {
		return
	}
	intermediates := x509.NewCertPool()
	for _, der := range s.Certificate.Certificate[1:] {
		if cert, err := x509.ParseCertificate(der); err == nil {
			intermediates.AddCert(cert)
		}
	}
	chains, err := s.Certificate.Leaf.Verify(x509.VerifyOptions{Roots: system, Intermediates: intermediates})
	if err == nil && len(chains) > 0 {
		s.root = chains[0][len(chains[0])-1]
	}
}

// TrustPEM is what clients must trust. It is a guess where the root is not known: the last certificate that was given, with which some clients are
// content and others are not.
func (s *GivenServer) TrustPEM() (certPEM []byte, known bool) {
	if s.root != nil {
		return encode(s.root), true
	}
	return encode(s.top), false
}

// Life is from when until when clients accept the certificate.
func (s *GivenServer) Life() (notBefore, notAfter time.Time) {
	return s.Certificate.Leaf.NotBefore, s.Certificate.Leaf.NotAfter
}

// Lacks are those of the names that the certificate does not hold for.
func (s *GivenServer) Lacks(names []string) (lacking []string) {
	for _, name := range names {
		if s.Certificate.Leaf.VerifyHostname(name) != nil && !slices.Contains(lacking, name) {
			lacking = append(lacking, name)
		}
	}
	return lacking
}
