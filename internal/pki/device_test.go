package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"
	"time"
)

func TestDeviceCertificates(t *testing.T) {
	ca := newTestCA(t)
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	subject, err := asn1.Marshal(pkix.Name{CommonName: "lamp-7", Organization: []string{"Lamps"}}.ToRDNSequence())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		key     crypto.PublicKey
		subject []byte
		want    string
	}{
		{"ECDSA", ecKey.Public(), subject, "CN=lamp-7,O=Lamps"},
		{"RSA", rsaKey.Public(), nil, "CN=iotjobs device certificate"},
	} {
		cert, err := ca.IssueDevice(start, c.key, c.subject)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		client := x509.VerifyOptions{Roots: ca.Pool(), CurrentTime: start, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
		if _, err := cert.Verify(client); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		client.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		if _, err := cert.Verify(client); err == nil {
			t.Errorf("%s: a device could be a server", c.name)
		}
		if got := cert.Subject.String(); got != c.want {
			t.Errorf("%s: subject %s, want %s", c.name, got, c.want)
		}
		if cert.IsCA || cert.KeyUsage&x509.KeyUsageCertSign != 0 {
			t.Errorf("%s: a device may sign certificates", c.name)
		}
		if !cert.NotAfter.Equal(ca.cert.NotAfter) || !cert.NotBefore.Equal(start.Add(-24*time.Hour)) {
			t.Errorf("%s: holds from %s to %s", c.name, cert.NotBefore, cert.NotAfter)
		}
	}
}

// TestSameRequestTwice: two certificates for one key differ, so that one can be revoked without the other.
func TestSameRequestTwice(t *testing.T) {
	ca := newTestCA(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	first, err := ca.IssueDevice(start, key.Public(), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ca.IssueDevice(start, key.Public(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(first.Raw, second.Raw) || first.SerialNumber.Cmp(second.SerialNumber) == 0 {
		t.Error("the same certificate twice")
	}
}

func TestDeviceCertificateOutsideTheLifeOfTheCA(t *testing.T) {
	ca := newTestCA(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{ca.cert.NotBefore.Add(-time.Second), ca.cert.NotAfter.Add(time.Second)} {
		if _, err := ca.IssueDevice(now, key.Public(), nil); err == nil || !strings.Contains(err.Error(), "clock") {
			t.Errorf("at %s: got %v, want an error that speaks of the clock", now, err)
		}
	}
	early, err := ca.IssueDevice(ca.cert.NotBefore, key.Public(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if early.NotBefore.Before(ca.cert.NotBefore) {
		t.Errorf("it begins %s, before the CA", early.NotBefore)
	}
}
