package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// DescribeCACertificate shows a registered CA certificate.
func (s *Service) DescribeCACertificate(ctx context.Context, id registry.CertificateID) (found *registry.CACertificate, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		found, err = existingCA(tx, id)
		return err
	})
	return found, err
}

// UpdateCACertificateInput changes what a CA is good for; nil members leave it.
type UpdateCACertificateInput struct {
	ID               registry.CertificateID
	Active           *bool
	AutoRegistration *bool
}

// UpdateCACertificate changes whether certificates of a CA can be registered, and whether devices may bring them along. Those that are
// registered stay as they are.
func (s *Service) UpdateCACertificate(ctx context.Context, in UpdateCACertificateInput) error {
	now := s.Now()
	return s.update(ctx, func(tx store.Tx) error {
		found, err := existingCA(tx, in.ID)
		if err != nil {
			return err
		}
		if in.Active != nil {
			found.Active = *in.Active
		}
		if in.AutoRegistration != nil {
			found.AutoRegistration = *in.AutoRegistration
		}
		found.ModifiedAt = now
		found.Version++
		return putRecord(tx, store.CACertificateRecord, string(in.ID), found)
	})
}

// DeleteCACertificate forgets a CA that is not active. Certificates that it signed stay registered.
func (s *Service) DeleteCACertificate(ctx context.Context, id registry.CertificateID) error {
	return s.update(ctx, func(tx store.Tx) error {
		found, err := existingCA(tx, id)
		if err != nil {
			return err
		}
		if found.Active {
			return jobs.Errorf(jobs.CertificateState, "The CA certificate must be deactivated (not ACTIVE) before deletion.")
		}
		cert, err := registry.ParseCertificate(found.PEM)
		if err != nil {
			return err
		}
		if err := tx.DeleteRecord(store.CASubjectRecord, subjectPrefix(cert.RawSubject)+string(id)); err != nil {
			return err
		}
		if err := caCertificatesMade.remove(tx, found.Number); err != nil {
			return err
		}
		return tx.DeleteRecord(store.CACertificateRecord, string(id))
	})
}

// ListCACertificatesOutput is one page.
type ListCACertificatesOutput struct {
	Certificates []*registry.CACertificate
	NextToken    string
}

// ListCACertificates lists CA certificates in the order of their registration.
func (s *Service) ListCACertificates(ctx context.Context, in OrderedPage) (out ListCACertificatesOutput, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		row := func(id string) (*registry.CACertificate, error) {
			return readRecord[registry.CACertificate](tx, store.CACertificateRecord, id)
		}
		out.Certificates, out.NextToken, err = page(tx, caCertificatesMade, in, row)
		return err
	})
	return out, err
}

// existingCA finds a CA or refuses.
func existingCA(tx store.ReadTx, id registry.CertificateID) (*registry.CACertificate, error) {
	found, err := readRecord[registry.CACertificate](tx, store.CACertificateRecord, string(id))
	if err == nil && found == nil {
		err = jobs.Errorf(jobs.ResourceNotFound, "CA certificate %s cannot be found.", id)
	}
	return found, err
}

// casWithSubject lists the registered CAs with a subject, which are at most registry.MaxCAsOfSubject.
func casWithSubject(tx store.ReadTx, subject []byte) (cas []*registry.CACertificate, err error) {
	prefix := subjectPrefix(subject)
	records, err := allUnder(tx, store.CASubjectRecord, prefix)
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		ca, err := existingCA(tx, registry.CertificateID(part(record, prefix)))
		if err != nil {
			return nil, err
		}
		cas = append(cas, ca)
	}
	return cas, nil
}

// subjectPrefix is what the ids of the CAs with a subject begin with.
func subjectPrefix(subject []byte) string {
	sum := sha256.Sum256(subject)
	return hex.EncodeToString(sum[:]) + "/"
}
