package service

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Issuer is this server's own certificate authority.
type Issuer interface {
	// IssueDevice makes a certificate for a device's key. The subject is a name as DER, of a signing request; empty for the CA's own choice.
	IssueDevice(key crypto.PublicKey, subject []byte) (*x509.Certificate, error)
}

// KeysAndCertificate is a certificate with the keys that were made for it. The private key is nowhere else.
type KeysAndCertificate struct {
	Certificate           *registry.Certificate
	PublicKey, PrivateKey string // PEM
}

// CreateKeysAndCertificateInput says whether the certificate can be used at once.
type CreateKeysAndCertificateInput struct{ Active bool }

// newKeyBits is the length of the RSA keys that AWS makes (CTRL-3.5.1).
const newKeyBits = 2048

// CreateKeysAndCertificate makes a key pair and a certificate for it.
func (s *Service) CreateKeysAndCertificate(ctx context.Context, in CreateKeysAndCertificateInput) (KeysAndCertificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, newKeyBits)
	if err != nil {
		return KeysAndCertificate{}, fmt.Errorf("make a device's key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return KeysAndCertificate{}, fmt.Errorf("encode a device's key: %w", err)
	}
	issued, err := s.issue(ctx, key.Public(), nil, in.Active)
	if err != nil {
		return KeysAndCertificate{}, err
	}
	return KeysAndCertificate{
		Certificate: issued,
		PublicKey:   string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
		PrivateKey:  string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
	}, nil
}

// CreateCertificateFromCsrInput is a signing request in PEM.
type CreateCertificateFromCsrInput struct {
	Request string
	Active  bool
}

// CreateCertificateFromCsr makes a certificate for the key and with the subject of a request; its extensions are not taken over. The same
// request again makes another certificate (CTRL-3.5.2).
func (s *Service) CreateCertificateFromCsr(ctx context.Context, in CreateCertificateFromCsrInput) (*registry.Certificate, error) {
	request, err := registry.ParseRequest(in.Request)
	if err != nil {
		return nil, jobs.Errorf(jobs.InvalidRequest, "The certificate signing request is invalid: %v.", err)
	}
	return s.issue(ctx, request.PublicKey, request.RawSubject, in.Active)
}

func (s *Service) issue(ctx context.Context, key crypto.PublicKey, subject []byte, active bool) (*registry.Certificate, error) {
	if s.Issuer == nil {
		return nil, errors.New("issue a certificate: the service has no issuer")
	}
	cert, err := s.Issuer.IssueDevice(key, subject)
	if err != nil {
		return nil, err
	}
	status := registry.CertificateInactive
	if active {
		status = registry.CertificateActive
	}
	return s.register(ctx, registration{cert: cert, pem: registry.EncodeCertificate(cert), status: status, signer: signedByServer})
}
