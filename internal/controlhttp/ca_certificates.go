package controlhttp

import (
	"context"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func encodeRegistrationCode(code string) any {
	return wire.RegistrationCodeReply{RegistrationCode: code}
}

func (p *Plane) deleteRegistrationCode(ctx context.Context, none struct{}) (struct{}, error) {
	return none, p.Service.DeleteRegistrationCode(ctx)
}

func decodeRegisterCA(q *httpapi.Request) (service.RegisterCACertificateInput, error) {
	body := q.RegisterCACertificate()
	in := service.RegisterCACertificateInput{
		PEM: body.CACertificate, Verification: body.VerificationCertificate, Mode: body.Mode,
		Active: q.QueryBool("setAsActive", false), AutoRegistration: q.QueryBool("allowAutoRegistration", false),
	}
	return in, notExecuted(q, "RegisterCACertificate")
}

func (p *Plane) encodeRegisteredCA(c *registry.CACertificate) any { return p.Realm.CACertificate(c) }

func decodeCAID(q *httpapi.Request) (registry.CertificateID, error) {
	return q.CertificateID(q.Path("caCertificateId"), "certificateId"), nil
}

func (p *Plane) encodeCA(c *registry.CACertificate) any { return p.Realm.CACertificateDescription(c) }

func decodeUpdateCA(q *httpapi.Request) (service.UpdateCACertificateInput, error) {
	id, _ := decodeCAID(q)
	in := service.UpdateCACertificateInput{ID: id}
	if status, ok := q.Query("newStatus", wire.CAStatusRule()); ok {
		in.Active = new(wire.CAIsActive(status))
	}
	if status, ok := q.Query("newAutoRegistrationStatus", wire.AutoRegistrationRule()); ok {
		in.AutoRegistration = new(wire.AutoRegistrationIsOn(status))
	}
	if q.UpdateCACertificate() {
		in.AutoRegistration = new(false)
	}
	return in, notExecuted(q, "UpdateCACertificate")
}

func decodeListCAs(q *httpapi.Request) (service.OrderedPage, error) {
	return orderedPage(q), notExecuted(q, "ListCACertificates")
}

func (p *Plane) encodeCAs(out service.ListCACertificatesOutput) any {
	return p.Realm.CACertificates(out.Certificates, out.NextToken)
}
