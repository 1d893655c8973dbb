package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func decodeCreatePolicy(q *httpapi.Request) (service.CreatePolicyInput, error) {
	in := service.CreatePolicyInput{Name: q.PolicyName(q.Path("policyName")), Document: q.CreatePolicy()}
	return in, notExecuted(q, "CreatePolicy")
}

func (p *Plane) encodeCreatedPolicy(d service.PolicyDescription) any {
	return p.Realm.CreatedPolicy(d.Policy, d.Version, d.Document)
}

func decodePolicyName(q *httpapi.Request) (registry.PolicyName, error) {
	return q.PolicyName(q.Path("policyName")), nil
}

func (p *Plane) encodePolicy(d service.PolicyDescription) any {
	return p.Realm.Policy(d.Policy, d.Document)
}

func decodeListPolicies(q *httpapi.Request) (service.OrderedPage, error) { return orderedPage(q), nil }

func (p *Plane) encodePolicies(out service.ListPoliciesOutput) any {
	return p.Realm.Policies(out.Policies, out.NextToken)
}

func decodeCreatePolicyVersion(q *httpapi.Request) (service.CreatePolicyVersionInput, error) {
	return service.CreatePolicyVersionInput{
		Name: q.PolicyName(q.Path("policyName")), Document: q.PolicyDocument(), Default: q.QueryBool("setAsDefault", false),
	}, nil
}

func (p *Plane) encodeCreatedVersion(d service.PolicyDescription) any {
	return p.Realm.CreatedPolicyVersion(d.Policy, d.Version, d.Document)
}

func decodePolicyVersion(q *httpapi.Request) (service.PolicyVersionInput, error) {
	return service.PolicyVersionInput{Name: q.PolicyName(q.Path("policyName")), Version: q.PolicyVersionID(q.Path("policyVersionId"))}, nil
}

func (p *Plane) encodePolicyVersion(d service.PolicyDescription) any {
	return p.Realm.PolicyVersion(d.Policy, d.Version, d.Document)
}

func encodePolicyVersions(p *registry.Policy) any { return wire.PolicyVersions(p) }
