package wire

import "iotjobs/internal/registry"

// RegistrationCodeReply answers GetRegistrationCode.
type RegistrationCodeReply struct {
	RegistrationCode string `json:"registrationCode"`
}

// CACertificateDescriptionReply answers DescribeCACertificate.
type CACertificateDescriptionReply struct {
	CertificateDescription caCertificateDescription `json:"certificateDescription"`
	RegistrationConfig     unset                    `json:"registrationConfig"`
}

type caCertificateDescription struct {
	CertificateReply

	Status                 registry.CertificateStatus `json:"status"`
	CertificatePEM         string                     `json:"certificatePem"`
	OwnedBy                string                     `json:"ownedBy"`
	CreationDate           Timestamp                  `json:"creationDate"`
	AutoRegistrationStatus string                     `json:"autoRegistrationStatus"`
	LastModifiedDate       Timestamp                  `json:"lastModifiedDate"`
	CustomerVersion        int                        `json:"customerVersion"`
	GenerationID           string                     `json:"generationId"`
	Validity               validity                   `json:"validity"`
	CertificateMode        registry.CertificateMode   `json:"certificateMode"`
}

// CACertificateList answers ListCACertificates.
type CACertificateList struct {
	Certificates []caCertificateEntry `json:"certificates"`
	NextMarker   *string              `json:"nextMarker"`
}

type caCertificateEntry struct {
	CertificateReply

	Status       registry.CertificateStatus `json:"status"`
	CreationDate Timestamp                  `json:"creationDate"`
}

// CACertificate renders the answer of RegisterCACertificate.
func (r Realm) CACertificate(c *registry.CACertificate) CertificateReply {
	return CertificateReply{CertificateARN: r.CACertificateARN(c.ID), CertificateID: c.ID}
}

// CACertificateDescription renders the answer of DescribeCACertificate.
func (r Realm) CACertificateDescription(c *registry.CACertificate) CACertificateDescriptionReply {
	return CACertificateDescriptionReply{CertificateDescription: caCertificateDescription{
		CertificateReply: r.CACertificate(c), Status: caStatus(c), CertificatePEM: c.PEM, OwnedBy: r.Account, CreationDate: Timestamp(c.CreatedAt),
		AutoRegistrationStatus: autoRegistrationStatus(c), LastModifiedDate: Timestamp(c.ModifiedAt), CustomerVersion: c.Version,
		GenerationID: c.GenerationID, Validity: validityOf(c.NotBefore, c.NotAfter), CertificateMode: c.Mode,
	}}
}

// CACertificates renders a page of ListCACertificates.
func (r Realm) CACertificates(page []*registry.CACertificate, nextMarker string) CACertificateList {
	list := CACertificateList{Certificates: make([]caCertificateEntry, len(page)), NextMarker: orNull(nextMarker)}
	for i, c := range page {
		list.Certificates[i] = caCertificateEntry{CertificateReply: r.CACertificate(c), Status: caStatus(c), CreationDate: Timestamp(c.CreatedAt)}
	}
	return list
}

func caStatus(c *registry.CACertificate) registry.CertificateStatus {
	if c.Active {
		return registry.CertificateActive
	}
	return registry.CertificateInactive
}

// What AWS calls the two states of auto registration.
const (
	autoRegistrationOn  = "ENABLE"
	autoRegistrationOff = "DISABLE"
)

func autoRegistrationStatus(c *registry.CACertificate) string {
	if c.AutoRegistration {
		return autoRegistrationOn
	}
	return autoRegistrationOff
}

// CAStatusRule is the rule of newStatus in a query; CAIsActive says what it means.
func CAStatusRule() Constraint {
	return OneOf(registry.CertificateActive, registry.CertificateInactive)
}

// CAIsActive tells whether a state of a CA certificate is the active one.
func CAIsActive(status string) bool { return status == string(registry.CertificateActive) }

// AutoRegistrationRule is the rule of newAutoRegistrationStatus in a query; AutoRegistrationIsOn says what it means.
func AutoRegistrationRule() Constraint { return OneOf(autoRegistrationOn, autoRegistrationOff) }

// AutoRegistrationIsOn tells whether devices may bring certificates along.
func AutoRegistrationIsOn(status string) bool { return status == autoRegistrationOn }

// RegisterCACertificateRequest is the body of RegisterCACertificate.
type RegisterCACertificateRequest struct {
	CACertificate, VerificationCertificate string // PEM
	Mode                                   registry.CertificateMode
}

// RegisterCACertificate reads a body.
func (r *Reader) RegisterCACertificate() RegisterCACertificateRequest {
	var c RegisterCACertificateRequest
	c.CACertificate = r.RequiredString("caCertificate", certificatePEM...)
	c.VerificationCertificate, _ = r.String("verificationCertificate", certificatePEM...)
	r.registrationConfig()
	r.tags()
	mode, ok := r.String("certificateMode", OneOf(registry.CertificateModeDefault, registry.CertificateModeSNIOnly))
	if c.Mode = registry.CertificateMode(mode); !ok {
		c.Mode = registry.CertificateModeDefault
	}
	return c
}

// UpdateCACertificate reads the body of UpdateCACertificate: whether to end auto registration.
func (r *Reader) UpdateCACertificate() (removeAutoRegistration bool) {
	r.registrationConfig()
	return r.Bool("removeAutoRegistration")
}

// registrationConfig checks how AWS would provision a device that brings its certificate along.
func (r *Reader) registrationConfig() {
	if c := r.Object("registrationConfig"); c != nil {
		c.String("templateBody", MaxLen(10240))
		c.String("roleArn", MaxLen(2048), MinLen(20))
		c.String("templateName", MaxLen(36), MinLen(1), Pattern(`^[0-9A-Za-z_-]+$`))
	}
}
