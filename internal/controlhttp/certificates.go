package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func decodeCreateKeys(q *httpapi.Request) (service.CreateKeysAndCertificateInput, error) {
	return service.CreateKeysAndCertificateInput{Active: q.QueryBool("setAsActive", false)}, nil
}

func (p *Plane) encodeKeys(k service.KeysAndCertificate) any {
	return p.Realm.KeysAndCertificate(k.Certificate, wire.KeyPair{PublicKey: k.PublicKey, PrivateKey: k.PrivateKey})
}

func decodeCreateFromCsr(q *httpapi.Request) (service.CreateCertificateFromCsrInput, error) {
	return service.CreateCertificateFromCsrInput{Request: q.CertificateSigningRequest(), Active: q.QueryBool("setAsActive", false)}, nil
}

func (p *Plane) encodeIssued(c *registry.Certificate) any { return p.Realm.IssuedCertificate(c) }

func decodeRegister(q *httpapi.Request) (service.RegisterCertificateInput, error) {
	body := q.RegisterCertificate()
	in := service.RegisterCertificateInput{PEM: body.Certificate, CA: body.CA, Status: body.Status}
	if q.QueryBool("setAsActive", false) { // the older way to say status
		if in.Status != "" && in.Status != registry.CertificateActive {
			return in, jobs.Errorf(jobs.InvalidRequest, "setAsActive and the status %s contradict each other.", in.Status)
		}
		in.Status = registry.CertificateActive
	}
	return in, nil
}

func decodeRegisterWithoutCA(q *httpapi.Request) (service.RegisterCertificateWithoutCAInput, error) {
	body := q.RegisterCertificate()
	return service.RegisterCertificateWithoutCAInput{PEM: body.Certificate, Status: body.Status}, nil
}

func (p *Plane) encodeRegistered(c *registry.Certificate) any { return p.Realm.Certificate(c) }

func decodeCertificateID(q *httpapi.Request) (registry.CertificateID, error) {
	return q.CertificateID(q.Path("certificateId"), "certificateId"), nil
}

func (p *Plane) encodeCertificate(c *registry.Certificate) any {
	return p.Realm.CertificateDescription(c)
}

func decodeUpdateCertificate(q *httpapi.Request) (service.UpdateCertificateInput, error) {
	id, err := decodeCertificateID(q)
	status, ok := q.Query("newStatus", wire.CertificateStatusRule())
	if !ok && !q.HTTP.URL.Query().Has("newStatus") {
		q.Missing("newStatus")
	}
	return service.UpdateCertificateInput{ID: id, Status: registry.CertificateStatus(status)}, err
}

func decodeDeleteCertificate(q *httpapi.Request) (service.DeleteCertificateInput, error) {
	id, err := decodeCertificateID(q)
	return service.DeleteCertificateInput{ID: id, Force: q.QueryBool("forceDelete", false)}, err
}

func decodeListCertificates(q *httpapi.Request) (service.ListCertificatesInput, error) {
	return service.ListCertificatesInput{Page: orderedPage(q)}, nil
}

func decodeListByCA(q *httpapi.Request) (service.ListCertificatesInput, error) {
	id := q.CertificateID(q.Path("caCertificateId"), "caCertificateId")
	return service.ListCertificatesInput{CA: id, Page: orderedPage(q)}, nil
}

func (p *Plane) encodeCertificates(out service.ListCertificatesOutput) any {
	return p.Realm.Certificates(out.Certificates, out.NextToken)
}
