package auth

import (
	"strconv"
	"strings"
	"time"

	"iotjobs/internal/policy"
)

// Signed tells the IAM policies of callers who sign what AWS documents that they may know of a request (IAM, "AWS global condition context keys").
// A key that is not here has no value, and what needs it does not match: there is no multi-factor authentication, no organization and no VPC, and
// users have no tags.
type Signed struct {
	Account, Region string
	// ARN names a principal as AWS does.
	ARN func(Principal) string
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
	if who.User == nil || !strings.HasPrefix(key, "aws:") {
		return "", false
	}
	switch key {
	case "aws:username":
		return string(who.User.Name), true
	case "aws:userid":
		return string(who.User.ID), true
	case "aws:principaltype":
		return "User", true
	case "aws:principalarn":
		return s.ARN(who), true
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
