package registry

import (
	"slices"
	"strings"
	"time"
)

// RoleName names a role: 1 to 64 of [\w+=,.@-].
type RoleName string

// Role is what temporary credentials may do. Only the credential provider gives them out, to devices, over role aliases (CTRL-3.6).
type Role struct {
	Name RoleName `json:"name"`
	// ID tells a role from an earlier one of the same name; it looks like AWS's: AROA and 16 of [A-Z2-7].
	ID          string `json:"id"`
	Description string `json:"description,omitempty"`
	// MaxSession is how long credentials may live that are given out for it.
	MaxSession time.Duration `json:"maxSession"`
	// Policies are its inline IAM policies, by name.
	Policies  []RolePolicy `json:"policies,omitempty"`
	CreatedAt time.Time    `json:"createdAt"`
}

// RolePolicy is one inline policy.
type RolePolicy struct {
	Name     PolicyName `json:"name"`
	Document string     `json:"document"`
}

// Bounds of sessions: AWS's model has 15 minutes to 12 hours; sealed tokens end after one hour at the latest (docs/divergences.md).
const (
	MinSessionDuration     = 15 * time.Minute
	MaxSessionDuration     = time.Hour
	DefaultSessionDuration = time.Hour
)

// MaxRolePolicies is how many inline policies a role has at most.
const MaxRolePolicies = 10

// SetPolicy puts an inline policy, or replaces the one of that name; ok is false if there are too many.
func (r *Role) SetPolicy(p RolePolicy) (ok bool) {
	i, found := r.find(p.Name)
	if found {
		r.Policies[i] = p
		return true
	}
	if len(r.Policies) >= MaxRolePolicies {
		return false
	}
	r.Policies = slices.Insert(r.Policies, i, p)
	return true
}

// RemovePolicy removes an inline policy; ok is false if there is none of that name.
func (r *Role) RemovePolicy(name PolicyName) (ok bool) {
	i, found := r.find(name)
	if found {
		r.Policies = slices.Delete(r.Policies, i, i+1)
	}
	return found
}

func (r *Role) find(name PolicyName) (int, bool) {
	return slices.BinarySearchFunc(r.Policies, name, func(p RolePolicy, name PolicyName) int {
		return strings.Compare(string(p.Name), string(name))
	})
}

// RoleAliasName names a role alias: 1 to 128 of [\w=,@-], case-sensitive.
type RoleAliasName string

// RoleAlias is the name under which devices ask for credentials of a role.
type RoleAlias struct {
	Name RoleAliasName `json:"name"`
	Role RoleName      `json:"role"`
	// Duration is how long the credentials live.
	Duration   time.Duration `json:"duration"`
	CreatedAt  time.Time     `json:"createdAt"`
	ModifiedAt time.Time     `json:"modifiedAt"`
}

// Session is what temporary credentials stand for: a role that a device has taken on for a while. It never changes; who keeps one may share it.
type Session struct {
	Role RoleName
	// RoleID tells the role from a later one of the same name.
	RoleID string
	// Certificate is the one that the device showed. Its id is the name of the session.
	Certificate CertificateID
	// Thing is the one that the device named, to which the certificate was attached then; empty if it named none.
	Thing ThingName
	// IssuedAt and ExpiresAt are whole seconds, UTC, of the real clock.
	IssuedAt, ExpiresAt time.Time
}

// MaxRoleAliases is how many role aliases there may be.
const MaxRoleAliases = 100
