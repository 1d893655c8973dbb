package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"time"
)

// deviceSubject is the subject of certificates whose requester named none. AWS's say "AWS IoT Certificate".
const deviceSubject = "iotjobs device certificate"

// IssueDevice returns a new certificate for a device's key (RSA or ECDSA), with the subject of its signing request in DER; nil for this CA's
// own. It is for TLS clients only and holds as long as the CA does: nobody comes by to renew the certificate of a device, so that one is ended by
// revoking it.
func (ca *CA) IssueDevice(now time.Time, key crypto.PublicKey, subject []byte) (*x509.Certificate, error) {
	if now.Before(ca.cert.NotBefore) || now.After(ca.cert.NotAfter) {
		return nil, fmt.Errorf("issue a device certificate: the CA holds from %s to %s, and the clock says %s; correct the clock, or make a new CA",
			ca.cert.NotBefore.Format(time.RFC3339), ca.cert.NotAfter.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	if subject == nil {
		var err error
		if subject, err = asn1.Marshal(pkix.Name{CommonName: deviceSubject}.ToRDNSequence()); err != nil {
			return nil, fmt.Errorf("issue a device certificate: %w", err)
		}
	}
	notBefore := now.Add(-backdate).UTC()
	if notBefore.Before(ca.cert.NotBefore) {
		notBefore = ca.cert.NotBefore
	}
	template := &x509.Certificate{
		RawSubject:            subject,
		NotBefore:             notBefore,
		NotAfter:              ca.cert.NotAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true, // and no CA
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key, ca.key)
	if err != nil {
		return nil, fmt.Errorf("issue a device certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("issue a device certificate: %w", err)
	}
	return cert, nil
}
