package conformance_test

// withoutCases are operations that real clients do not play yet: certificates, policies and principals, which are not complete (their callers with a
// signature are not bound by policies yet). internal/controlhttp proves their shapes, cmd/iotjobs their effect. A case that plays one takes its
// line away.
var withoutCases = []string{
	"AttachPolicy", "AttachPrincipalPolicy", "AttachThingPrincipal", "CreateCertificateFromCsr", "CreateKeysAndCertificate", "CreatePolicy",
	"CreatePolicyVersion", "DeleteCACertificate", "DeleteCertificate", "DeletePolicy", "DeletePolicyVersion", "DeleteRegistrationCode",
	"DescribeCACertificate", "DescribeCertificate", "DetachPolicy", "DetachPrincipalPolicy", "DetachThingPrincipal", "GetEffectivePolicies",
	"GetPolicy", "GetPolicyVersion", "GetRegistrationCode", "ListAttachedPolicies", "ListCACertificates", "ListCertificates", "ListCertificatesByCA",
	"ListPolicies", "ListPolicyPrincipals", "ListPolicyVersions", "ListPrincipalPolicies", "ListPrincipalThings", "ListPrincipalThingsV2",
	"ListTargetsForPolicy", "ListThingPrincipals", "ListThingPrincipalsV2", "RegisterCACertificate", "RegisterCertificate",
	"RegisterCertificateWithoutCA", "SetDefaultPolicyVersion", "TestAuthorization", "UpdateCACertificate", "UpdateCertificate",
}
