package auth

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"time"

	"iotjobs/internal/registry"
)

// Certificates knows the certificates of devices.
type Certificates interface {
	// CertificateStatus is the state of a registered certificate at this moment; empty for one that nobody registered.
	CertificateStatus(ctx context.Context, id registry.CertificateID) (registry.CertificateStatus, error)
	// IssuerOf says who signed a certificate that nobody registered, in words for people; empty for nobody that is known here.
	IssuerOf(ctx context.Context, cert *x509.Certificate) (string, error)
	// RegisterOnConnect registers a certificate whose CA wants it so, and tells whether it did (CTRL-3.5.24).
	RegisterOnConnect(ctx context.Context, cert *x509.Certificate) (bool, error)
}

// AcceptCertificates lets in devices whose certificate is good. Call it before the first request.
func (a *Authenticator) AcceptCertificates(known Certificates) { a.certificates = known }

// byCertificate says which certificate calls, or why it may not. The TLS library asked for a certificate and made sure that the client has its key;
// all else is looked at here, for each request: so a resumed session and a connection that is kept open are judged like new ones.
func (a *Authenticator) byCertificate(r *http.Request, shown *presented) (Principal, error) {
	connectionOf(r).callsAs(shown.id)
	status, err := a.certificates.CertificateStatus(r.Context(), shown.id)
	if err != nil {
		return Principal{}, fmt.Errorf("look up certificate %s: %w", shown.id, err)
	}
	var refusal *Refusal
	switch fault := CertificateFault(shown.leaf, a.now()); {
	case fault != "":
		refusal = badCertificate("The certificate %s.", fault)
	case status == "":
		if refusal, err = a.introduce(r.Context(), shown.leaf); err != nil {
			return Principal{}, err
		}
	case status != registry.CertificateActive:
		refusal = idleCertificate("The certificate is %s, not ACTIVE.", status)
	default:
		return Principal{CertificateID: shown.id, SourceIP: SourceIP(r), certificate: shown}, nil
	}
	refusal.Principal = Principal{CertificateID: shown.id}.String()
	return Principal{}, refusal
}

// CertificateFault says why a certificate is good for nothing whoever registered it, as in "expired at …"; empty if it is good now. Devices keep their certificates in flash for
// years, so the dates are those of the real clock.
func CertificateFault(cert *x509.Certificate, now time.Time) string {
	switch {
	case now.After(cert.NotAfter):
		return "expired at " + cert.NotAfter.UTC().Format(time.RFC3339)
	case now.Before(cert.NotBefore):
		return "is not valid before " + cert.NotBefore.UTC().Format(time.RFC3339)
	case cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return "is not for TLS clients: its key usage lacks digitalSignature"
	case restrictsUsage(cert) && !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) && !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageAny):
		return "is not for TLS clients: its extended key usage lacks clientAuth"
	}
	return ""
}

func restrictsUsage(cert *x509.Certificate) bool {
	return len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage) > 0
}

// introduce refuses a certificate that is not registered, and says what its owner needs to know. Anybody can make a certificate and show it all day, so
// one that no CA here signed costs nothing but a look into the registry.
func (a *Authenticator) introduce(ctx context.Context, cert *x509.Certificate) (*Refusal, error) {
	issuer, err := a.certificates.IssuerOf(ctx, cert)
	if err != nil {
		return nil, fmt.Errorf("find the issuer of a certificate: %w", err)
	}
	if issuer == "" {
		return badCertificate("The certificate is not registered, and no CA that is known here signed it."), nil
	}
	registered, err := a.certificates.RegisterOnConnect(ctx, cert)
	if err != nil {
		return nil, fmt.Errorf("register a certificate at its first connection: %w", err)
	}
	if registered {
		return idleCertificate("The certificate is %s, not ACTIVE: it was registered by this connection.", registry.CertificatePendingActivation), nil
	}
	return badCertificate("The certificate is not registered; it was signed by %s.", issuer), nil
}

// badCertificate refuses what no operator can make good by changing its state (HTTP-6.10).
func badCertificate(format string, args ...any) *Refusal {
	return &Refusal{Type: "CertificateValidationException", Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// idleCertificate refuses a good certificate that may do nothing now.
func idleCertificate(format string, args ...any) *Refusal {
	return &Refusal{Type: "ForbiddenException", Status: http.StatusForbidden, Message: fmt.Sprintf(format, args...)}
}
