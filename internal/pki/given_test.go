package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// maker makes certificates as an operator's own PKI does.
type maker struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// make signs a certificate for a key; nobody (nil) has it sign itself.
func (m *maker) make(t *testing.T, name string, key crypto.Signer, change func(*x509.Certificate)) *maker {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name}, NotBefore: start.AddDate(0, 0, -1), NotAfter: start.AddDate(20, 0, 0)}
	change(template)
	parent, signer := template, key
	if m != nil {
		parent, signer = m.cert, m.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &maker{cert, key}
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
}

func forServers(c *x509.Certificate) {
	c.DNSNames, c.KeyUsage, c.ExtKeyUsage = []string{"jobs.example.org"}, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
}

func bundle(makers ...*maker) (text []byte) {
	for _, m := range makers {
		text = append(text, encode(m.cert)...)
	}
	return text
}

func keyPEM(t *testing.T, kind string, key any) []byte {
	t.Helper()
	var der []byte
	var err error
	switch kind {
	case "EC PRIVATE KEY":
		der, err = x509.MarshalECPrivateKey(key.(*ecdsa.PrivateKey))
	case "RSA PRIVATE KEY":
		der = x509.MarshalPKCS1PrivateKey(key.(*rsa.PrivateKey))
	default:
		der, err = x509.MarshalPKCS8PrivateKey(key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (m *maker) keyPEM(t *testing.T) []byte {
	t.Helper()
	return keyPEM(t, "PRIVATE KEY", m.key)
}

func TestGivenServer(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	root := (*maker)(nil).make(t, "root", ecKey(t), authority)
	middle := root.make(t, "middle", rsaKey, authority)
	leaf := middle.make(t, "leaf", ecKey(t), forServers)
	alone := (*maker)(nil).make(t, "alone", ecKey(t), forServers)
	ca := &CA{cert: middle.cert, key: middle.key, root: root.cert}
	for _, c := range []struct {
		name   string
		given  []*maker
		ca     *CA
		system bool
		sent   int
		trust  *maker
		known  bool
	}{
		{"with its root", []*maker{leaf, middle, root}, nil, false, 2, root, true},
		{"without its root", []*maker{leaf, middle}, nil, false, 2, middle, false},
		{"of the issuing CA", []*maker{leaf}, ca, false, 1, root, true},
		{"of one that this machine trusts", []*maker{leaf, middle}, nil, true, 2, root, true},
		{"self-signed", []*maker{alone}, nil, false, 1, alone, true},
	} {
		s, err := NewGivenServer(bundle(c.given...), c.given[0].keyPEM(t))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var system *x509.CertPool
		if c.system {
			system = x509.NewCertPool()
			system.AddCert(root.cert)
		}
		s.FindRoot(c.ca, system)
		if trust, known := s.TrustPEM(); string(trust) != string(encode(c.trust.cert)) || known != c.known || len(s.Certificate.Certificate) != c.sent {
			t.Errorf("%s: %d certificates sent, root known: %t; want %d, %t", c.name, len(s.Certificate.Certificate), known, c.sent, c.known)
		}
		if got := s.Lacks([]string{"jobs.example.org", "127.0.0.1", "127.0.0.1"}); !slices.Equal(got, []string{"127.0.0.1"}) {
			t.Errorf("%s: lacks %v", c.name, got)
		}
	}
}

func TestGivenCertificatesAreRefused(t *testing.T) {
	root := (*maker)(nil).make(t, "root", ecKey(t), authority)
	leaf := root.make(t, "leaf", ecKey(t), forServers)
	client := root.make(t, "client", ecKey(t), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	agreement := root.make(t, "agreement", ecKey(t), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement })
	noCA := root.make(t, "no CA", ecKey(t), func(c *x509.Certificate) { c.BasicConstraintsValid = true })
	noSign := root.make(t, "no signer", ecKey(t), func(c *x509.Certificate) { authority(c); c.KeyUsage = x509.KeyUsageCRLSign })
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // it must be refused
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, says string
		ca         bool
		cert, key  []byte
	}{
		{"no PEM", "no PEM block CERTIFICATE", false, []byte("hello"), leaf.keyPEM(t)},
		{"broken certificate", "certificate 1:", false, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), leaf.keyPEM(t)},
		{"in the wrong order", "certificate 2 (CN=leaf) did not sign certificate 1 (CN=root)", false, bundle(root, leaf), root.keyPEM(t)},
		{"no key", "no PEM block PRIVATE KEY", false, bundle(leaf), bundle(leaf)},
		{"broken key", "PEM block EC PRIVATE KEY cannot be read", false, bundle(leaf), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte("secret")})},
		{"encrypted key", "is encrypted", false, bundle(leaf), pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("secret")})},
		{"another key", `does not belong to the certificate of "CN=leaf"`, false, bundle(leaf), root.keyPEM(t)},
		{"Ed25519", "want RSA or ECDSA", false, bundle(leaf), keyPEM(t, "PRIVATE KEY", edKey)},
		{"short RSA key", "has 1024 bits", false, bundle(leaf), keyPEM(t, "RSA PRIVATE KEY", short)},
		{"for clients", "lacks serverAuth", false, bundle(client), client.keyPEM(t)},
		{"for key agreement", "lacks digitalSignature", false, bundle(agreement), agreement.keyPEM(t)},
		{"a CA that is none", "may not sign others", true, bundle(noCA), noCA.keyPEM(t)},
		{"a CA without the right", "may not sign others", true, bundle(noSign), noSign.keyPEM(t)},
		{"a CA with another key", "does not belong", true, bundle(root), leaf.keyPEM(t)},
		{"a CA without a key", "no PEM block PRIVATE KEY", true, bundle(root), nil},
		{"no CA at all", "no PEM block CERTIFICATE", true, nil, root.keyPEM(t)},
	} {
		var err error
		if c.ca {
			_, err = GivenCA(c.cert, c.key)
		} else {
			_, err = NewGivenServer(c.cert, c.key)
		}
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %q", c.name, err, c.says)
		}
	}
}

// A CA of an operator, between whose root and whose devices there are others, signs what clients with the root accept. Keys come in all encodings.
func TestGivenCA(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	root := (*maker)(nil).make(t, "root", ecKey(t), authority)
	middle := root.make(t, "middle", ecKey(t), authority)
	for kind, key := range map[string]crypto.Signer{"EC PRIVATE KEY": ecKey(t), "RSA PRIVATE KEY": rsaKey, "PRIVATE KEY": rsaKey} {
		issuing := middle.make(t, "issuing", key, authority)
		ca, err := GivenCA(bundle(issuing, middle, root), keyPEM(t, kind, key))
		if err != nil {
			t.Fatal(err)
		}
		if string(ca.TrustPEM()) != string(bundle(root)) || string(ca.CertificatePEM()) != string(bundle(issuing)) {
			t.Errorf("%s: clients are told to trust another certificate than the root", kind)
		}
		server, err := ca.IssueServer(start, []string{"jobs.example.org"})
		if err != nil {
			t.Fatal(err)
		}
		between := x509.NewCertPool()
		for _, der := range server.Certificate[1:] {
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			between.AddCert(cert)
		}
		if _, err := server.Leaf.Verify(x509.VerifyOptions{DNSName: "jobs.example.org", Roots: ca.Pool(), Intermediates: between, CurrentTime: start}); err != nil {
			t.Errorf("%s: clients refuse the server: %v", kind, err)
		}
		device, err := ca.IssueDevice(start, ecKey(t).Public(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := device.CheckSignatureFrom(issuing.cert); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if ca, err := GivenCA(bundle(root), root.keyPEM(t)); err != nil || string(ca.TrustPEM()) != string(bundle(root)) {
		t.Errorf("a root: %v", err)
	}
}

// What is replaced is seen by the next handshake, and only then.
func TestRenewerFollowsWhatIsInUse(t *testing.T) {
	r, clock := newTestRenewer(t)
	first := mustGet(t, r)
	if mustGet(t, r) != first {
		t.Error("renewed without a reason")
	}
	other := newTestCA(t)
	r.Current.SetCA(other)
	config := &tls.Config{RootCAs: other.Pool(), ServerName: "localhost", Time: clock.Now, MinVersion: tls.VersionTLS12}
	if _, err := handshake(t, r.TLSConfig(), config); err != nil {
		t.Errorf("with the other CA: %v", err)
	}
	root := (*maker)(nil).make(t, "root", ecKey(t), authority)
	leaf := root.make(t, "leaf", ecKey(t), forServers)
	given, err := NewGivenServer(bundle(leaf), leaf.keyPEM(t))
	if err != nil {
		t.Fatal(err)
	}
	r.Current.SetServer(given)
	if mustGet(t, r) != given.Certificate {
		t.Error("the given certificate is not shown")
	}
	if trust, known := r.Current.TrustPEM(); known || string(trust) != string(bundle(leaf)) {
		t.Errorf("clients must trust %s, known: %t", trust, known)
	}
	r.Current.SetServer(nil)
	if trust, known := r.Current.TrustPEM(); !known || string(trust) != string(other.TrustPEM()) {
		t.Error("without a given certificate, clients must trust the CA")
	}
}
