package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/registry"
)

var realNow = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

// known is a registry with one state for all certificates.
type known struct {
	status registry.CertificateStatus
	broken bool
	issuer string
	// registers is how often it was asked to register a certificate.
	registers *int
}

func (k known) CertificateStatus(context.Context, registry.CertificateID) (registry.CertificateStatus, error) {
	if k.broken {
		return "", errors.New("the store is closed")
	}
	return k.status, nil
}

func (k known) IssuerOf(context.Context, *x509.Certificate) (string, error) { return k.issuer, nil }

func (k known) RegisterOnConnect(context.Context, *x509.Certificate) (bool, error) {
	*k.registers++
	return false, nil
}

func authenticator(k known) *auth.Authenticator {
	a := auth.NewVerifying(noKeys{}, "us-east-1", []string{"iot-jobs-data"}, func() time.Time { return realNow })
	a.AcceptCertificates(k)
	return a
}

func selfSigned(t *testing.T, notBefore, notAfter time.Time) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: notBefore, NotAfter: notAfter}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// withCertificate is a request over TLS by a client that showed a certificate.
func withCertificate(t *testing.T, cert *x509.Certificate, authorization string) *http.Request {
	t.Helper()
	r := get(t, authorization)
	r.TLS, r.RemoteAddr = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}, "[::ffff:192.0.2.7]:4711"
	return r
}

// Both ends of the life of a certificate belong to it, and the real clock decides.
func TestTheDatesOfACertificate(t *testing.T) {
	for _, c := range []struct {
		notBefore, notAfter time.Time
		reason              string
	}{
		{realNow, realNow, ""},
		{realNow.Add(time.Second), realNow.Add(time.Hour), "The certificate is not valid before 2026-05-06T07:08:10Z."},
		{realNow.Add(-time.Hour), realNow.Add(-time.Second), "The certificate expired at 2026-05-06T07:08:08Z."},
	} {
		cert := selfSigned(t, c.notBefore, c.notAfter)
		who, err := authenticate(authenticator(known{status: registry.CertificateActive}), withCertificate(t, cert, ""))
		id := registry.IDOfCertificate(cert)
		refusal, refused := errors.AsType[*auth.Refusal](err)
		switch {
		case c.reason == "" && (err != nil || who.CertificateID != id || who.String() != "cert/"+string(id) || who.SourceIP.String() != "192.0.2.7"):
			t.Errorf("%+v, %v; want certificate %s from 192.0.2.7", who, err, id)
		case c.reason != "" && (!refused || refusal.Message != c.reason || refusal.Status != 400 || refusal.Principal != "cert/"+string(id)):
			t.Errorf("%v, want a refusal with status 400: %s", err, c.reason)
		}
	}
}

// A present signature decides, also one that is no good; a certificate beside it changes nothing.
func TestASignatureDecidesBesideACertificate(t *testing.T) {
	a, cert := authenticator(known{status: registry.CertificateActive}), selfSigned(t, realNow, realNow)
	for authorization, want := range map[string]string{
		strings.Replace(header, "/iot/", "/iot-jobs-data/", 1): "UnrecognizedClientException",
		"AWS4-HMAC-SHA256 nonsense":                            "IncompleteSignatureException",
	} {
		_, err := authenticate(a, withCertificate(t, cert, authorization))
		if refusal, ok := errors.AsType[*auth.Refusal](err); !ok || refusal.Type != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	claim, err := a.Claim(withCertificate(t, cert, strings.Replace(header, "/iot/", "/iot-jobs-data/", 1)))
	if err != nil || claim.Service() != "iot-jobs-data" {
		t.Errorf("scope %q, %v; want that of the signature", claim.Service(), err)
	}
	if claim, err := a.Claim(withCertificate(t, cert, "")); err != nil || claim.Signed() {
		t.Errorf("scope %q, %v of a certificate alone; want none and no refusal", claim.Service(), err)
	}
}

// A stranger must not make us write: registering takes the place of other changes.
func TestACertificateOfNobodyIsOnlyLookedUp(t *testing.T) {
	cert := selfSigned(t, realNow, realNow)
	for issuer, want := range map[string]int{"": 0, "the registered CA x": 1} {
		asked := 0
		_, err := authenticate(authenticator(known{issuer: issuer, registers: &asked}), withCertificate(t, cert, ""))
		if refusal, ok := errors.AsType[*auth.Refusal](err); !ok || refusal.Type != "CertificateValidationException" || asked != want {
			t.Errorf("issuer %q: %v after %d attempts to register, want CertificateValidationException after %d", issuer, err, asked, want)
		}
	}
}

// An error of ours is no refusal: a store that cannot be read must not let anybody in, nor tell a device that its certificate is bad.
func TestABrokenRegistryLetsNobodyIn(t *testing.T) {
	_, err := authenticate(authenticator(known{broken: true}), withCertificate(t, selfSigned(t, realNow, realNow), ""))
	if _, refused := errors.AsType[*auth.Refusal](err); err == nil || refused {
		t.Errorf("%v, want an error that is no refusal", err)
	}
}

// Without a registry certificates mean nothing.
func TestCertificatesThatNobodyAccepts(t *testing.T) {
	a := auth.NewVerifying(noKeys{}, "us-east-1", []string{"iot"}, func() time.Time { return realNow })
	if _, err := a.Claim(withCertificate(t, selfSigned(t, realNow, realNow), "")); err == nil {
		t.Error("an unsigned request was let in")
	}
}
