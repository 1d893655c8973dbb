package service

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// registrationCodeSetting is the one registration code of the account.
const registrationCodeSetting = "registration-code"

// GetRegistrationCode shows the code that a verification certificate must carry, and makes it at first (CTRL-3.5.15).
func (s *Service) GetRegistrationCode(ctx context.Context) (code string, err error) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		stored, err := tx.Record(store.SettingRecord, registrationCodeSetting)
		if err != nil || stored != nil {
			code = string(stored)
			return err
		}
		code = hex.EncodeToString(random[:])
		return tx.PutRecord(store.SettingRecord, registrationCodeSetting, []byte(code))
	})
	return code, err
}

// DeleteRegistrationCode makes the code worthless; the next one is another.
func (s *Service) DeleteRegistrationCode(ctx context.Context) error {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		stored, err := tx.Record(store.SettingRecord, registrationCodeSetting)
		if err != nil {
			return err
		}
		if stored == nil {
			return jobs.Errorf(jobs.ResourceNotFound, "There is no registration code.")
		}
		return tx.DeleteRecord(store.SettingRecord, registrationCodeSetting)
	})
}

// RegisterCACertificateInput is a CA certificate in PEM.
type RegisterCACertificateInput struct {
	PEM string
	// Verification is a certificate in PEM that the CA signed and whose common name is the registration code: the proof that the caller has the
	// CA's key. Mode SNI_ONLY goes without it, and must.
	Verification             string
	Mode                     registry.CertificateMode
	Active, AutoRegistration bool
}

// RegisterCACertificate registers a CA, so that certificates that it signed can be registered (CTRL-3.5.14).
func (s *Service) RegisterCACertificate(ctx context.Context, in RegisterCACertificateInput) (*registry.CACertificate, error) {
	cert, err := registry.ParseCertificate(in.PEM)
	if err != nil {
		return nil, jobs.Errorf(jobs.CertificateValidation, "The CA certificate is invalid: %v.", err)
	}
	if !cert.IsCA || cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, jobs.Errorf(jobs.CertificateValidation, "The CA certificate may not sign others: it needs the basic constraint CA:TRUE and, if it names key usages, keyCertSign.")
	}
	code, err := provenCode(in, cert)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	ca := &registry.CACertificate{
		ID: registry.IDOfCertificate(cert), Active: in.Active, AutoRegistration: in.AutoRegistration, Mode: in.Mode, GenerationID: s.newID(), PEM: in.PEM,
		NotBefore: cert.NotBefore, NotAfter: cert.NotAfter, Version: 1, CreatedAt: now, ModifiedAt: now,
	}
	err = s.update(ctx, func(tx store.Tx) error {
		if err := checkNewCA(tx, ca.ID, cert.RawSubject); err != nil {
			return err
		}
		if err := checkCode(tx, in.Mode, code); err != nil {
			return err
		}
		if ca.Number, err = tx.NextNumber(); err != nil {
			return err
		}
		if err := caCertificatesMade.add(tx, ca.Number, string(ca.ID)); err != nil {
			return err
		}
		if err := tx.PutRecord(store.CASubjectRecord, subjectPrefix(cert.RawSubject)+string(ca.ID), []byte{}); err != nil {
			return err
		}
		return putRecord(tx, store.CACertificateRecord, string(ca.ID), ca)
	})
	return ca, err
}

// provenCode is the common name of the verification certificate, which the CA signed; empty if the mode needs none.
func provenCode(in RegisterCACertificateInput, ca *x509.Certificate) (string, error) {
	if in.Mode == registry.CertificateModeSNIOnly {
		if in.Verification != "" {
			return "", jobs.Errorf(jobs.InvalidRequest, "verificationCertificate must be empty when certificateMode is SNI_ONLY.")
		}
		return "", nil
	}
	if in.Verification == "" {
		return "", jobs.Errorf(jobs.InvalidRequest, "verificationCertificate must not be empty when certificateMode is DEFAULT.")
	}
	verification, err := registry.ParseCertificate(in.Verification)
	if err != nil {
		return "", jobs.Errorf(jobs.CertificateValidation, "The verification certificate is invalid: %v.", err)
	}
	if !registry.SignedBy(verification, ca) {
		return "", jobs.Errorf(jobs.CertificateValidation, "The verification certificate is not signed by the CA certificate.")
	}
	return verification.Subject.CommonName, nil
}

func checkCode(tx store.ReadTx, mode registry.CertificateMode, code string) error {
	if mode == registry.CertificateModeSNIOnly {
		return nil
	}
	stored, err := tx.Record(store.SettingRecord, registrationCodeSetting)
	if err == nil && (stored == nil || string(stored) != code) {
		err = jobs.Errorf(jobs.RegistrationCodeValidation, "The common name of the verification certificate is not the registration code.")
	}
	return err
}

// checkNewCA refuses a CA that is registered, and too many of one subject.
func checkNewCA(tx store.ReadTx, id registry.CertificateID, subject []byte) error {
	same, err := casWithSubject(tx, subject)
	if err != nil {
		return err
	}
	for _, ca := range same {
		if ca.ID == id {
			return &jobs.Error{Code: jobs.ResourceAlreadyExists, Resource: string(id), Message: "The CA certificate is already registered."}
		}
	}
	if len(same) >= registry.MaxCAsOfSubject {
		return jobs.Errorf(jobs.LimitExceeded, "%d CA certificates with the same subject are registered, which is the most.", len(same))
	}
	return nil
}
