package service_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func TestRegistrationCode(t *testing.T) {
	w, _ := newIdentityWorld(t)
	refused(t, w.DeleteRegistrationCode(t.Context()), jobs.ResourceNotFound, "There is no registration code.")
	code := func() string {
		code, err := w.GetRegistrationCode(t.Context())
		w.must(err)
		return code
	}
	first := code()
	if len(first) != 64 || code() != first {
		t.Errorf("the code is %q, then %q", first, code())
	}
	w.must(w.DeleteRegistrationCode(t.Context()))
	if code() == first {
		t.Error("the code that was deleted came back")
	}
}

func TestRegisterCACertificate(t *testing.T) {
	w, _ := newIdentityWorld(t)
	for _, key := range []testCA{newTestCA(t, "ec", ecKey()), newTestCA(t, "rsa", rsaKey())} {
		ca := w.registerCA(key, false)
		got, err := w.DescribeCACertificate(t.Context(), ca.ID)
		w.must(err)
		if !got.Active || got.AutoRegistration || got.Mode != registry.CertificateModeDefault || got.ID != registry.IDOfCertificate(key.cert) {
			t.Errorf("got %+v", got)
		}
	}
	unproven := newTestCA(t, "unproven", ecKey())
	ca, err := w.RegisterCACertificate(t.Context(), service.RegisterCACertificateInput{
		PEM: registry.EncodeCertificate(unproven.cert), Mode: registry.CertificateModeSNIOnly, Active: true,
	})
	w.must(err)
	device, err := w.RegisterCertificate(t.Context(), service.RegisterCertificateInput{PEM: registry.EncodeCertificate(unproven.device(t, "x"))})
	w.must(err)
	if ca.Mode != registry.CertificateModeSNIOnly || device.Mode != registry.CertificateModeSNIOnly {
		t.Errorf("the CA is in mode %s, its certificate in mode %s", ca.Mode, device.Mode)
	}
}

func TestRegisterCACertificateRefusals(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ca, other := newTestCA(t, "ca", ecKey()), newTestCA(t, "other", rsaKey())
	code, err := w.GetRegistrationCode(t.Context())
	w.must(err)
	noCA := sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "no ca"}}, ca.cert, ecKey().Public(), ecKey())
	const proven, unproven = registry.CertificateModeDefault, registry.CertificateModeSNIOnly
	for _, c := range []struct {
		name         string
		ca           *x509.Certificate
		verification *x509.Certificate
		mode         registry.CertificateMode
		code         jobs.Code
		message      string
	}{
		{"no proof", ca.cert, nil, proven, jobs.InvalidRequest, "verificationCertificate must not be empty when certificateMode is DEFAULT."},
		{"needless proof", ca.cert, ca.device(t, code), unproven, jobs.InvalidRequest, "verificationCertificate must be empty when certificateMode is SNI_ONLY."},
		{"somebody else's proof", ca.cert, other.device(t, code), proven, jobs.CertificateValidation, "The verification certificate is not signed by the CA certificate."},
		{"another code", ca.cert, ca.device(t, "x"), proven, jobs.RegistrationCodeValidation, "The common name of the verification certificate is not the registration code."},
		{
			"no CA", noCA, ca.device(t, code), proven, jobs.CertificateValidation,
			"The CA certificate may not sign others: it needs the basic constraint CA:TRUE and, if it names key usages, keyCertSign.",
		},
	} {
		in := service.RegisterCACertificateInput{PEM: registry.EncodeCertificate(c.ca), Mode: c.mode}
		if c.verification != nil {
			in.Verification = registry.EncodeCertificate(c.verification)
		}
		_, err := w.RegisterCACertificate(t.Context(), in)
		t.Log(c.name)
		refused(t, err, c.code, c.message)
	}
	_, err = w.RegisterCACertificate(t.Context(), service.RegisterCACertificateInput{PEM: "x"})
	refused(t, err, jobs.CertificateValidation, "The CA certificate is invalid: it is not in PEM format.")
	_, err = w.RegisterCACertificate(t.Context(), service.RegisterCACertificateInput{PEM: registry.EncodeCertificate(ca.cert), Verification: "x"})
	refused(t, err, jobs.CertificateValidation, "The verification certificate is invalid: it is not in PEM format.")

	w.registerCA(ca, false)
	_, err = w.RegisterCACertificate(t.Context(), service.RegisterCACertificateInput{PEM: registry.EncodeCertificate(ca.cert), Mode: unproven})
	refused(t, err, jobs.ResourceAlreadyExists, "The CA certificate is already registered.")
	for range registry.MaxCAsOfSubject - 1 {
		w.registerCA(newTestCA(t, "ca", ecKey()), false)
	}
	_, err = w.RegisterCACertificate(t.Context(), service.RegisterCACertificateInput{PEM: registry.EncodeCertificate(newTestCA(t, "ca", ecKey()).cert), Mode: unproven})
	refused(t, err, jobs.LimitExceeded, "10 CA certificates with the same subject are registered, which is the most.")
	w.registerCA(newTestCA(t, "another subject", ecKey()), false)
}

func TestUpdateAndDeleteCACertificate(t *testing.T) {
	w, _ := newIdentityWorld(t)
	own := newTestCA(t, "ca", ecKey())
	ca := w.registerCA(own, false)
	device, err := w.RegisterCertificate(t.Context(), service.RegisterCertificateInput{PEM: registry.EncodeCertificate(own.device(t, "x")), Status: registry.CertificateActive})
	w.must(err)
	refused(t, w.DeleteCACertificate(t.Context(), ca.ID), jobs.CertificateState, "The CA certificate must be deactivated (not ACTIVE) before deletion.")
	on, off := true, false
	w.must(w.UpdateCACertificate(t.Context(), service.UpdateCACertificateInput{ID: ca.ID, Active: &off, AutoRegistration: &on}))
	got, err := w.DescribeCACertificate(t.Context(), ca.ID)
	w.must(err)
	if got.Active || !got.AutoRegistration || got.Version != 2 {
		t.Errorf("got %+v", got)
	}
	w.must(w.DeleteCACertificate(t.Context(), ca.ID))
	for _, err := range []error{
		w.DeleteCACertificate(t.Context(), ca.ID),
		w.UpdateCACertificate(t.Context(), service.UpdateCACertificateInput{ID: ca.ID}),
		func() error { _, err := w.DescribeCACertificate(t.Context(), ca.ID); return err }(),
	} {
		refused(t, err, jobs.ResourceNotFound, "CA certificate "+string(ca.ID)+" cannot be found.")
	}
	if c, err := w.DescribeCertificate(t.Context(), device.ID); err != nil || c.Status != registry.CertificateActive {
		t.Errorf("the certificates of a deleted CA stay: got %+v, %v", c, err)
	}
	list, err := w.ListCACertificates(t.Context(), service.OrderedPage{})
	w.must(err)
	if len(list.Certificates) != 0 {
		t.Errorf("%d CAs are left", len(list.Certificates))
	}
	w.registerCA(own, false) // may come back
}

func TestRegisterOnConnect(t *testing.T) {
	w, _ := newIdentityWorld(t)
	automatic, manual, stranger := newTestCA(t, "automatic", ecKey()), newTestCA(t, "manual", ecKey()), newTestCA(t, "stranger", ecKey())
	ca := w.registerCA(automatic, true)
	w.registerCA(manual, false)
	connect := func(cert *x509.Certificate, want bool) {
		t.Helper()
		got, err := w.RegisterOnConnect(t.Context(), cert)
		w.must(err)
		if got != want {
			t.Errorf("%s: registered %v, want %v", cert.Issuer, got, want)
		}
	}
	device := automatic.device(t, "x")
	connect(device, true)
	connect(device, false) // it is there
	c, err := w.DescribeCertificate(t.Context(), registry.IDOfCertificate(device))
	w.must(err)
	if c.Status != registry.CertificatePendingActivation || c.CA != ca.ID {
		t.Errorf("got %+v", c)
	}
	connect(manual.device(t, "x"), false)
	connect(stranger.device(t, "x"), false)
	off := false
	w.must(w.UpdateCACertificate(t.Context(), service.UpdateCACertificateInput{ID: ca.ID, Active: &off}))
	connect(automatic.device(t, "y"), false)
	w.setStatus(c.ID, registry.CertificateActive) // what an operator does then
}
