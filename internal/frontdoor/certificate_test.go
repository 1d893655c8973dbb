package frontdoor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/registry"
)

// active is a registry in which every certificate is good.
type active struct{}

func (active) CertificateStatus(context.Context, registry.CertificateID) (registry.CertificateStatus, error) {
	return registry.CertificateActive, nil
}

func (active) IssuerOf(context.Context, *x509.Certificate) (string, error) { return "", nil }

func (active) RegisterOnConnect(context.Context, *x509.Certificate) (bool, error) { return false, nil }

// A certificate alone means the credential provider for its one path, and the device plane for all others; a signature beside it decides.
func TestTheCertificateChoosesThePlane(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: realNow.Add(-time.Hour), NotAfter: realNow.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	authenticator := verifying()
	authenticator.AcceptCertificates(active{})
	d, _ := newDoor(t, authenticator)
	with := func(r *http.Request) *http.Request {
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}
		return r
	}
	who := auth.CertificatePrincipal(cert, auth.SourceIP(request(t, "GET", "/", ""))).String()
	for _, c := range []struct {
		r      *http.Request
		status int
		body   string
	}{
		{with(request(t, "GET", "/role-aliases/camera/credentials", "")), 200, "credentials " + who + " "},
		{with(request(t, "GET", "/things/a/jobs", "")), 200, "device " + who + " "},
		{with(request(t, "POST", "/role-aliases/camera/credentials", "")), 404, "No operation"},
		{with(request(t, "GET", "/jobs", "")), 404, "No operation"},
		{with(request(t, "GET", "/role-aliases/camera/credentials", strings.Repeat("x", 2000))), 413, "too large"},
		{with(signed(t, "iot", "GET", "/jobs", "")), 200, "control AKIATEST "},
		{with(signed(t, "iot", "GET", "/role-aliases/camera/credentials", "")), 404, "No operation"},
		{request(t, "GET", "/role-aliases/camera/credentials", ""), 403, "Missing Authentication Token"},
	} {
		if w := do(d, c.r); w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s %s: %d %s, want %d %s", c.r.Method, c.r.URL.Path, w.Code, w.Body, c.status, c.body)
		}
	}
}
