package service

import (
	"context"
	"errors"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// DescribeCertificate shows a certificate.
func (s *Service) DescribeCertificate(ctx context.Context, id registry.CertificateID) (found *registry.Certificate, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		if found, err = existingCertificate(tx, id); err != nil {
			return err
		}
		return readPEM(tx, found)
	})
	return found, err
}

// UpdateCertificateInput gives a certificate another state.
type UpdateCertificateInput struct {
	ID     registry.CertificateID
	Status registry.CertificateStatus
}

// UpdateCertificate changes what state a certificate is in: from the answer on, one that is not ACTIVE authenticates nobody. A revoked one may
// come back, as with AWS (CTRL-3.5.23). The same state again is success.
func (s *Service) UpdateCertificate(ctx context.Context, in UpdateCertificateInput) error {
	if err := settable(in.Status); err != nil {
		return err
	}
	now := s.Now()
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		found, err := existingCertificate(tx, in.ID)
		if err != nil || found.Status == in.Status {
			return err
		}
		found.Status, found.ModifiedAt = in.Status, now
		found.Version++
		if in.Status == registry.CertificateActive {
			change.certificate(in.ID)
		} else {
			change.ended(in.ID)
		}
		return putRecord(tx, store.CertificateRecord, string(in.ID), found)
	})
}

// settable refuses the states that nobody may ask for (CTRL-3.5.23).
func settable(status registry.CertificateStatus) error {
	settable := []registry.CertificateStatus{registry.CertificateActive, registry.CertificateInactive, registry.CertificateRevoked}
	if !slices.Contains(settable, status) {
		return jobs.Errorf(jobs.InvalidRequest, "A certificate cannot be given the status %s; it may be ACTIVE, INACTIVE or REVOKED.", status)
	}
	return nil
}

// DeleteCertificateInput names a certificate. Force also detaches its policies.
type DeleteCertificateInput struct {
	ID    registry.CertificateID
	Force bool
}

// DeleteCertificate deletes a certificate that is not active and attached to nothing (CTRL-3.5.5).
func (s *Service) DeleteCertificate(ctx context.Context, in DeleteCertificateInput) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		found, err := existingCertificate(tx, in.ID)
		if err != nil {
			return err
		}
		if found.Status == registry.CertificateActive {
			return jobs.Errorf(jobs.CertificateState, "Certificate must be deactivated (not ACTIVE) before deletion.")
		}
		things, err := recordsUnder(tx, store.PrincipalThingRecord, principalThingID(in.ID, ""), "", 1)
		if err != nil {
			return err
		}
		if len(things) > 0 {
			return jobs.Errorf(jobs.DeleteConflict, "Things must be detached before deletion (certificate: %s)", in.ID)
		}
		policies, err := attachedPolicies(tx, certificateKey(in.ID))
		if err != nil {
			return err
		}
		if len(policies) > 0 && !in.Force {
			return jobs.Errorf(jobs.DeleteConflict, "Certificate policies must be detached before deletion (certificate: %s)", in.ID)
		}
		if err := detachAll(tx, certificateKey(in.ID)); err != nil {
			return err
		}
		change.ended(in.ID)
		return removeCertificate(tx, found)
	})
}

// ListCertificatesInput pages, and selects the certificates of a CA; an empty one selects all.
type ListCertificatesInput struct {
	CA   registry.CertificateID
	Page OrderedPage
}

// ListCertificatesOutput is one page.
type ListCertificatesOutput struct {
	Certificates []*registry.Certificate
	NextToken    string
}

// ListCertificates lists certificates in the order of their registration.
func (s *Service) ListCertificates(ctx context.Context, in ListCertificatesInput) (out ListCertificatesOutput, err error) {
	order := certificatesMade
	if in.CA != "" {
		order = certificatesOf(in.CA)
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		row := func(id string) (*registry.Certificate, error) { return certificate(tx, registry.CertificateID(id)) }
		out.Certificates, out.NextToken, err = page(tx, order, in.Page, row)
		return err
	})
	return out, err
}

// certificatesOf is the list of the certificates that a registered CA signed.
func certificatesOf(ca registry.CertificateID) creationOrder {
	return creationOrder("certificate-of-" + string(ca) + "/")
}

// certificate finds a certificate, without its PEM; nil if there is none.
func certificate(tx store.ReadTx, id registry.CertificateID) (*registry.Certificate, error) {
	return readRecord[registry.Certificate](tx, store.CertificateRecord, string(id))
}

// readPEM adds the PEM, which is kept apart: it is long, and what devices call for does not need it.
func readPEM(tx store.ReadTx, c *registry.Certificate) error {
	pem, err := tx.Record(store.CertificatePEMRecord, string(c.ID))
	c.PEM = string(pem)
	return err
}

// existingCertificate finds a certificate or refuses.
func existingCertificate(tx store.ReadTx, id registry.CertificateID) (*registry.Certificate, error) {
	found, err := certificate(tx, id)
	if err == nil && found == nil {
		err = jobs.Errorf(jobs.ResourceNotFound, "Certificate %s cannot be found.", id)
	}
	return found, err
}

func removeCertificate(tx store.Tx, c *registry.Certificate) error {
	if err := certificatesMade.remove(tx, c.Number); err != nil {
		return err
	}
	if c.CA != "" {
		if err := certificatesOf(c.CA).remove(tx, c.Number); err != nil {
			return err
		}
	}
	return errors.Join(tx.DeleteRecord(store.CertificateRecord, string(c.ID)), tx.DeleteRecord(store.CertificatePEMRecord, string(c.ID)))
}
