package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/config"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// running is a server in this process, on a fresh directory and free ports; its log is at hand.
type running struct {
	*server

	t   testing.TB
	log *logBuffer
}

func newRunning(tb testing.TB) *running {
	tb.Helper()
	return newRunningWith(tb, func(*config.Config) {})
}

// newRunningWith has another configuration than newRunning.
func newRunningWith(tb testing.TB, change func(*config.Config)) *running {
	tb.Helper()
	c := config.Default()
	c.Data, c.HTTP, c.HTTPS, c.Admin, c.NoProfile = tb.TempDir(), "off", "127.0.0.1:0", "127.0.0.1:0", true
	change(&c)
	log := &logBuffer{}
	dir, err := openDirectory(tb.Context(), &c, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		tb.Fatal(err)
	}
	s, err := newServer(tb.Context(), &c, dir, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.listen(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
		if err := dir.close(); err != nil {
			tb.Error(err)
		}
	})
	return &running{server: s, t: tb, log: log}
}

// service is where tests set up what they need.
func (r *running) service() *service.Service { return r.dir.service }

// client is a device with a certificate, or with none if it is nil. Its connections stay open; sessions of ended ones are resumed.
func (r *running) client(cert *tls.Certificate) *http.Client {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: r.dir.ca.Pool(), ClientSessionCache: tls.NewLRUClientSessionCache(8)}
	if cert != nil {
		// Also where it is of none of the CAs that the server names.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	transport := &http.Transport{TLSClientConfig: c}
	r.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

// call demands an answer: the status and the error type, empty for success. It returns the text of the body and whether the TLS session was resumed.
func (r *running) call(client *http.Client, request, body string, status int, errorType string) (text string, resumed bool) {
	r.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	q, err := http.NewRequestWithContext(r.t.Context(), method, "https://"+r.https.Addr().String()+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := client.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if got := answer.Header.Get("X-Amzn-ErrorType"); answer.StatusCode != status || got != errorType {
		r.t.Errorf("%s: %d %s %s, want %d %s", request, answer.StatusCode, got, raw, status, errorType)
	}
	return string(raw), answer.TLS.DidResume
}

// device makes a certificate of the server's CA that is ACTIVE, attached to a thing of this name, with a policy if it is not empty.
func (r *running) device(thing registry.ThingName, policies ...registry.PolicyName) (*tls.Certificate, registry.CertificateID) {
	r.t.Helper()
	key := newKey256(r.t)
	leaf, err := r.dir.ca.IssueDevice(time.Now(), key.Public(), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	id := r.register(leaf, registry.CertificateActive)
	if _, err := r.service().CreateThing(r.t.Context(), service.CreateThingInput{Name: thing}); err != nil {
		r.t.Fatal(err)
	}
	if err := r.service().AttachThingPrincipal(r.t.Context(), service.ThingPrincipalInput{Thing: thing, Certificate: id}); err != nil {
		r.t.Fatal(err)
	}
	for _, name := range policies {
		r.attach(name, id)
	}
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}, id
}

func (r *running) register(leaf *x509.Certificate, status registry.CertificateStatus) registry.CertificateID {
	r.t.Helper()
	in := service.RegisterCertificateWithoutCAInput{PEM: registry.EncodeCertificate(leaf), Status: status}
	c, err := r.service().RegisterCertificateWithoutCA(r.t.Context(), in)
	if err != nil {
		r.t.Fatal(err)
	}
	return c.ID
}

func (r *running) setStatus(id registry.CertificateID, status registry.CertificateStatus) {
	r.t.Helper()
	if err := r.service().UpdateCertificate(r.t.Context(), service.UpdateCertificateInput{ID: id, Status: status}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) policy(name registry.PolicyName, document string) {
	r.t.Helper()
	if !json.Valid([]byte(document)) {
		r.t.Fatalf("policy %s: not JSON", name)
	}
	if _, err := r.service().CreatePolicy(r.t.Context(), service.CreatePolicyInput{Name: name, Document: document}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) attach(name registry.PolicyName, id registry.CertificateID) {
	r.t.Helper()
	in := service.PolicyAttachmentInput{Policy: name, Target: registry.PolicyTarget{Certificate: id}}
	if err := r.service().AttachPolicy(r.t.Context(), in); err != nil {
		r.t.Fatal(err)
	}
}

// authority signs certificates that no server made.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey256(t)}
	a.cert = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, a.key)
	return a
}

// device makes a client certificate; change may spoil it.
func (a *authority) device(change func(*x509.Certificate)) (*tls.Certificate, *x509.Certificate) {
	a.t.Helper()
	key := newKey256(a.t)
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "device"}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(template)
	}
	leaf := a.sign(template, key)
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}, leaf
}

func (a *authority) sign(template *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	a.t.Helper()
	var err error
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		a.t.Fatal(err)
	}
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(24 * time.Hour)
	}
	parent := a.cert
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert
}

func newKey256(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// line is the last line with all of the words; empty if there is none.
func (b *logBuffer) line(words ...string) (found string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.Lines(b.text.String()) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			found = line
		}
	}
	return found
}
