package registry

import "time"

// RoleName names a role: 1 to 64 of [\w+=,.@-]. No two differ by case only.
type RoleName string

// RoleID tells a role from an earlier one of the same name; AROA and 16 of [A-Z2-7], as AWS's.
type RoleID string

// Role is what temporary credentials may do. Only the credential provider gives them out, to devices, over role aliases (CTRL-3.6.9).
type Role struct {
	Name        RoleName
	ID          RoleID
	Description string
	// MaxSession is how long credentials may live that are given out for it: whole seconds.
	MaxSession time.Duration
	CreatedAt  time.Time
}

// RolePolicy is a policy of a role, an IAM identity policy.
type RolePolicy struct {
	Name     PolicyName
	Document string
}

// Bounds of sessions. AWS's go up to twelve hours (docs/divergences.md).
const (
	MinSessionDuration     = 15 * time.Minute
	MaxSessionDuration     = time.Hour
	DefaultSessionDuration = time.Hour
)

// MaxPoliciesOfRole, each of the size that policy.Parse allows.
const MaxPoliciesOfRole = 10

// RoleAliasName names a role alias: 1 to 128 of [\w=,@-], case-sensitive.
type RoleAliasName string

// RoleAlias is the name under which devices ask for credentials of a role.
type RoleAlias struct {
	Name RoleAliasName
	Role RoleName
	// Duration is how long the credentials live: whole seconds.
	Duration              time.Duration
	CreatedAt, ModifiedAt time.Time
}

// Session is what temporary credentials stand for: a role that a device has taken on for a while. It never changes; who keeps one may share it.
type Session struct {
	Role RoleName
	// RoleID tells the role from a later one of the same name.
	RoleID RoleID
	// Certificate is the one that the device showed. Its id is the name of the session.
	Certificate CertificateID
	// Thing is the one that the device named, to which the certificate was attached then; empty if it named none.
	Thing ThingName
	// IssuedAt and ExpiresAt are whole seconds, UTC, of the real clock.
	IssuedAt, ExpiresAt time.Time
}

// MaxRoleAliases is how many role aliases there may be.
const MaxRoleAliases = 100
