package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newTestCA(t *testing.T) *CA {
	t.Helper()
	ca, err := NewCA(start)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func mustIssue(t *testing.T, ca *CA, now time.Time, names ...string) *x509.Certificate {
	t.Helper()
	cert, err := ca.IssueServer(now, names)
	if err != nil {
		t.Fatal(err)
	}
	return cert.Leaf
}

func TestServerCertificateVerifiesForEachName(t *testing.T) {
	ca := newTestCA(t)
	leaf := mustIssue(t, ca, start, "jobs.example.org", "192.0.2.7", "2001:db8::7", "*.fleet.example.org", "Mixed.Example.ORG.", "my_service")
	for _, name := range []string{
		"localhost", "127.0.0.1", "::1",
		"jobs.example.org", "192.0.2.7", "2001:db8::7", "a.fleet.example.org", "mixed.example.org", "my_service",
	} {
		_, err := leaf.Verify(x509.VerifyOptions{
			DNSName: name, Roots: ca.Pool(), CurrentTime: start,
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "other.example.org", Roots: ca.Pool(), CurrentTime: start}); err == nil {
		t.Error("it verifies for a name nobody asked for")
	}
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "localhost", Roots: newTestCA(t).Pool(), CurrentTime: start}); err == nil {
		t.Error("it verifies against another CA")
	}
}

func TestServerCertificateNamesDoNotRepeat(t *testing.T) {
	leaf := mustIssue(t, newTestCA(t), start, "localhost", "LOCALHOST.", "127.0.0.1", "::ffff:127.0.0.1", "0:0::1")
	if len(leaf.DNSNames) != 1 || len(leaf.IPAddresses) != 2 {
		t.Errorf("names %q and %v, want localhost and the two loopback addresses once", leaf.DNSNames, leaf.IPAddresses)
	}
}

func TestLives(t *testing.T) {
	ca := newTestCA(t)
	if want := start.AddDate(20, 0, 0); !ca.cert.NotAfter.Equal(want) {
		t.Errorf("the CA ends %s, want %s", ca.cert.NotAfter, want)
	}
	leaf := mustIssue(t, ca, start.AddDate(1, 0, 0))
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 398*24*time.Hour || life < 390*24*time.Hour {
		t.Errorf("a server certificate lives %s", life)
	}
	if want := start.AddDate(1, 0, 0).Add(-24 * time.Hour); !leaf.NotBefore.Equal(want) {
		t.Errorf("it begins %s, want %s: device clocks are behind", leaf.NotBefore, want)
	}
	late := mustIssue(t, ca, ca.cert.NotAfter.Add(-30*24*time.Hour))
	if !late.NotAfter.Equal(ca.cert.NotAfter) {
		t.Errorf("a late certificate ends %s, want the end of the CA %s", late.NotAfter, ca.cert.NotAfter)
	}
	early := mustIssue(t, ca, ca.cert.NotBefore)
	if early.NotBefore.Before(ca.cert.NotBefore) {
		t.Errorf("an early certificate begins %s, before the CA %s", early.NotBefore, ca.cert.NotBefore)
	}
}

func TestIssueOutsideTheLifeOfTheCA(t *testing.T) {
	ca := newTestCA(t)
	for _, now := range []time.Time{ca.cert.NotBefore.Add(-time.Second), ca.cert.NotAfter.Add(time.Second)} {
		if _, err := ca.IssueServer(now, nil); err == nil || !strings.Contains(err.Error(), "clock") {
			t.Errorf("at %s: got %v, want an error that speaks of the clock", now, err)
		}
	}
}

func TestIssueReportsAllBadNames(t *testing.T) {
	bad := []string{
		"", "https://a.example", "a.example:8443", "[::1]", "0.0.0.0", "::", "fe80::1%eth0", "192.168.1.300", "a..b", "-a.example",
		"a.*.example", "*", "bücher.example", strings.Repeat("a", 64), strings.Repeat("a.", 130) + "a", "a b",
	}
	_, err := newTestCA(t).IssueServer(start, append(bad, "good.example"))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range bad {
		if !strings.Contains(err.Error(), `"`+name+`"`) {
			t.Errorf("the error does not name %q", name)
		}
	}
	if strings.Contains(err.Error(), "good.example") {
		t.Error("the error names the good one")
	}
}

func TestCAShape(t *testing.T) {
	ca := newTestCA(t)
	if key := ca.cert.PublicKey.(*ecdsa.PublicKey); key.Curve != elliptic.P256() {
		t.Errorf("curve %s", key.Curve.Params().Name)
	}
	if !ca.cert.IsCA || ca.cert.MaxPathLen != 0 || !ca.cert.MaxPathLenZero {
		t.Errorf("IsCA %v, path length %d", ca.cert.IsCA, ca.cert.MaxPathLen)
	}
	other := newTestCA(t)
	if bytes.Equal(ca.cert.RawSubject, other.cert.RawSubject) {
		t.Error("two CAs have the same name")
	}
	leaf := mustIssue(t, ca, start)
	if leaf.IsCA || leaf.KeyUsage&x509.KeyUsageCertSign != 0 {
		t.Error("a server certificate may sign others")
	}
	if bytes.Equal(leaf.RawSubjectPublicKeyInfo, mustIssue(t, ca, start).RawSubjectPublicKeyInfo) {
		t.Error("two server certificates share a key")
	}
}

func TestParseCAGivesTheSameAuthority(t *testing.T) {
	ca := newTestCA(t)
	key, err := ca.MarshalKey()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ParseCA(ca.CertificatePEM(), key)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(parsed.CertificatePEM(), ca.CertificatePEM()) {
		t.Error("another certificate")
	}
	leaf := mustIssue(t, parsed, start)
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "localhost", Roots: ca.Pool(), CurrentTime: start}); err != nil {
		t.Error(err)
	}
}

func TestParseCARefuses(t *testing.T) {
	ca, other := newTestCA(t), newTestCA(t)
	marshal := func(key any) []byte {
		t.Helper()
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	leaf := mustIssue(t, ca, start)
	leafPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw})
	noSign := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCRLSign}
	noSignDER, err := x509.CreateCertificate(rand.Reader, noSign, noSign, ca.key.Public(), ca.key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, says string
		cert, key  []byte
	}{
		{"no PEM", "no PEM block", []byte("hello"), marshal(ca.key)},
		{"a key for a certificate", "no PEM block", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: marshal(ca.key)}), marshal(ca.key)},
		{"broken certificate", "certificate", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), marshal(ca.key)},
		{"a server certificate", "may not sign", leafPEM, marshal(ca.key)},
		{"no right to sign certificates", "may not sign", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: noSignDER}), marshal(ca.key)},
		{"broken key", "not PKCS #8", ca.CertificatePEM(), []byte("not a key")},
		{"RSA", "want ECDSA", ca.CertificatePEM(), marshal(rsaKey)},
		{"the key of another", "does not belong", ca.CertificatePEM(), marshal(other.key)},
	} {
		if _, err := ParseCA(c.cert, c.key); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.says)
		}
	}
}
