package auth

import (
	"strconv"
	"strings"
	"time"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
)

// Signed tells the IAM policies of callers who sign what AWS documents that they may know of a request (IAM, "AWS global condition context keys").
// A key that is not here has no value, and what needs it does not match: there is no multi-factor authentication, no organization and no VPC, and
// users have no tags.
type Signed struct {
	Account, Region string
	// ARN names a principal as AWS does.
	ARN func(Principal) string
	// RoleARN names a role.
	RoleARN func(registry.RoleName) string
	// Now is the real clock, as for signatures.
	Now func() time.Time
}

// Context is for Authority.
func (s *Signed) Context(who Principal) func(policy.Context) policy.Context {
	return func(more policy.Context) policy.Context {
		return func(key string) []string {
			if value, ok := s.value(who, key); ok {
				return []string{value}
			}
			return more(key)
		}
	}
}

func (s *Signed) value(who Principal, key string) (value string, ok bool) {
	switch {
	case !strings.HasPrefix(key, "aws:"):
		return "", false
	case who.User != nil:
		if value, ok := s.ofUser(who, key); ok {
			return value, true
		}
	case who.Session != nil:
		if value, ok := s.ofSession(who.Session, key); ok {
			return value, true
		}
	default:
		return "", false
	}
	switch key {
	case "aws:principalaccount":
		return s.Account, true
	case "aws:requestedregion":
		return s.Region, true
	case "aws:securetransport":
		return strconv.FormatBool(who.Secure), true
	case "aws:currenttime":
		return s.Now().UTC().Format(time.RFC3339), true
	case "aws:epochtime":
		return strconv.FormatInt(s.Now().Unix(), 10), true
	case "aws:viaawsservice", "aws:principalisawsservice":
		return "false", true
	}
	return "", false
}

func (s *Signed) ofUser(who Principal, key string) (value string, ok bool) {
	switch key {
	case "aws:username":
		return string(who.User.Name), true
	case "aws:userid":
		return string(who.User.ID), true
	case "aws:principaltype":
		return "User", true
	case "aws:principalarn":
		return s.ARN(who), true
	}
	return "", false
}

// ofSession: the principal's ARN is that of the role, not of the session; there is no user, so aws:username has no value.
func (s *Signed) ofSession(session *registry.Session, key string) (value string, ok bool) {
	switch key {
	case "aws:userid":
		return string(session.RoleID) + ":" + string(session.Certificate), true
	case "aws:principaltype":
		return "AssumedRole", true
	case "aws:principalarn":
		return s.RoleARN(session.Role), true
	case "aws:tokenissuetime":
		return session.IssuedAt.Format(time.RFC3339), true
	}
	return "", false
}
