package service_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/pki"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store/faultstore"
)

// newIdentityWorld is a world with a CA, whose store runs every function twice: one that is not pure shows.
func newIdentityWorld(t *testing.T) (*world, *faultstore.Store) {
	t.Helper()
	w := newWorld(t)
	faults := faultstore.Wrap(w.Store)
	faults.Rerun(true)
	w.Store = faults
	ca, err := pki.NewCA(day)
	w.must(err)
	w.Issuer = issuer{ca}
	return w, faults
}

// day is when the certificates of tests begin.
var day = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

type issuer struct{ ca *pki.CA }

func (i issuer) IssueDevice(key crypto.PublicKey, subject []byte) (*x509.Certificate, error) {
	return i.ca.IssueDevice(day, key, subject)
}

// refused checks a refusal's code and its text.
func refused(t *testing.T, err error, code jobs.Code, message string) {
	t.Helper()
	wantCode(t, err, code)
	if err != nil && err.Error() != message {
		t.Errorf("got the message %q, want %q", err, message)
	}
}

// issued is a new active certificate.
func (w *world) issued() registry.CertificateID {
	w.t.Helper()
	cert, err := w.CreateCertificateFromCsr(w.t.Context(), service.CreateCertificateFromCsrInput{Request: requestPEM(w.t, ecKey(), "lamp"), Active: true})
	w.must(err)
	return cert.ID
}

func (w *world) setStatus(id registry.CertificateID, status registry.CertificateStatus) {
	w.t.Helper()
	w.must(w.UpdateCertificate(w.t.Context(), service.UpdateCertificateInput{ID: id, Status: status}))
}

func (w *world) policy(name registry.PolicyName, document string) {
	w.t.Helper()
	_, err := w.CreatePolicy(w.t.Context(), service.CreatePolicyInput{Name: name, Document: document})
	w.must(err)
}

func onCertificate(id registry.CertificateID) registry.PolicyTarget {
	return registry.PolicyTarget{Certificate: id}
}

func onGroup(name registry.GroupName) registry.PolicyTarget {
	return registry.PolicyTarget{Group: name}
}

func (w *world) attach(name registry.PolicyName, target registry.PolicyTarget) {
	w.t.Helper()
	w.must(w.AttachPolicy(w.t.Context(), service.PolicyAttachmentInput{Policy: name, Target: target}))
}

func (w *world) attachThing(thing registry.ThingName, id registry.CertificateID) {
	w.t.Helper()
	w.must(w.AttachThingPrincipal(w.t.Context(), service.ThingPrincipalInput{Thing: thing, Certificate: id}))
}

const (
	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	denyAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
)

// Keys are made once: RSA ones take long.
var (
	ecKey  = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	rsaKey = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // only in the making of test data
	}
	return value
}

func requestPEM(t *testing.T, key crypto.Signer, commonName string) string {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: commonName}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// testCA is somebody's own CA.
type testCA struct {
	cert *x509.Certificate
	key  crypto.Signer
}

var serial int64

func newTestCA(t *testing.T, commonName string, key crypto.Signer) testCA {
	t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: commonName}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return testCA{sign(t, template, template, key.Public(), key), key}
}

// device is a certificate of the CA.
func (ca testCA) device(t *testing.T, commonName string) *x509.Certificate {
	t.Helper()
	return sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: commonName}}, ca.cert, ecKey().Public(), ca.key)
}

func sign(t *testing.T, template, parent *x509.Certificate, key crypto.PublicKey, signer crypto.Signer) *x509.Certificate {
	t.Helper()
	serial++
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(serial), day, day.AddDate(1, 0, 0)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// registerCA registers a CA with the proof that AWS asks for.
func (w *world) registerCA(ca testCA, automatic bool) *registry.CACertificate {
	w.t.Helper()
	code, err := w.GetRegistrationCode(w.t.Context())
	w.must(err)
	registered, err := w.RegisterCACertificate(w.t.Context(), service.RegisterCACertificateInput{
		PEM: registry.EncodeCertificate(ca.cert), Verification: registry.EncodeCertificate(ca.device(w.t, code)), Mode: registry.CertificateModeDefault,
		Active: true, AutoRegistration: automatic,
	})
	w.must(err)
	return registered
}
