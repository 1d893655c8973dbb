package policy_test

import (
	"regexp"
	"strings"

	"iotjobs/internal/policy"
)

// A matching is one question to a matcher: does the resource of a policy, with the value in the place of ${test:v}, match the resource of a request?
type matching struct {
	pattern, value, resource string
}

// matcher answers it.
type matcher func(m matching) bool

// byPolicy asks the package, through a document with one Allow.
func byPolicy(m matching) bool {
	document, err := policy.Parse([]byte(policyOf(`{"Effect": "Allow", "Action": "*", "Resource": `+quoted(m.pattern)+`}`)), policy.IoTCore)
	if err != nil {
		return false
	}
	request := policy.Request{Action: "iot:X", Resource: m.resource, Context: keys{"test:v": one(m.value)}.context}
	return policy.Evaluate([]policy.Named{{Name: "p", Document: document}}, request).Allowed
}

// byRegexp is the reference: the rules as documented, written down as a regular expression.
func byRegexp(m matching) bool {
	if m.pattern == "*" {
		return true
	}
	patterns := []string{m.pattern}
	if missing := 5 - strings.Count(m.pattern, ":"); missing > 0 {
		patterns = append(patterns, m.pattern+strings.Repeat(":*", missing))
	}
	fields := strings.SplitN(m.resource, ":", 6)
	if strings.HasPrefix(fields[len(fields)-1], "topicfilter/") && len(fields) == 6 && strings.ContainsAny(m.value, "+#") || m.value == "" {
		// No value, or one that must not help to a filter.
		if strings.Contains(m.pattern, "${test:v}") {
			return false
		}
	}
	for _, pattern := range patterns {
		if regexp.MustCompile(arnExpression(pattern, m.value)).MatchString(m.resource) {
			return true
		}
	}
	return false
}

func arnExpression(pattern, value string) string {
	fields := strings.SplitN(pattern, ":", 6)
	for i, field := range fields {
		expression := globExpression(field, value, ".")
		if i < 5 {
			star := strings.HasSuffix(field, "*")
			expression = globExpression(strings.TrimSuffix(field, "*"), value, "[^:]")
			if star {
				expression += ".*"
			}
		}
		fields[i] = expression
	}
	return "^(?s:" + strings.Join(fields, ":") + ")$"
}

func globExpression(glob, value, any string) string {
	var out strings.Builder
	for i, piece := range strings.Split(glob, "${test:v}") {
		if i > 0 {
			out.WriteString(regexp.QuoteMeta(value))
		}
		for _, c := range piece {
			switch c {
			case '*':
				out.WriteString(any + "*")
			case '?':
				out.WriteString(any)
			default:
				out.WriteString(regexp.QuoteMeta(string(c)))
			}
		}
	}
	return out.String()
}

// like is StringLike.
func like(pattern, text string) bool {
	return regexp.MustCompile("^(?s:" + globExpression(pattern, "", ".") + ")$").MatchString(text)
}
