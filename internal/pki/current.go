package pki

import (
	"crypto/x509"
	"sync/atomic"
)

// Current is what a server uses at this moment: the authority that signs, and the server certificate that an operator brought, if one did. Either may be
// replaced while it is used.
type Current struct {
	own    *CA // the first one
	ca     atomic.Pointer[CA]
	server atomic.Pointer[GivenServer]
}

// NewCurrent begins with an authority.
func NewCurrent(ca *CA) *Current {
	c := &Current{own: ca}
	c.SetCA(ca)
	return c
}

// CA is the authority that signs.
func (c *Current) CA() *CA { return c.ca.Load() }

// SetCA has another authority sign from now on.
func (c *Current) SetCA(ca *CA) { c.ca.Store(ca) }

// Signed reports whether the authority signed a certificate, or the one that there was in the beginning.
func (c *Current) Signed(cert *x509.Certificate) bool {
	return signed(c.CA().cert, cert) || signed(c.own.cert, cert)
}

// Server is the server certificate that an operator brought; nil if the authority makes one.
func (c *Current) Server() *GivenServer { return c.server.Load() }

// SetServer has new connections see another server certificate.
func (c *Current) SetServer(s *GivenServer) { c.server.Store(s) }

// TrustPEM is what clients must trust, and whether that is known: see GivenServer.TrustPEM.
func (c *Current) TrustPEM() (certPEM []byte, known bool) {
	if s := c.Server(); s != nil {
		return s.TrustPEM()
	}
	return c.CA().TrustPEM(), true
}
