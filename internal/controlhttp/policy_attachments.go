package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// Headers of the older operations on policies: the ARN of a principal, and the name of a policy.
const (
	policyPrincipalHeader = "X-Amzn-Iot-Principal"
	policyHeader          = "X-Amzn-Iot-Policy"
)

func (p *Plane) decodeAttachment(q *httpapi.Request) (service.PolicyAttachmentInput, error) {
	name := q.PolicyName(q.Path("policyName"))
	target, err := p.Realm.ParsePolicyTarget(q.PolicyTarget())
	return service.PolicyAttachmentInput{Policy: name, Target: target}, err
}

func (p *Plane) decodePrincipalAttachment(q *httpapi.Request) (service.PolicyAttachmentInput, error) {
	name := q.PolicyName(q.Path("policyName"))
	target, err := p.Realm.ParsePolicyTarget(header(q, policyPrincipalHeader, "principal"))
	return service.PolicyAttachmentInput{Policy: name, Target: target}, err
}

func (p *Plane) decodeAttachedPolicies(q *httpapi.Request) (service.ListAttachedPoliciesInput, error) {
	target, err := p.Realm.ParsePolicyTarget(q.Path("target"))
	return service.ListAttachedPoliciesInput{Target: target, Recursive: q.QueryBool("recursive", false), Page: markedPage(q)}, err
}

func decodePolicyTargets(q *httpapi.Request) (service.ListTargetsForPolicyInput, error) {
	in := service.ListTargetsForPolicyInput{Policy: q.PolicyName(q.Path("policyName"))}
	in.Page = service.OrderedPage{Page: markedPage(q), Ascending: true} // the model knows no order here
	return in, nil
}

func (p *Plane) encodePolicyTargets(out service.ListTargetsForPolicyOutput) any {
	return p.Realm.PolicyTargets(out.Targets, out.NextToken)
}

func decodePolicyPrincipals(q *httpapi.Request) (service.ListTargetsForPolicyInput, error) {
	name := registry.PolicyName(header(q, policyHeader, "policyName"))
	if name != "" {
		q.PolicyName(string(name))
	}
	return service.ListTargetsForPolicyInput{Policy: name, Certificates: true, Page: orderedPage(q)}, nil
}

func (p *Plane) encodePolicyPrincipals(out service.ListTargetsForPolicyOutput) any {
	return p.Realm.PolicyPrincipals(out.Targets, out.NextToken)
}

func (p *Plane) decodePrincipalPolicies(q *httpapi.Request) (service.ListPrincipalPoliciesInput, error) {
	target, err := p.Realm.ParsePolicyTarget(header(q, policyPrincipalHeader, "principal"))
	return service.ListPrincipalPoliciesInput{Target: target, Page: orderedPage(q)}, err
}
