package service

import (
	"context"
	"crypto/x509"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// IssuingCA is a registered CA that signed a certificate, whatever its state; empty if there is none. It is for explaining why a certificate is not
// known.
func (s *Service) IssuingCA(ctx context.Context, cert *x509.Certificate) (id registry.CertificateID, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		id = ""
		candidates, err := casWithSubject(tx, cert.RawIssuer)
		if err != nil {
			return err
		}
		for _, candidate := range candidates {
			ca, err := registry.ParseCertificate(candidate.PEM)
			if err != nil {
				return err
			}
			if registry.SignedBy(cert, ca) {
				id = candidate.ID
				return nil
			}
		}
		return nil
	})
	return id, err
}
