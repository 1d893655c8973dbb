package controlhttp_test

import (
	"context"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// named is an input of which the type alone does not tell the operation.
type named struct {
	operation string
	input     any
}

func (r *recorder) CreateKeysAndCertificate(_ context.Context, in service.CreateKeysAndCertificateInput) (out service.KeysAndCertificate, err error) {
	return out, r.keep(named{"CreateKeysAndCertificate", in})
}

func (r *recorder) CreateCertificateFromCsr(_ context.Context, in service.CreateCertificateFromCsrInput) (out *registry.Certificate, err error) {
	return out, r.keep(named{"CreateCertificateFromCsr", in})
}

func (r *recorder) RegisterCertificate(_ context.Context, in service.RegisterCertificateInput) (out *registry.Certificate, err error) {
	return out, r.keep(named{"RegisterCertificate", in})
}

func (r *recorder) RegisterCertificateWithoutCA(_ context.Context, in service.RegisterCertificateWithoutCAInput) (out *registry.Certificate, err error) {
	return out, r.keep(named{"RegisterCertificateWithoutCA", in})
}

func (r *recorder) DescribeCertificate(_ context.Context, in registry.CertificateID) (out *registry.Certificate, err error) {
	return out, r.keep(named{"DescribeCertificate", in})
}

func (r *recorder) UpdateCertificate(_ context.Context, in service.UpdateCertificateInput) error {
	return r.keep(named{"UpdateCertificate", in})
}

func (r *recorder) DeleteCertificate(_ context.Context, in service.DeleteCertificateInput) error {
	return r.keep(named{"DeleteCertificate", in})
}

func (r *recorder) ListCertificates(_ context.Context, in service.ListCertificatesInput) (out service.ListCertificatesOutput, err error) {
	return out, r.keep(named{"ListCertificates", in})
}

func (r *recorder) GetRegistrationCode(_ context.Context) (out string, err error) {
	return out, r.keep(named{"GetRegistrationCode", nil})
}

func (r *recorder) DeleteRegistrationCode(_ context.Context) error {
	return r.keep(named{"DeleteRegistrationCode", nil})
}

func (r *recorder) RegisterCACertificate(_ context.Context, in service.RegisterCACertificateInput) (out *registry.CACertificate, err error) {
	return out, r.keep(named{"RegisterCACertificate", in})
}

func (r *recorder) DescribeCACertificate(_ context.Context, in registry.CertificateID) (out *registry.CACertificate, err error) {
	return out, r.keep(named{"DescribeCACertificate", in})
}

func (r *recorder) UpdateCACertificate(_ context.Context, in service.UpdateCACertificateInput) error {
	return r.keep(named{"UpdateCACertificate", in})
}

func (r *recorder) DeleteCACertificate(_ context.Context, in registry.CertificateID) error {
	return r.keep(named{"DeleteCACertificate", in})
}

func (r *recorder) ListCACertificates(_ context.Context, in service.OrderedPage) (out service.ListCACertificatesOutput, err error) {
	return out, r.keep(named{"ListCACertificates", in})
}

func (r *recorder) AttachThingPrincipal(_ context.Context, in service.ThingPrincipalInput) error {
	return r.keep(named{"AttachThingPrincipal", in})
}

func (r *recorder) DetachThingPrincipal(_ context.Context, in service.ThingPrincipalInput) error {
	return r.keep(named{"DetachThingPrincipal", in})
}

func (r *recorder) ListThingPrincipals(_ context.Context, in service.ListThingPrincipalsInput) (out service.ListThingPrincipalsOutput, err error) {
	return out, r.keep(named{"ListThingPrincipals", in})
}

func (r *recorder) ListPrincipalThings(_ context.Context, in service.ListPrincipalThingsInput) (out service.ListThingPrincipalsOutput, err error) {
	return out, r.keep(named{"ListPrincipalThings", in})
}

func (r *recorder) CreatePolicy(_ context.Context, in service.CreatePolicyInput) (out service.PolicyDescription, err error) {
	return out, r.keep(named{"CreatePolicy", in})
}

func (r *recorder) GetPolicy(_ context.Context, in registry.PolicyName) (out service.PolicyDescription, err error) {
	return out, r.keep(named{"GetPolicy", in})
}

func (r *recorder) ListPolicies(_ context.Context, in service.OrderedPage) (out service.ListPoliciesOutput, err error) {
	return out, r.keep(named{"ListPolicies", in})
}

func (r *recorder) DeletePolicy(_ context.Context, in registry.PolicyName) error {
	return r.keep(named{"DeletePolicy", in})
}

func (r *recorder) CreatePolicyVersion(_ context.Context, in service.CreatePolicyVersionInput) (out service.PolicyDescription, err error) {
	return out, r.keep(named{"CreatePolicyVersion", in})
}

func (r *recorder) GetPolicyVersion(_ context.Context, in service.PolicyVersionInput) (out service.PolicyDescription, err error) {
	return out, r.keep(named{"GetPolicyVersion", in})
}

func (r *recorder) ListPolicyVersions(_ context.Context, in registry.PolicyName) (out *registry.Policy, err error) {
	return out, r.keep(named{"ListPolicyVersions", in})
}

func (r *recorder) SetDefaultPolicyVersion(_ context.Context, in service.PolicyVersionInput) error {
	return r.keep(named{"SetDefaultPolicyVersion", in})
}

func (r *recorder) DeletePolicyVersion(_ context.Context, in service.PolicyVersionInput) error {
	return r.keep(named{"DeletePolicyVersion", in})
}

func (r *recorder) AttachPolicy(_ context.Context, in service.PolicyAttachmentInput) error {
	return r.keep(named{"AttachPolicy", in})
}

func (r *recorder) DetachPolicy(_ context.Context, in service.PolicyAttachmentInput) error {
	return r.keep(named{"DetachPolicy", in})
}

func (r *recorder) DetachPrincipalPolicy(_ context.Context, in service.PolicyAttachmentInput) error {
	return r.keep(named{"DetachPrincipalPolicy", in})
}

func (r *recorder) ListAttachedPolicies(_ context.Context, in service.ListAttachedPoliciesInput) (out service.ListPoliciesOutput, err error) {
	return out, r.keep(named{"ListAttachedPolicies", in})
}

func (r *recorder) ListPrincipalPolicies(_ context.Context, in service.ListPrincipalPoliciesInput) (out service.ListPoliciesOutput, err error) {
	return out, r.keep(named{"ListPrincipalPolicies", in})
}

func (r *recorder) ListTargetsForPolicy(_ context.Context, in service.ListTargetsForPolicyInput) (out service.ListTargetsForPolicyOutput, err error) {
	return out, r.keep(named{"ListTargetsForPolicy", in})
}

func (r *recorder) TestAuthorization(_ context.Context, in service.TestAuthorizationInput) (out []registry.AuthorizationAnswer, err error) {
	return out, r.keep(named{"TestAuthorization", in})
}

func (r *recorder) GetEffectivePolicies(_ context.Context, in service.GetEffectivePoliciesInput) (out []registry.EffectivePolicy, err error) {
	return out, r.keep(named{"GetEffectivePolicies", in})
}
