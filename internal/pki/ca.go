// Package pki is the server's own certificate authority and the server certificates it issues, so that TLS works from the first start without
// anybody preparing certificates.
//
// It works on bytes: whoever calls it keeps the CA's private key, wrapped. It reads no clock of its own and never writes a private key.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

const (
	caYears = 20
	// backdate is how long before "now" a certificate begins to hold: devices without a battery-backed clock, or with one on local time, are
	// up to a day behind.
	backdate = 24 * time.Hour
)

// CA is a certificate authority: the server's own (ECDSA P-256, self-signed), or one that an operator brought. It may be used concurrently.
type CA struct {
	cert *x509.Certificate
	key  crypto.Signer
	// above are the authorities between it and root, which clients are sent; root is what they must trust: the CA itself, or the last one above it.
	above [][]byte
	root  *x509.Certificate
}

// NewCA makes a new authority that holds for 20 years from now.
func NewCA(now time.Time) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("new CA: %w", err)
	}
	// Clients look issuers up by name, and some take the first match: the CAs of two installations must not share one.
	suffix := make([]byte, 4)
	if _, err := rand.Read(suffix); err != nil {
		return nil, fmt.Errorf("new CA: %w", err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "iotjobs CA " + hex.EncodeToString(suffix)},
		NotBefore:             now.Add(-backdate).UTC(),
		NotAfter:              now.AddDate(caYears, 0, 0).UTC(),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true, // no authorities below it
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("new CA: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("new CA: %w", err)
	}
	return &CA{cert: cert, key: key, root: cert}, nil
}

// ParseCA gives back the authority of which CertificatePEM and MarshalKey gave the parts. It refuses a key and a certificate that do not belong
// together. An expired authority parses; issuing with it fails.
func ParseCA(certPEM, keyDER []byte) (*CA, error) {
	block, _ := pem.Decode(certPEM)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("parse CA: no PEM block CERTIFICATE")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("parse CA: certificate: %w", err)
	}
	if !cert.IsCA || cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, fmt.Errorf("parse CA: the certificate of %q may not sign others", cert.Subject)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(keyDER)
	if err != nil {
		// What the parser says may quote the key.
		return nil, errors.New("parse CA: the private key is not PKCS #8")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("parse CA: the private key is %T, want ECDSA", parsed)
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("parse CA: the private key does not belong to the certificate of %q", cert.Subject)
	}
	return &CA{cert: cert, key: key, root: cert}, nil
}

// CertificatePEM is the authority's own certificate.
func (ca *CA) CertificatePEM() []byte { return encode(ca.cert) }

// TrustPEM is what clients must trust: the root above the authority, or itself.
func (ca *CA) TrustPEM() []byte { return encode(ca.root) }

func encode(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}

// MarshalKey returns the private key in the clear, as PKCS #8 DER. Seal it before it goes anywhere.
func (ca *CA) MarshalKey() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(ca.key)
	if err != nil {
		return nil, fmt.Errorf("marshal the CA's key: %w", err)
	}
	return der, nil
}

// Pool returns a new pool with what clients must trust.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.root)
	return pool
}
