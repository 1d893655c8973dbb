package service

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// RegisterCertificateInput is a certificate that a registered CA signed.
type RegisterCertificateInput struct {
	PEM string
	// CA is the PEM of the CA certificate; empty if its subject tells it from all others.
	CA     string
	Status registry.CertificateStatus
}

// RegisterCertificate registers a certificate of a registered, active CA, in the CA's mode (CTRL-3.5.17).
func (s *Service) RegisterCertificate(ctx context.Context, in RegisterCertificateInput) (*registry.Certificate, error) {
	r, err := newRegistration(in.PEM, in.Status)
	if err != nil {
		return nil, err
	}
	if r.signer, err = namedCA(in.CA); err != nil {
		return nil, err
	}
	return s.register(ctx, r)
}

// RegisterCertificateWithoutCAInput is any certificate.
type RegisterCertificateWithoutCAInput struct {
	PEM    string
	Status registry.CertificateStatus
}

// RegisterCertificateWithoutCA registers a certificate whoever signed it.
func (s *Service) RegisterCertificateWithoutCA(ctx context.Context, in RegisterCertificateWithoutCAInput) (*registry.Certificate, error) {
	r, err := newRegistration(in.PEM, in.Status)
	if err != nil {
		return nil, err
	}
	r.signer = signedByAnybody
	return s.register(ctx, r)
}

// RegisterOnConnect registers a certificate that a device connected with and that nobody has registered, if a CA with auto registration signed
// it: as PENDING_ACTIVATION, so that an operator still decides (CTRL-3.5.24). It tells whether it did; the device is refused in any case.
func (s *Service) RegisterOnConnect(ctx context.Context, cert *x509.Certificate) (registered bool, err error) {
	text := registry.EncodeCertificate(cert)
	if _, err := registry.ParseCertificate(text); err != nil {
		return false, nil //nolint:nilerr // a certificate that cannot be registered stays what it is: unknown
	}
	// Anybody may come with any certificate: what leads to nothing must not wait in line with changes.
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		_, _, err := autoRegistered(tx, cert)
		return err
	})
	if err != nil {
		return false, onlyOurs(err)
	}
	_, err = s.register(ctx, registration{cert: cert, pem: text, status: registry.CertificatePendingActivation, signer: autoRegistered})
	return err == nil, onlyOurs(err)
}

// onlyOurs is an error that is no refusal.
func onlyOurs(err error) error {
	if _, refused := errors.AsType[*jobs.Error](err); refused {
		return nil
	}
	return err
}

// registration is a certificate that is about to be registered.
type registration struct {
	cert   *x509.Certificate
	pem    string
	status registry.CertificateStatus
	// signer finds the registered CA that the certificate belongs to, nil for none, or refuses.
	signer func(store.ReadTx, *x509.Certificate) (*registry.CACertificate, registry.CertificateMode, error)
}

func newRegistration(pem string, status registry.CertificateStatus) (registration, error) {
	cert, err := registry.ParseCertificate(pem)
	if err != nil {
		return registration{}, jobs.Errorf(jobs.CertificateValidation, "The certificate is invalid: %v.", err)
	}
	if status == "" {
		status = registry.CertificateInactive
	}
	return registration{cert: cert, pem: pem, status: status}, settable(status)
}

func (s *Service) register(ctx context.Context, r registration) (registered *registry.Certificate, err error) {
	now, generation := s.Now(), s.newID()
	err = s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		registered, err = r.register(tx, generation, now)
		if err == nil {
			change.certificate(registered.ID)
		}
		return err
	})
	return registered, err
}

func (r registration) register(tx store.Tx, generation string, now time.Time) (*registry.Certificate, error) {
	id := registry.IDOfCertificate(r.cert)
	found, err := certificate(tx, id)
	if err != nil {
		return nil, err
	}
	if found != nil {
		return nil, &jobs.Error{Code: jobs.ResourceAlreadyExists, Resource: string(id), Message: "The certificate is already registered."}
	}
	ca, mode, err := r.signer(tx, r.cert)
	if err != nil {
		return nil, err
	}
	number, err := tx.NextNumber()
	if err != nil {
		return nil, err
	}
	c := &registry.Certificate{
		ID: id, Number: number, Status: r.status, Mode: mode, GenerationID: generation,
		NotBefore: r.cert.NotBefore, NotAfter: r.cert.NotAfter, Version: 1, CreatedAt: now, ModifiedAt: now,
	}
	if ca != nil {
		c.CA = ca.ID
		if err := certificatesOf(ca.ID).add(tx, number, string(id)); err != nil {
			return nil, err
		}
	}
	if err := certificatesMade.add(tx, number, string(id)); err != nil {
		return nil, err
	}
	if err := putRecord(tx, store.CertificateRecord, string(id), c); err != nil {
		return nil, err
	}
	c.PEM = r.pem
	return c, tx.PutRecord(store.CertificatePEMRecord, string(id), []byte(r.pem))
}

func signedByServer(store.ReadTx, *x509.Certificate) (*registry.CACertificate, registry.CertificateMode, error) {
	return nil, registry.CertificateModeDefault, nil
}

func signedByAnybody(store.ReadTx, *x509.Certificate) (*registry.CACertificate, registry.CertificateMode, error) {
	return nil, registry.CertificateModeSNIOnly, nil
}

// autoRegistered finds the CA and demands that it registers by itself.
func autoRegistered(tx store.ReadTx, cert *x509.Certificate) (*registry.CACertificate, registry.CertificateMode, error) {
	ca, mode, err := signerOf(tx, cert, "")
	if err == nil && !ca.AutoRegistration {
		err = jobs.Errorf(jobs.CertificateState, "The CA certificate %s does not register certificates automatically.", ca.ID)
	}
	return ca, mode, err
}

// namedCA finds the CA that a request names by its PEM, or that the certificate names as its issuer.
func namedCA(pem string) (func(store.ReadTx, *x509.Certificate) (*registry.CACertificate, registry.CertificateMode, error), error) {
	var named registry.CertificateID
	if pem != "" {
		ca, err := registry.ParseCertificate(pem)
		if err != nil {
			return nil, jobs.Errorf(jobs.CertificateValidation, "The CA certificate is invalid: %v.", err)
		}
		named = registry.IDOfCertificate(ca)
	}
	return func(tx store.ReadTx, cert *x509.Certificate) (*registry.CACertificate, registry.CertificateMode, error) {
		return signerOf(tx, cert, named)
	}, nil
}

// signerOf finds the registered CA that signed a certificate; named is empty for whichever did.
func signerOf(tx store.ReadTx, cert *x509.Certificate, named registry.CertificateID) (ca *registry.CACertificate, mode registry.CertificateMode, err error) {
	candidates, err := casWithSubject(tx, cert.RawIssuer)
	if err != nil {
		return nil, "", err
	}
	for _, candidate := range candidates {
		parsed, err := registry.ParseCertificate(candidate.PEM)
		if err != nil {
			return nil, "", err
		}
		if named != "" && candidate.ID != named || !registry.SignedBy(cert, parsed) {
			continue
		}
		if ca != nil {
			return nil, "", jobs.Errorf(jobs.CertificateConflict,
				"More than one registered CA certificate with the same subject and key signed the certificate: name one as caCertificatePem.")
		}
		ca = candidate
	}
	switch {
	case ca == nil:
		return nil, "", jobs.Errorf(jobs.CertificateValidation, "No registered CA certificate, or not the one that was named, signed the certificate.")
	case !ca.Active:
		return nil, "", jobs.Errorf(jobs.CertificateState, "The CA certificate %s is not ACTIVE.", ca.ID)
	}
	return ca, ca.Mode, nil
}
