package wire

import (
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

var (
	roleAliasRules = []Constraint{MaxLen(128), MinLen(1), Pattern(`[\w=,@-]+`)}
	roleARNRules   = []Constraint{MaxLen(2048), MinLen(20)}
	durationRules  = []IntConstraint{Max(43_200), Min(900)}
	roleNameRules  = []Constraint{MaxLen(64), Pattern(`[\w+=,.@-]+`)}
)

// RoleAliasReply answers CreateRoleAlias and UpdateRoleAlias.
type RoleAliasReply struct {
	RoleAlias    registry.RoleAliasName `json:"roleAlias"`
	RoleAliasARN string                 `json:"roleAliasArn"`
}

// RoleAliasDescriptionReply answers DescribeRoleAlias.
type RoleAliasDescriptionReply struct {
	RoleAliasDescription roleAliasDescription `json:"roleAliasDescription"`
}

type roleAliasDescription struct {
	RoleAlias                 registry.RoleAliasName `json:"roleAlias"`
	RoleAliasARN              string                 `json:"roleAliasArn"`
	RoleARN                   string                 `json:"roleArn"`
	Owner                     string                 `json:"owner"`
	CredentialDurationSeconds int64                  `json:"credentialDurationSeconds"`
	CreationDate              Timestamp              `json:"creationDate"`
	LastModifiedDate          Timestamp              `json:"lastModifiedDate"`
}

// RoleAliasList answers ListRoleAliases.
type RoleAliasList struct {
	RoleAliases []registry.RoleAliasName `json:"roleAliases"`
	NextMarker  *string                  `json:"nextMarker"`
}

// RoleAlias renders the answer of CreateRoleAlias and of UpdateRoleAlias.
func (r Realm) RoleAlias(a *registry.RoleAlias) RoleAliasReply {
	return RoleAliasReply{RoleAlias: a.Name, RoleAliasARN: r.RoleAliasARN(a.Name)}
}

// RoleAliasDescription renders the answer of DescribeRoleAlias.
func (r Realm) RoleAliasDescription(a *registry.RoleAlias) RoleAliasDescriptionReply {
	return RoleAliasDescriptionReply{roleAliasDescription{
		RoleAlias: a.Name, RoleAliasARN: r.RoleAliasARN(a.Name), RoleARN: r.RoleARN(a.Role), Owner: r.Account,
		CredentialDurationSeconds: int64(a.Duration / time.Second), CreationDate: Timestamp(a.CreatedAt), LastModifiedDate: Timestamp(a.ModifiedAt),
	}}
}

// RoleAliases renders a page of ListRoleAliases.
func RoleAliases(page []registry.RoleAliasName, nextMarker string) RoleAliasList {
	return RoleAliasList{RoleAliases: orNone(page), NextMarker: orNull(nextMarker)}
}

// RoleAliasName checks the name of a role alias from a path.
func (v *Violations) RoleAliasName(name string) registry.RoleAliasName {
	v.Check(name, "roleAlias", roleAliasRules...)
	return registry.RoleAliasName(name)
}

// RoleAliasRequest is the body of CreateRoleAlias and of UpdateRoleAlias. What is zero is absent.
type RoleAliasRequest struct {
	RoleARN  string
	Duration time.Duration
}

// CreateRoleAlias reads a body.
func (r *Reader) CreateRoleAlias() RoleAliasRequest {
	in := RoleAliasRequest{RoleARN: r.RequiredString("roleArn", roleARNRules...), Duration: r.credentialDuration()}
	r.tags()
	return in
}

// UpdateRoleAlias reads a body.
func (r *Reader) UpdateRoleAlias() RoleAliasRequest {
	arn, _ := r.String("roleArn", roleARNRules...)
	return RoleAliasRequest{RoleARN: arn, Duration: r.credentialDuration()}
}

func (r *Reader) credentialDuration() time.Duration {
	seconds, _ := r.Long("credentialDurationSeconds", durationRules...)
	return time.Duration(seconds) * time.Second
}

// RoleAliasARN names a role alias.
func (r Realm) RoleAliasARN(name registry.RoleAliasName) string {
	return r.arn("rolealias", string(name))
}

// RoleARN names a role of the account.
func (r Realm) RoleARN(name registry.RoleName) string { return r.rolePrefix() + string(name) }

// AssumedRoleARN names who uses temporary credentials: the session is called like the certificate (HTTP-10.8).
func (r Realm) AssumedRoleARN(s *registry.Session) string {
	return "arn:" + r.partition() + ":sts::" + r.Account + ":assumed-role/" + string(s.Role) + "/" + string(s.Certificate)
}

// ParseRole reads the ARN of a role. Roles of other accounts could not be taken on here, and roles have no paths.
func (r Realm) ParseRole(arn string) (registry.RoleName, error) {
	name, ours := strings.CutPrefix(arn, r.rolePrefix())
	if !ours || !satisfies(name, roleNameRules) {
		return "", jobs.Errorf(jobs.InvalidRequest, "%s is not the ARN of a role of this account: %s and a name, without a path.", Quote(arn), r.rolePrefix())
	}
	return registry.RoleName(name), nil
}

func (r Realm) rolePrefix() string { return "arn:" + r.partition() + ":iam::" + r.Account + ":role/" }
