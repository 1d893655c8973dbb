package controlhttp

import (
	"errors"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func (p *Plane) decodeTestAuthorization(q *httpapi.Request) (service.TestAuthorizationInput, error) {
	body := q.TestAuthorization()
	in := service.TestAuthorizationInput{Asked: body.Asked, Add: body.Add, Skip: body.Skip}
	in.ClientID, _ = q.Query("clientId")
	var err error
	if body.Principal != "" {
		in.Certificate, err = p.Realm.ParsePrincipal(body.Principal)
	}
	return in, errors.Join(notExecuted(q, "TestAuthorization"), err)
}

func (p *Plane) encodeTestedAuthorization(answers []registry.AuthorizationAnswer) any {
	return p.Realm.TestedAuthorization(answers)
}

func (p *Plane) decodeEffectivePolicies(q *httpapi.Request) (service.GetEffectivePoliciesInput, error) {
	var in service.GetEffectivePoliciesInput
	if thing, ok := q.Query("thingName", wire.RegistryNameRules()...); ok {
		in.Thing = registry.ThingName(thing)
	}
	var err error
	if principal := q.GetEffectivePolicies(); principal != "" {
		in.Principal, err = p.Realm.ParsePolicyTarget(principal)
	}
	return in, errors.Join(notExecuted(q, "GetEffectivePolicies"), err)
}

func (p *Plane) encodeEffectivePolicies(policies []registry.EffectivePolicy) any {
	return p.Realm.EffectivePolicies(policies)
}
