package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// principalHeader has the ARN of a thing's principal (CTRL-3.5.11).
const principalHeader = "X-Amzn-Principal"

func (p *Plane) decodeAttachPrincipal(q *httpapi.Request) (service.ThingPrincipalInput, error) {
	in, err := p.decodeDetachPrincipal(q)
	in.Type = thingPrincipalType(q)
	return in, err
}

func (p *Plane) decodeDetachPrincipal(q *httpapi.Request) (service.ThingPrincipalInput, error) {
	thing := q.ThingName(q.Path("thingName"))
	principal, err := p.Realm.ParsePrincipal(header(q, principalHeader, "principal"))
	return service.ThingPrincipalInput{Thing: thing, Certificate: principal}, err
}

func thingPrincipalType(q *httpapi.Request) registry.ThingPrincipalType {
	kind, _ := q.Query("thingPrincipalType", wire.ThingPrincipalTypeRule())
	return registry.ThingPrincipalType(kind)
}

func decodeThingPrincipals(q *httpapi.Request) (service.ListThingPrincipalsInput, error) {
	in := service.ListThingPrincipalsInput{Page: page(q)}
	in.Thing = q.ThingName(q.Path("thingName"))
	in.Type = thingPrincipalType(q)
	return in, nil
}

func (p *Plane) encodeThingPrincipals(out service.ListThingPrincipalsOutput) any {
	return p.Realm.ThingPrincipals(out.Attached, out.NextToken)
}

func (p *Plane) encodeThingPrincipalObjects(out service.ListThingPrincipalsOutput) any {
	return p.Realm.ThingPrincipalObjects(out.Attached, out.NextToken)
}

func (p *Plane) decodePrincipalThings(q *httpapi.Request) (service.ListPrincipalThingsInput, error) {
	in := service.ListPrincipalThingsInput{Page: page(q)}
	principal, err := p.Realm.ParsePrincipal(header(q, principalHeader, "principal"))
	in.Certificate, in.Type = principal, thingPrincipalType(q)
	return in, err
}

func encodePrincipalThings(out service.ListThingPrincipalsOutput) any {
	return wire.PrincipalThings(out.Attached, out.NextToken)
}

func encodePrincipalThingObjects(out service.ListThingPrincipalsOutput) any {
	return wire.PrincipalThingObjects(out.Attached, out.NextToken)
}
