package service

import (
	"strings"

	"iotjobs/internal/jobs"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
)

// isIAMName tells whether IAM takes a text for a name: letters, digits and a few other characters. All of them are safe in an ARN, in a record's id
// and in a path, where a name of nothing but dots would lead elsewhere.
func isIAMName(name string, longest int) bool {
	return strings.Trim(name, ".") != "" && len(name) <= longest && !strings.ContainsFunc(name, func(c rune) bool {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			return false
		default:
			return !strings.ContainsRune("_+=,.@-", c)
		}
	})
}

// checkInlinePolicy refuses a policy that a user or a role cannot have.
func checkInlinePolicy(name registry.PolicyName, document string) error {
	const longest = 128
	if !isIAMName(string(name), longest) {
		return jobs.Errorf(jobs.InvalidRequest, "The name of a policy is 1 to %d letters, digits and characters of _+=,.@-, and not only dots.", longest)
	}
	if _, err := policy.Parse([]byte(document), policy.IAM); err != nil {
		return jobs.Errorf(jobs.MalformedPolicy, "Policy document is malformed: %s", sentence(err.Error()))
	}
	return nil
}
