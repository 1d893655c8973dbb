package registry

import "time"

// CertificateID is the SHA-256 of a certificate's DER in lower-case hex: 64 characters (CTRL-3.5.6).
type CertificateID string

// CertificateStatus is the state of a certificate; its value is the wire value. Only Active ones may do anything.
type CertificateStatus string

// The states that certificates of this product have.
const (
	CertificateActive   CertificateStatus = "ACTIVE"
	CertificateInactive CertificateStatus = "INACTIVE"
	CertificateRevoked  CertificateStatus = "REVOKED"
	// CertificatePendingActivation is how a certificate begins that a device brought along itself, signed by a registered CA (CTRL-3.5.24).
	CertificatePendingActivation CertificateStatus = "PENDING_ACTIVATION"
)

// CertificateMode says how a CA, and with it its certificates, came to the account; its value is the wire value.
type CertificateMode string

// The two modes (CTRL-3.5.16). Nothing else depends on them here: one server is one account, so no client has to say which it means.
const (
	// CertificateModeDefault: of this server's CA, or of a registered CA whose owner proved to have its key.
	CertificateModeDefault CertificateMode = "DEFAULT"
	// CertificateModeSNIOnly: without a CA, or of a CA that was registered without proof.
	CertificateModeSNIOnly CertificateMode = "SNI_ONLY"
)

// Certificate is a registered device certificate. It is kept when it has expired, and never has a private key.
type Certificate struct {
	ID CertificateID
	// Number orders certificates by their creation; from the sequence of things and groups, never reused.
	Number uint64
	Status CertificateStatus
	Mode   CertificateMode
	// CA is the registered CA certificate that signed it; empty for this server's own CA and for certificates registered without a CA.
	CA CertificateID
	// GenerationID tells a certificate from an earlier one of the same ID.
	GenerationID string
	// PEM is the certificate itself; empty where only its state matters.
	PEM string
	// NotBefore and NotAfter are those of the certificate.
	NotBefore, NotAfter time.Time
	// Version counts changes; 1 at creation. AWS calls it customerVersion.
	Version               int
	CreatedAt, ModifiedAt time.Time
}

// CACertificate is a registered CA: certificates that it signed may be registered (CTRL-3.5.14).
type CACertificate struct {
	ID CertificateID
	// Number orders CA certificates by their creation.
	Number uint64
	// Active is needed for registering certificates of this CA; those that are registered do not depend on it.
	Active bool
	// AutoRegistration registers a certificate of this CA when a device first connects with it.
	AutoRegistration      bool
	Mode                  CertificateMode
	GenerationID          string
	PEM                   string
	NotBefore, NotAfter   time.Time
	Version               int
	CreatedAt, ModifiedAt time.Time
}

// MaxCAsOfSubject is how many CA certificates may have the same subject (CTRL-3.5.14).
const MaxCAsOfSubject = 10
