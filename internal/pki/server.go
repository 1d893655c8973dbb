package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"
)

// serverLife is the whole life of a server certificate, the backdated day included. Clients begin to refuse certificates of more than 398 days.
const serverLife = 397 * 24 * time.Hour

// IssueServer returns a new server certificate with a new key (ECDSA P-256), and Leaf set. It holds for localhost, 127.0.0.1, ::1 and names, each
// of them a DNS name (a first label "*" is allowed) or an IP address; several faults in names are reported together.
//
// The chain sent to clients is the certificate and what is between the CA's root and it, without the root: a client that does not know the root gains
// nothing from receiving it, and small devices pay for every byte.
func (ca *CA) IssueServer(now time.Time, names []string) (*tls.Certificate, error) {
	if now.Before(ca.cert.NotBefore) || now.After(ca.cert.NotAfter) {
		return nil, fmt.Errorf("issue a server certificate: the CA holds from %s to %s, and the clock says %s; correct the clock, or make a new CA",
			ca.cert.NotBefore.Format(time.RFC3339), ca.cert.NotAfter.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	dnsNames, ips, err := subjectNames(append([]string{"localhost", "127.0.0.1", "::1"}, names...))
	if err != nil {
		return nil, fmt.Errorf("issue a server certificate: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("issue a server certificate: %w", err)
	}
	notBefore := now.Add(-backdate).UTC()
	notAfter := notBefore.Add(serverLife)
	// Never outside the CA's own life: some clients demand that the lives nest.
	if notBefore.Before(ca.cert.NotBefore) {
		notBefore = ca.cert.NotBefore
	}
	if notAfter.After(ca.cert.NotAfter) {
		notAfter = ca.cert.NotAfter
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "iotjobs server"}, // for people; clients read only the names below
		NotBefore:   notBefore,
		NotAfter:    notAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    dnsNames,
		IPAddresses: ips,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, fmt.Errorf("issue a server certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("issue a server certificate: %w", err)
	}
	chain := [][]byte{der}
	if ca.cert != ca.root {
		chain = append(append(chain, ca.cert.Raw), ca.above...)
	}
	return &tls.Certificate{Certificate: chain, PrivateKey: key, Leaf: leaf}, nil
}
