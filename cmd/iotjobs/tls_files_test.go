package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"iotjobs/internal/config"
	"iotjobs/internal/pki"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// certDir is a folder of certificate files as Kubernetes mounts it: the files are links into a folder that is itself a link, and that one is swapped.
type certDir struct {
	t    *testing.T
	path string
	n    int
}

func newCertDir(t *testing.T) *certDir {
	t.Helper()
	d := &certDir{t: t, path: t.TempDir()}
	for _, name := range []string{"tls.crt", "tls.key"} {
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(d.path, name)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *certDir) cert() string { return filepath.Join(d.path, "tls.crt") }
func (d *certDir) key() string  { return filepath.Join(d.path, "tls.key") }

// hold swaps the folder for one with these files.
func (d *certDir) hold(certPEM, keyPEM []byte) {
	d.t.Helper()
	d.n++
	folder := filepath.Join(d.path, ".."+strings.Repeat("x", d.n))
	for _, err := range []error{
		os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "tls.crt"), certPEM, 0o600), os.WriteFile(filepath.Join(folder, "tls.key"), keyPEM, 0o600),
		os.Symlink(filepath.Base(folder), folder+"-link"), os.Rename(folder+"-link", filepath.Join(d.path, "..data")),
	} {
		if err != nil {
			d.t.Fatal(err)
		}
	}
}

// server makes a server certificate for 127.0.0.1; change may spoil it.
func (a *authority) server(change func(*x509.Certificate)) (certPEM, keyPEM []byte) {
	a.t.Helper()
	key := newKey256(a.t)
	template := &x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(template)
	}
	return []byte(pemOf(a.sign(template, key).Raw) + pemOf(a.cert.Raw)), keyOf(a.t, key)
}

func (a *authority) files() (certPEM, keyPEM []byte) {
	a.t.Helper()
	return []byte(pemOf(a.cert.Raw)), keyOf(a.t, a.key)
}

func keyOf(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// trusting is a device without a certificate that trusts what tls/ca.pem says, and keeps its connections only if told to.
func (r *running) trusting(keep bool) *http.Client {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.dir.path, "tls", "ca.pem"))
	if err != nil {
		r.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(raw) {
		r.t.Fatalf("tls/ca.pem has no certificate: %s", raw)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, DisableKeepAlives: !keep}
	r.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

// serial is that of the certificate that the server shows to a client.
func (r *running) serial(client *http.Client) string {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "https://"+r.https.Addr().String()+"/things/lamp/jobs", http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := client.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil { // else the connection is not kept
		r.t.Fatal(err)
	}
	return answer.TLS.PeerCertificates[0].SerialNumber.String()
}

func (r *running) filesGood(name string) bool {
	r.t.Helper()
	return testutil.ToFloat64(r.files.good.WithLabelValues(name)) == 1
}

// An operator's own server certificate is shown, a renewed one without a restart; a broken one never, and then the log and a metric tell.
func TestOwnServerCertificate(t *testing.T) {
	files, company := newCertDir(t), newAuthority(t, "company")
	cert, key := company.server(nil)
	files.hold(cert, key)
	r := newRunningWith(t, func(c *config.Config) { c.TLSCert, c.TLSKey = files.cert(), files.key() })
	if _, err := r.writeTrust(); err != nil { // serve does it with the profile
		t.Fatal(err)
	}
	open := r.trusting(true)
	first := r.serial(open)
	serialOf := func(certPEM []byte) string {
		t.Helper()
		leaf, err := registry.ParseCertificate(pemOf(firstBlock(t, certPEM)))
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.String()
	}
	if first != serialOf(cert) {
		t.Errorf("shown %s, want %s", first, serialOf(cert))
	}
	look := func(wantSerial string, wantGood bool) {
		t.Helper()
		r.files.look(t.Context())
		if got := r.serial(r.trusting(false)); got != wantSerial {
			t.Errorf("new connections see %s, want %s", got, wantSerial)
		}
		if got := r.filesGood("tls"); got != wantGood {
			t.Errorf("the metric says good: %t, want %t", got, wantGood)
		}
	}
	look(first, true) // nothing has changed

	otherCert, otherKey := company.server(nil)
	files.hold(otherCert, key) // half written
	look(first, false)
	if r.log.line("level=ERROR", "the certificate files are not taken up", "does not belong") == "" {
		t.Error("the log does not tell")
	}
	files.hold(otherCert, otherKey)
	look(serialOf(otherCert), true)
	if got := r.serial(open); got != first {
		t.Errorf("an open connection now has %s, want %s as before", got, first)
	}
	expired, expiredKey := company.server(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	files.hold(expired, expiredKey)
	look(serialOf(otherCert), false)
	if r.log.line("not taken up", "the certificate holds from") == "" {
		t.Error("the log does not tell of the dates")
	}
	if err := os.Remove(filepath.Join(files.path, "..data")); err != nil {
		t.Fatal(err)
	}
	look(serialOf(otherCert), false)
	files.hold(otherCert, otherKey) // as it was
	look(serialOf(otherCert), true)

	// Another root: whoever reads tls/ca.pem again trusts it.
	newCert, newKey := newAuthority(t, "company, anew").server(nil)
	files.hold(newCert, newKey)
	look(serialOf(newCert), true)
}

func firstBlock(t *testing.T, text []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal("no PEM block")
	}
	return block.Bytes
}

// An operator's own CA signs devices, and the server's certificate too where there is no other.
func TestOwnCA(t *testing.T) {
	files, first, second := newCertDir(t), newAuthority(t, "first"), newAuthority(t, "second")
	files.hold(first.files())
	r := newRunningWith(t, func(c *config.Config) { c.CACert, c.CAKey = files.cert(), files.key() })
	if _, err := r.writeTrust(); err != nil {
		t.Fatal(err)
	}
	signedBy := func(a *authority) {
		t.Helper()
		made, err := r.service().CreateKeysAndCertificate(t.Context(), service.CreateKeysAndCertificateInput{Active: true})
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := registry.ParseCertificate(made.Certificate.PEM)
		if err != nil {
			t.Fatal(err)
		}
		if !registry.SignedBy(leaf, a.cert) {
			t.Errorf("%s did not sign the new certificate", a.cert.Subject)
		}
	}
	signedBy(first)
	before := r.serial(r.trusting(false))
	files.hold(second.files())
	r.files.look(t.Context())
	signedBy(second)
	leaf, err := r.dir.ca.IssueDevice(time.Now(), newKey256(t).Public(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, cert := range map[string]*x509.Certificate{"the second": second.cert, "the server's first one": leaf} {
		issuer, err := r.dir.identities(r.realm()).IssuerOf(t.Context(), cert)
		if err != nil || !strings.HasPrefix(issuer, "the CA of this server") {
			t.Errorf("a certificate of %s is said to be of %q, %v", name, issuer, err)
		}
	}
	if r.serial(r.trusting(false)) == before {
		t.Error("the server's certificate is still one of the first CA")
	}
	cert, _ := first.files()
	_, key := second.files()
	files.hold(cert, key)
	r.files.look(t.Context())
	signedBy(second)
	if r.filesGood("ca") {
		t.Error("the metric says that all is good")
	}
}

// A server does not start with files that it could not use, and says which.
func TestCertificateFilesAtTheStart(t *testing.T) {
	files, company := newCertDir(t), newAuthority(t, "company")
	current := func() *pki.Current {
		ca, err := pki.NewCA(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return pki.NewCurrent(ca)
	}
	c := config.Default()
	c.TLSCert, c.TLSKey, c.CACert, c.CAKey = files.cert(), files.key(), files.path+"/absent.crt", files.path+"/absent.key"
	cert, _ := company.server(nil)
	_, key := company.server(nil)
	files.hold(cert, key)
	log := &logBuffer{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	_, err := openTLSFiles(t.Context(), &c, current(), prometheus.NewRegistry(), logger)
	for _, want := range []string{"--ca-cert " + c.CACert, "no such file", "--tls-cert " + c.TLSCert, "does not belong to the certificate"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}

	// One that has expired, names another host and comes without its root is used; the log says all three.
	cert, key = company.server(func(c *x509.Certificate) { c.NotAfter, c.IPAddresses = time.Now().Add(-time.Minute), nil })
	files.hold([]byte(pemOf(firstBlock(t, cert))), key)
	c.CACert, c.CAKey = "", ""
	if _, err := openTLSFiles(t.Context(), &c, current(), prometheus.NewRegistry(), logger); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"nobody will accept", "hosts=[127.0.0.1]", "nobody here knows the root"} {
		if log.line(want) == "" {
			t.Errorf("the log has no line with %q", want)
		}
	}
}
