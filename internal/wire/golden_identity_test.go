package wire_test

import (
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/wire"
)

const certificateID registry.CertificateID = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

func certificate() *registry.Certificate {
	return &registry.Certificate{
		ID: certificateID, Status: registry.CertificateActive, Mode: registry.CertificateModeDefault, GenerationID: "g-1", PEM: "-----BEGIN…\n",
		NotBefore: queued, NotAfter: queued.AddDate(20, 0, 0), Version: 2, CreatedAt: queued, ModifiedAt: updated,
	}
}

func TestCertificateDocuments(t *testing.T) {
	golden(t, "control_certificate_registered", realm.Certificate(certificate()))
	golden(t, "control_certificate_issued", realm.IssuedCertificate(certificate()))
	golden(t, "control_certificate_keys", realm.KeysAndCertificate(certificate(), wire.KeyPair{PublicKey: "public", PrivateKey: "private"}))
	golden(t, "control_certificate", realm.CertificateDescription(certificate()))
	ofCA := certificate()
	ofCA.CA, ofCA.Mode, ofCA.Status = certificateID, registry.CertificateModeSNIOnly, registry.CertificatePendingActivation
	golden(t, "control_certificate_of_ca", realm.CertificateDescription(ofCA))
	golden(t, "control_certificates", realm.Certificates([]*registry.Certificate{certificate(), ofCA}, "bWFya2Vy"))
	golden(t, "control_certificates_none", realm.Certificates(nil, ""))

	ca := &registry.CACertificate{
		ID: certificateID, Active: true, AutoRegistration: true, Mode: registry.CertificateModeDefault, GenerationID: "g-1", PEM: "-----BEGIN…\n",
		NotBefore: queued, NotAfter: queued.AddDate(20, 0, 0), Version: 2, CreatedAt: queued, ModifiedAt: updated,
	}
	golden(t, "control_ca_certificate_registered", realm.CACertificate(ca))
	golden(t, "control_ca_certificate", realm.CACertificateDescription(ca))
	golden(t, "control_ca_certificate_off", realm.CACertificateDescription(&registry.CACertificate{ID: certificateID, Mode: registry.CertificateModeSNIOnly, Version: 1}))
	golden(t, "control_ca_certificates", realm.CACertificates([]*registry.CACertificate{ca}, "bWFya2Vy"))
	golden(t, "control_ca_certificates_none", realm.CACertificates(nil, ""))
	golden(t, "control_registration_code", wire.RegistrationCodeReply{RegistrationCode: string(certificateID)})
}

func TestPrincipalDocuments(t *testing.T) {
	attached := []registry.ThingPrincipal{{Thing: "thing:1", Certificate: certificateID, Type: registry.ExclusiveThing}}
	golden(t, "control_thing_principals", realm.ThingPrincipals(attached, "t"))
	golden(t, "control_thing_principals_none", realm.ThingPrincipals(nil, ""))
	golden(t, "control_thing_principals_v2", realm.ThingPrincipalObjects(attached, "t"))
	golden(t, "control_principal_things", wire.PrincipalThings(attached, "t"))
	golden(t, "control_principal_things_none", wire.PrincipalThings(nil, ""))
	golden(t, "control_principal_things_v2", wire.PrincipalThingObjects(attached, "t"))
}

func TestPolicyDocuments(t *testing.T) {
	first, second := registry.PolicyVersion{ID: 1, CreatedAt: queued}, registry.PolicyVersion{ID: 12, CreatedAt: updated}
	p := &registry.Policy{
		Name: "own=+,.@-", GenerationID: "g-1", Default: 12, LastVersion: 12, Versions: []registry.PolicyVersion{first, second}, CreatedAt: queued, ModifiedAt: updated,
	}
	const document = `{"Statement":"<&>"}`
	golden(t, "control_policy_created", realm.CreatedPolicy(p, first, document))
	golden(t, "control_policy", realm.Policy(p, document))
	golden(t, "control_policy_version_created", realm.CreatedPolicyVersion(p, second, document))
	golden(t, "control_policy_version", realm.PolicyVersion(p, first, document))
	golden(t, "control_policy_versions", wire.PolicyVersions(p))
	golden(t, "control_policies", realm.Policies([]registry.PolicyName{"p", "q"}, "bWFya2Vy"))
	golden(t, "control_policies_none", realm.Policies(nil, ""))
	targets := []registry.PolicyTarget{{Certificate: certificateID}, {Group: "lamps"}}
	golden(t, "control_policy_targets", realm.PolicyTargets(targets, "bWFya2Vy"))
	golden(t, "control_policy_targets_none", realm.PolicyTargets(nil, ""))
	golden(t, "control_policy_principals", realm.PolicyPrincipals(targets[:1], ""))

	asked := registry.AuthorizationQuestion{Action: "iot:Publish", Resources: []string{"arn:aws:iot:us-east-1:123456789012:topic/a"}}
	golden(t, "control_authorization", realm.TestedAuthorization([]registry.AuthorizationAnswer{
		{Asked: asked, Decision: registry.AuthAllowed, Allow: []registry.PolicyName{"p"}, NoMatch: []registry.PolicyName{"q"}},
		{Asked: asked, Decision: registry.AuthExplicitDeny, Deny: []registry.PolicyName{"q"}, MissingContext: []string{"iot:ClientId"}},
	}))
	golden(t, "control_effective_policies", realm.EffectivePolicies([]registry.EffectivePolicy{{Name: "p", Document: document}}))
	golden(t, "control_effective_policies_none", realm.EffectivePolicies(nil))
}

// TestPrincipalARNs: which ARNs name something, and how the others are refused.
func TestPrincipalARNs(t *testing.T) {
	const prefix = "arn:aws:iot:us-east-1:123456789012:"
	for arn, want := range map[string]registry.PolicyTarget{
		prefix + "cert/" + string(certificateID): {Certificate: certificateID},
		prefix + "cert/ABC":                      {Certificate: "abc"},
		prefix + "thinggroup/lamps":              {Group: "lamps"},
	} {
		if got, err := realm.ParsePolicyTarget(arn); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", arn, got, err)
		}
	}
	for arn, code := range map[string]jobs.Code{
		"": jobs.InvalidRequest, "lamps": jobs.InvalidRequest, "us-east-1:1b1b-identity": jobs.InvalidRequest, prefix + "thing/a": jobs.InvalidRequest,
		"cert/abc": jobs.InvalidRequest, prefix + "cert/": jobs.ResourceNotFound, prefix + "cert/a/b": jobs.ResourceNotFound,
		"arn:aws:iot:eu-central-1:999999999999:cert/abc": jobs.ResourceNotFound, "arn:aws:iot:eu-central-1:123456789012:thinggroup/g": jobs.ResourceNotFound,
	} {
		if _, err := realm.ParsePolicyTarget(arn); jobs.CodeOf(err) != code {
			t.Errorf("%s: got %v, want %v", arn, err, code)
		}
	}
	if id, err := realm.ParsePrincipal(prefix + "cert/abc"); err != nil || id != "abc" {
		t.Errorf("got %s, %v", id, err)
	}
	if _, err := realm.ParsePrincipal(prefix + "thinggroup/g"); jobs.CodeOf(err) != jobs.InvalidRequest {
		t.Errorf("a group is no principal: got %v", err)
	}
	if got, want := realm.PolicyTargetARN(registry.PolicyTarget{Group: "g"}), prefix+"thinggroup/g"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := realm.CACertificateARN("abc"), prefix+"cacert/abc"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
