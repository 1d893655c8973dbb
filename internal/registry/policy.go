package registry

import (
	"slices"
	"time"
)

// PolicyName names a policy: 1 to 128 of [\w+=,.@-], case-sensitive.
type PolicyName string

// PolicyVersionID counts the versions of a policy from 1; never reused.
type PolicyVersionID int

// Policy is a named policy with at most MaxPolicyVersions versions, one of which is in force. Their documents are kept apart.
type Policy struct {
	Name PolicyName
	// Number orders policies by their creation; from the sequence of things and groups, never reused.
	Number uint64
	// GenerationID tells a policy from an earlier one of the same name.
	GenerationID string
	// Default is the version that is in force.
	Default PolicyVersionID
	// LastVersion was given out last.
	LastVersion PolicyVersionID
	// Versions are by id, the oldest first.
	Versions              []PolicyVersion
	CreatedAt, ModifiedAt time.Time
}

// PolicyVersion is one version of a policy.
type PolicyVersion struct {
	ID        PolicyVersionID
	CreatedAt time.Time
}

// Limits of policies (CTRL-3.5.7, CTRL-3.5.19).
const (
	MaxPolicyVersions   = 5
	MaxPoliciesOfTarget = 10
)

// Version finds a version; ok is false if there is none.
func (p *Policy) Version(id PolicyVersionID) (version PolicyVersion, ok bool) {
	i := slices.IndexFunc(p.Versions, func(v PolicyVersion) bool { return v.ID == id })
	if i < 0 {
		return PolicyVersion{}, false
	}
	return p.Versions[i], true
}

// PolicyTarget is what a policy is attached to: a certificate, or a thing group; the other one is empty.
type PolicyTarget struct {
	Certificate CertificateID
	Group       GroupName
}
