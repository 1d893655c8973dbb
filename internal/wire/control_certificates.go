package wire

import (
	"time"

	"iotjobs/internal/registry"
)

// CertificateReply answers the operations that register a certificate.
type CertificateReply struct {
	CertificateARN string                 `json:"certificateArn"`
	CertificateID  registry.CertificateID `json:"certificateId"`
}

// IssuedCertificateReply answers CreateCertificateFromCsr.
type IssuedCertificateReply struct {
	CertificateReply

	CertificatePEM string `json:"certificatePem"`
}

// KeysAndCertificateReply answers CreateKeysAndCertificate: the only time that anybody sees the private key.
type KeysAndCertificateReply struct {
	IssuedCertificateReply

	KeyPair KeyPair `json:"keyPair"`
}

// KeyPair is in PEM.
type KeyPair struct {
	PublicKey  string `json:"PublicKey"`
	PrivateKey string `json:"PrivateKey"`
}

// CertificateDescriptionReply answers DescribeCertificate.
type CertificateDescriptionReply struct {
	CertificateDescription certificateDescription `json:"certificateDescription"`
}

type certificateDescription struct {
	CertificateReply

	CACertificateID  *registry.CertificateID    `json:"caCertificateId"`
	Status           registry.CertificateStatus `json:"status"`
	CertificatePEM   string                     `json:"certificatePem"`
	OwnedBy          string                     `json:"ownedBy"`
	PreviousOwnedBy  unset                      `json:"previousOwnedBy"`
	CreationDate     Timestamp                  `json:"creationDate"`
	LastModifiedDate Timestamp                  `json:"lastModifiedDate"`
	CustomerVersion  int                        `json:"customerVersion"`
	TransferData     transferData               `json:"transferData"`
	GenerationID     string                     `json:"generationId"`
	Validity         validity                   `json:"validity"`
	CertificateMode  registry.CertificateMode   `json:"certificateMode"`
}

// transferData is {} for clients that drop nulls: certificates are not transferred between accounts here.
type transferData struct {
	TransferMessage unset `json:"transferMessage"`
	RejectReason    unset `json:"rejectReason"`
	TransferDate    unset `json:"transferDate"`
	AcceptDate      unset `json:"acceptDate"`
	RejectDate      unset `json:"rejectDate"`
}

type validity struct {
	NotBefore Timestamp `json:"notBefore"`
	NotAfter  Timestamp `json:"notAfter"`
}

// CertificateList answers ListCertificates and ListCertificatesByCA.
type CertificateList struct {
	Certificates []certificateEntry `json:"certificates"`
	NextMarker   *string            `json:"nextMarker"`
}

type certificateEntry struct {
	CertificateReply

	Status          registry.CertificateStatus `json:"status"`
	CertificateMode registry.CertificateMode   `json:"certificateMode"`
	CreationDate    Timestamp                  `json:"creationDate"`
}

// Certificate renders the answers of RegisterCertificate and RegisterCertificateWithoutCA.
func (r Realm) Certificate(c *registry.Certificate) CertificateReply {
	return CertificateReply{CertificateARN: r.CertificateARN(c.ID), CertificateID: c.ID}
}

// IssuedCertificate renders the answer of CreateCertificateFromCsr.
func (r Realm) IssuedCertificate(c *registry.Certificate) IssuedCertificateReply {
	return IssuedCertificateReply{CertificateReply: r.Certificate(c), CertificatePEM: c.PEM}
}

// KeysAndCertificate renders the answer of CreateKeysAndCertificate.
func (r Realm) KeysAndCertificate(c *registry.Certificate, keys KeyPair) KeysAndCertificateReply {
	return KeysAndCertificateReply{IssuedCertificateReply: r.IssuedCertificate(c), KeyPair: keys}
}

// CertificateDescription renders the answer of DescribeCertificate.
func (r Realm) CertificateDescription(c *registry.Certificate) CertificateDescriptionReply {
	return CertificateDescriptionReply{certificateDescription{
		CertificateReply: r.Certificate(c), CACertificateID: orNull(c.CA), Status: c.Status, CertificatePEM: c.PEM, OwnedBy: r.Account,
		CreationDate: Timestamp(c.CreatedAt), LastModifiedDate: Timestamp(c.ModifiedAt), CustomerVersion: c.Version, GenerationID: c.GenerationID,
		Validity: validityOf(c.NotBefore, c.NotAfter), CertificateMode: c.Mode,
	}}
}

// Certificates renders a page of ListCertificates.
func (r Realm) Certificates(page []*registry.Certificate, nextMarker string) CertificateList {
	list := CertificateList{Certificates: make([]certificateEntry, len(page)), NextMarker: orNull(nextMarker)}
	for i, c := range page {
		list.Certificates[i] = certificateEntry{CertificateReply: r.Certificate(c), Status: c.Status, CertificateMode: c.Mode, CreationDate: Timestamp(c.CreatedAt)}
	}
	return list
}

func validityOf(notBefore, notAfter time.Time) validity {
	return validity{NotBefore: Timestamp(notBefore), NotAfter: Timestamp(notAfter)}
}

// CertificateSigningRequest reads the body of CreateCertificateFromCsr.
func (r *Reader) CertificateSigningRequest() string {
	return r.RequiredString("certificateSigningRequest", MaxLen(4096), MinLen(1))
}

// RegisterCertificateRequest is the body of RegisterCertificate, and without the CA of RegisterCertificateWithoutCA.
type RegisterCertificateRequest struct {
	Certificate, CA string // PEM; CA is empty if the request names none
	Status          registry.CertificateStatus
}

// RegisterCertificate reads a body.
func (r *Reader) RegisterCertificate() RegisterCertificateRequest {
	var c RegisterCertificateRequest
	c.Certificate = r.RequiredString("certificatePem", certificatePEM...)
	c.CA, _ = r.String("caCertificatePem", certificatePEM...)
	status, _ := r.String("status", certificateStatusRule)
	c.Status = registry.CertificateStatus(status)
	return c
}
