package controlhttp

import (
	"context"
	"net/http"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// IdentityService is what the plane needs of package service for certificates, policies and principals (CTRL-3.5).
type IdentityService interface {
	CreateKeysAndCertificate(context.Context, service.CreateKeysAndCertificateInput) (service.KeysAndCertificate, error)
	CreateCertificateFromCsr(context.Context, service.CreateCertificateFromCsrInput) (*registry.Certificate, error)
	RegisterCertificate(context.Context, service.RegisterCertificateInput) (*registry.Certificate, error)
	RegisterCertificateWithoutCA(context.Context, service.RegisterCertificateWithoutCAInput) (*registry.Certificate, error)
	DescribeCertificate(context.Context, registry.CertificateID) (*registry.Certificate, error)
	UpdateCertificate(context.Context, service.UpdateCertificateInput) error
	DeleteCertificate(context.Context, service.DeleteCertificateInput) error
	ListCertificates(context.Context, service.ListCertificatesInput) (service.ListCertificatesOutput, error)

	GetRegistrationCode(context.Context) (string, error)
	DeleteRegistrationCode(context.Context) error
	RegisterCACertificate(context.Context, service.RegisterCACertificateInput) (*registry.CACertificate, error)
	DescribeCACertificate(context.Context, registry.CertificateID) (*registry.CACertificate, error)
	UpdateCACertificate(context.Context, service.UpdateCACertificateInput) error
	DeleteCACertificate(context.Context, registry.CertificateID) error
	ListCACertificates(context.Context, service.OrderedPage) (service.ListCACertificatesOutput, error)

	AttachThingPrincipal(context.Context, service.ThingPrincipalInput) error
	DetachThingPrincipal(context.Context, service.ThingPrincipalInput) error
	ListThingPrincipals(context.Context, service.ListThingPrincipalsInput) (service.ListThingPrincipalsOutput, error)
	ListPrincipalThings(context.Context, service.ListPrincipalThingsInput) (service.ListThingPrincipalsOutput, error)

	CreatePolicy(context.Context, service.CreatePolicyInput) (service.PolicyDescription, error)
	GetPolicy(context.Context, registry.PolicyName) (service.PolicyDescription, error)
	ListPolicies(context.Context, service.OrderedPage) (service.ListPoliciesOutput, error)
	DeletePolicy(context.Context, registry.PolicyName) error
	CreatePolicyVersion(context.Context, service.CreatePolicyVersionInput) (service.PolicyDescription, error)
	GetPolicyVersion(context.Context, service.PolicyVersionInput) (service.PolicyDescription, error)
	ListPolicyVersions(context.Context, registry.PolicyName) (*registry.Policy, error)
	SetDefaultPolicyVersion(context.Context, service.PolicyVersionInput) error
	DeletePolicyVersion(context.Context, service.PolicyVersionInput) error

	AttachPolicy(context.Context, service.PolicyAttachmentInput) error
	DetachPolicy(context.Context, service.PolicyAttachmentInput) error
	DetachPrincipalPolicy(context.Context, service.PolicyAttachmentInput) error
	ListAttachedPolicies(context.Context, service.ListAttachedPoliciesInput) (service.ListPoliciesOutput, error)
	ListPrincipalPolicies(context.Context, service.ListPrincipalPoliciesInput) (service.ListPoliciesOutput, error)
	ListTargetsForPolicy(context.Context, service.ListTargetsForPolicyInput) (service.ListTargetsForPolicyOutput, error)

	TestAuthorization(context.Context, service.TestAuthorizationInput) ([]registry.AuthorizationAnswer, error)
	GetEffectivePolicies(context.Context, service.GetEffectivePoliciesInput) ([]registry.EffectivePolicy, error)
}

// identityRoutes are the operations on certificates, policies and principals. Called by provisioning, some times for each device, and by
// operators.
func (p *Plane) identityRoutes(api *httpapi.API) []route {
	s := p.Service
	return []route{
		{"CreateKeysAndCertificate", "POST /keys-and-certificate", httpapi.Handle(api, decodeCreateKeys, s.CreateKeysAndCertificate, p.encodeKeys)},
		{"CreateCertificateFromCsr", "POST /certificates", httpapi.Handle(api, decodeCreateFromCsr, s.CreateCertificateFromCsr, p.encodeIssued)},
		{"RegisterCertificate", "POST /certificate/register", httpapi.Handle(api, decodeRegister, s.RegisterCertificate, p.encodeRegistered)},
		{
			"RegisterCertificateWithoutCA", "POST /certificate/register-no-ca",
			httpapi.Handle(api, decodeRegisterWithoutCA, s.RegisterCertificateWithoutCA, p.encodeRegistered),
		},
		{"DescribeCertificate", "GET /certificates/{certificateId}", httpapi.Handle(api, decodeCertificateID, s.DescribeCertificate, p.encodeCertificate)},
		{"UpdateCertificate", "PUT /certificates/{certificateId}", httpapi.Handle(api, decodeUpdateCertificate, httpapi.NoOutput(s.UpdateCertificate), httpapi.NoBody)},
		{"DeleteCertificate", "DELETE /certificates/{certificateId}", httpapi.Handle(api, decodeDeleteCertificate, httpapi.NoOutput(s.DeleteCertificate), httpapi.NoBody)},
		{"ListCertificates", "GET /certificates", httpapi.Handle(api, decodeListCertificates, s.ListCertificates, p.encodeCertificates)},
		{"ListCertificatesByCA", "GET /certificates-by-ca/{caCertificateId}", httpapi.Handle(api, decodeListByCA, s.ListCertificates, p.encodeCertificates)},

		// CA certificates. Called by those who run a fleet with a CA of their own, once in the life of the CA.
		{"GetRegistrationCode", "GET /registrationcode", httpapi.Handle(api, decodeNothing, noInput(s.GetRegistrationCode), encodeRegistrationCode)},
		{"DeleteRegistrationCode", "DELETE /registrationcode", httpapi.Handle(api, decodeNothing, p.deleteRegistrationCode, httpapi.NoBody)},
		{"RegisterCACertificate", "POST /cacertificate", httpapi.Handle(api, decodeRegisterCA, s.RegisterCACertificate, p.encodeRegisteredCA)},
		{"DescribeCACertificate", "GET /cacertificate/{caCertificateId}", httpapi.Handle(api, decodeCAID, s.DescribeCACertificate, p.encodeCA)},
		{"UpdateCACertificate", "PUT /cacertificate/{caCertificateId}", httpapi.Handle(api, decodeUpdateCA, httpapi.NoOutput(s.UpdateCACertificate), httpapi.NoBody)},
		{"DeleteCACertificate", "DELETE /cacertificate/{caCertificateId}", httpapi.Handle(api, decodeCAID, httpapi.NoOutput(s.DeleteCACertificate), httpapi.NoBody)},
		{"ListCACertificates", "GET /cacertificates", httpapi.Handle(api, decodeListCAs, s.ListCACertificates, p.encodeCAs)},

		// Things and their certificates.
		{
			"AttachThingPrincipal", "PUT /things/{thingName}/principals",
			httpapi.Handle(api, p.decodeAttachPrincipal, httpapi.NoOutput(s.AttachThingPrincipal), httpapi.NoBody),
		},
		{
			"DetachThingPrincipal", "DELETE /things/{thingName}/principals",
			httpapi.Handle(api, p.decodeDetachPrincipal, httpapi.NoOutput(s.DetachThingPrincipal), httpapi.NoBody),
		},
		{"ListThingPrincipals", "GET /things/{thingName}/principals", httpapi.Handle(api, decodeThingPrincipals, s.ListThingPrincipals, p.encodeThingPrincipals)},
		{"ListThingPrincipalsV2", "GET /things/{thingName}/principals-v2", httpapi.Handle(api, decodeThingPrincipals, s.ListThingPrincipals, p.encodeThingPrincipalObjects)},
		{"ListPrincipalThings", "GET /principals/things", httpapi.Handle(api, p.decodePrincipalThings, s.ListPrincipalThings, encodePrincipalThings)},
		{"ListPrincipalThingsV2", "GET /principals/things-v2", httpapi.Handle(api, p.decodePrincipalThings, s.ListPrincipalThings, encodePrincipalThingObjects)},

		// Policies. Called by those who set up a fleet, a few times in the life of a product.
		{"CreatePolicy", "POST /policies/{policyName}", httpapi.Handle(api, decodeCreatePolicy, s.CreatePolicy, p.encodeCreatedPolicy)},
		{"GetPolicy", "GET /policies/{policyName}", httpapi.Handle(api, decodePolicyName, s.GetPolicy, p.encodePolicy)},
		{"ListPolicies", "GET /policies", httpapi.Handle(api, decodeListPolicies, s.ListPolicies, p.encodePolicies)},
		{"DeletePolicy", "DELETE /policies/{policyName}", httpapi.Handle(api, decodePolicyName, httpapi.NoOutput(s.DeletePolicy), httpapi.NoBody)},
		{"CreatePolicyVersion", "POST /policies/{policyName}/version", httpapi.Handle(api, decodeCreatePolicyVersion, s.CreatePolicyVersion, p.encodeCreatedVersion)},
		{"GetPolicyVersion", "GET /policies/{policyName}/version/{policyVersionId}", httpapi.Handle(api, decodePolicyVersion, s.GetPolicyVersion, p.encodePolicyVersion)},
		{"ListPolicyVersions", "GET /policies/{policyName}/version", httpapi.Handle(api, decodePolicyName, s.ListPolicyVersions, encodePolicyVersions)},
		{
			"SetDefaultPolicyVersion", "PATCH /policies/{policyName}/version/{policyVersionId}",
			httpapi.Handle(api, decodePolicyVersion, httpapi.NoOutput(s.SetDefaultPolicyVersion), httpapi.NoBody),
		},
		{
			"DeletePolicyVersion", "DELETE /policies/{policyName}/version/{policyVersionId}",
			httpapi.Handle(api, decodePolicyVersion, httpapi.NoOutput(s.DeletePolicyVersion), httpapi.NoBody),
		},

		// What policies are attached to. Called by provisioning for each device, unless its thing group has the policy.
		{"AttachPolicy", "PUT /target-policies/{policyName}", httpapi.Handle(api, p.decodeAttachment, httpapi.NoOutput(s.AttachPolicy), httpapi.NoBody)},
		{"DetachPolicy", "POST /target-policies/{policyName}", httpapi.Handle(api, p.decodeAttachment, httpapi.NoOutput(s.DetachPolicy), httpapi.NoBody)},
		{"ListAttachedPolicies", "POST /attached-policies/{target}", httpapi.Handle(api, p.decodeAttachedPolicies, s.ListAttachedPolicies, p.encodePolicies)},
		{"ListTargetsForPolicy", "POST /policy-targets/{policyName}", httpapi.Handle(api, decodePolicyTargets, s.ListTargetsForPolicy, p.encodePolicyTargets)},
		{"ListPolicyPrincipals", "GET /policy-principals", httpapi.Handle(api, decodePolicyPrincipals, s.ListTargetsForPolicy, p.encodePolicyPrincipals)},
		{
			"AttachPrincipalPolicy", "PUT /principal-policies/{policyName}",
			httpapi.Handle(api, p.decodePrincipalAttachment, httpapi.NoOutput(s.AttachPolicy), httpapi.NoBody),
		},
		{
			"DetachPrincipalPolicy", "DELETE /principal-policies/{policyName}",
			httpapi.Handle(api, p.decodePrincipalAttachment, httpapi.NoOutput(s.DetachPrincipalPolicy), httpapi.NoBody),
		},
		{"ListPrincipalPolicies", "GET /principal-policies", httpapi.Handle(api, p.decodePrincipalPolicies, s.ListPrincipalPolicies, p.encodePolicies)},

		// Called by those who want to know why a device is denied.
		{"TestAuthorization", "POST /test-authorization", httpapi.Handle(api, p.decodeTestAuthorization, s.TestAuthorization, p.encodeTestedAuthorization)},
		{"GetEffectivePolicies", "POST /effective-policies", httpapi.Handle(api, p.decodeEffectivePolicies, s.GetEffectivePolicies, p.encodeEffectivePolicies)},
	}
}

// takenIdentity names the certificate, the policy or the role alias that is there already; empty for other resources. The id of a certificate is in no path.
func (p *Plane) takenIdentity(r *http.Request, resource string) (arn string) {
	switch {
	case r.PathValue("policyName") != "":
		return p.Realm.PolicyARN(registry.PolicyName(r.PathValue("policyName")))
	case r.PathValue("roleAlias") != "":
		return p.Realm.RoleAliasARN(registry.RoleAliasName(resource))
	case r.URL.Path == "/cacertificate":
		return p.Realm.CACertificateARN(registry.CertificateID(resource))
	case r.URL.Path == "/certificate/register", r.URL.Path == "/certificate/register-no-ca":
		return p.Realm.CertificateARN(registry.CertificateID(resource))
	default:
		return ""
	}
}

// header is a member that comes in a header and must be there.
func header(q *httpapi.Request, name, member string) string {
	value := q.HTTP.Header.Get(name)
	if value == "" {
		q.Missing(member)
	}
	return value
}

// markedPage reads the members of lists that have a marker instead of a token.
func markedPage(q *httpapi.Request) service.Page {
	most, _ := q.QueryLong("pageSize", wire.Min(1), wire.Max(service.MaxPageSize))
	marker, _ := q.Query("marker", wire.MarkerRules()...)
	return service.Page{MaxResults: int(most), NextToken: marker}
}

// orderedPage reads those of a list that has an order.
func orderedPage(q *httpapi.Request) service.OrderedPage {
	return service.OrderedPage{Page: markedPage(q), Ascending: q.QueryBool("isAscendingOrder", false)}
}

// decodeNothing and noInput are for operations without an input.
func decodeNothing(*httpapi.Request) (struct{}, error) { return struct{}{}, nil }

func noInput[Out any](op func(context.Context) (Out, error)) func(context.Context, struct{}) (Out, error) {
	return func(ctx context.Context, _ struct{}) (Out, error) { return op(ctx) }
}
