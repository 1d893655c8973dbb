package wire

import (
	"strconv"
	"strings"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Constraints of the names of certificates and policies (CTRL-3.5).
var (
	certificateIDRules = []Constraint{MaxLen(64), MinLen(64), Pattern(`(0x)?[a-fA-F0-9]+`)}
	certificatePEM     = []Constraint{MaxLen(65536), MinLen(1)}
	policyNameRules    = []Constraint{MaxLen(128), MinLen(1), Pattern(`[\w+=,.@-]+`)}
	markerRules        = []Constraint{MaxLen(1024), Pattern(`[A-Za-z0-9+/]+={0,2}`)}

	certificateStatusRule = OneOf("ACTIVE", "INACTIVE", "REVOKED", "PENDING_TRANSFER", "REGISTER_INACTIVE", "PENDING_ACTIVATION")
	thingPrincipalRule    = OneOf(registry.ExclusiveThing, registry.NonExclusiveThing)
)

// MarkerRules are those of the marker of a page.
func MarkerRules() []Constraint { return markerRules }

// CertificateStatusRule and ThingPrincipalTypeRule are those of a query.
func CertificateStatusRule() Constraint { return certificateStatusRule }

// ThingPrincipalTypeRule demands one of the types.
func ThingPrincipalTypeRule() Constraint { return thingPrincipalRule }

// CertificateID checks the id of a certificate or of a CA certificate from a path; member is what the model calls it.
func (v *Violations) CertificateID(id, member string) registry.CertificateID {
	v.Check(id, member, certificateIDRules...)
	return registry.CertificateID(strings.ToLower(id))
}

// PolicyName checks a policy's name from a path or a header.
func (v *Violations) PolicyName(name string) registry.PolicyName {
	v.Check(name, "policyName", policyNameRules...)
	return registry.PolicyName(name)
}

// PolicyVersionID checks the id of a policy version from a path. One that is too great to be stored is one that does not exist.
func (v *Violations) PolicyVersionID(id string) registry.PolicyVersionID {
	v.Check(id, "policyVersionId", Pattern(`[0-9]+`))
	number, _ := strconv.Atoi(id) // the greatest number when it is out of range
	return registry.PolicyVersionID(number)
}

// CertificateARN names a certificate.
func (r Realm) CertificateARN(id registry.CertificateID) string { return r.arn("cert", string(id)) }

// CACertificateARN names a registered CA certificate.
func (r Realm) CACertificateARN(id registry.CertificateID) string { return r.arn("cacert", string(id)) }

// PolicyARN names a policy.
func (r Realm) PolicyARN(name registry.PolicyName) string { return r.arn("policy", string(name)) }

// PolicyTargetARN names what a policy is attached to.
func (r Realm) PolicyTargetARN(t registry.PolicyTarget) string {
	if t.Group != "" {
		return r.ThingGroupARN(t.Group)
	}
	return r.CertificateARN(t.Certificate)
}

// ParsePolicyTarget reads the ARN of a certificate or of a thing group. One of another account or region is not found.
func (r Realm) ParsePolicyTarget(arn string) (registry.PolicyTarget, error) {
	switch kind, name := r.parse(arn); kind {
	case "cert":
		return registry.PolicyTarget{Certificate: registry.CertificateID(strings.ToLower(name))}, nil
	case "thinggroup":
		return registry.PolicyTarget{Group: registry.GroupName(name)}, nil
	}
	return registry.PolicyTarget{}, r.noPrincipal(arn, "a certificate or a thing group", "cert", "thinggroup")
}

// ParsePrincipal reads the ARN of a certificate, the only principal that things have here.
func (r Realm) ParsePrincipal(arn string) (registry.CertificateID, error) {
	if kind, name := r.parse(arn); kind == "cert" {
		return registry.CertificateID(strings.ToLower(name)), nil
	}
	return "", r.noPrincipal(arn, "a certificate", "cert")
}

// noPrincipal says why an ARN names nothing: it is of another account or region, or of another kind.
func (r Realm) noPrincipal(arn, want string, kinds ...string) error {
	if kind := resourceType(arn); strings.HasPrefix(arn, "arn:") && (kind == kinds[0] || kind == kinds[len(kinds)-1]) {
		return jobs.Errorf(jobs.ResourceNotFound, "%s cannot be found: it names nothing in account %s in %s.", Quote(arn), r.Account, r.Region)
	}
	return jobs.Errorf(jobs.InvalidRequest, "%s is not the ARN of %s; other principals, such as Amazon Cognito identities, are not known here.", Quote(arn), want)
}
