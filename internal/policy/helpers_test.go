package policy_test

import (
	"encoding/json"
	"testing"

	"iotjobs/internal/policy"
)

const account = "arn:aws:iot:us-east-1:123456789012:"

func arn(resource string) string { return account + resource }

func mustParse(tb testing.TB, document string, dialect policy.Dialect) *policy.Document {
	tb.Helper()
	parsed, err := policy.Parse([]byte(document), dialect)
	if err != nil {
		tb.Fatalf("%s\n%v", document, err)
	}
	return parsed
}

// dialects are those that a row of a table is about: the one it names, or both.
func dialects(only policy.Dialect) []policy.Dialect {
	if only != 0 {
		return []policy.Dialect{only}
	}
	return []policy.Dialect{policy.IoTCore, policy.IAM}
}

// policyOf is a document of the current version with these statements (JSON, separated by commas).
func policyOf(statements string) string {
	return `{"Version": "2012-10-17", "Statement": [` + statements + `]}`
}

func attach(tb testing.TB, document string, dialect policy.Dialect) []policy.Named {
	tb.Helper()
	return []policy.Named{{Name: "p", Document: mustParse(tb, document, dialect)}}
}

// keys are the context of a request, by the names as AWS writes them.
type keys map[string][]string

func (k keys) context(key string) []string {
	for name, values := range k {
		if policy.ContextKey(name) == key {
			return values
		}
	}
	return nil
}

func quoted(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// answer is a decision in one word.
type answer string

const (
	allowed answer = "allowed"
	denied  answer = "denied" // by a statement
	nothing answer = "no statement"
)

func answerOf(d policy.Decision) answer {
	switch {
	case d.Allowed:
		return allowed
	case d.ExplicitDeny:
		return denied
	default:
		return nothing
	}
}

// source is the place in AWS's documentation that a row of a table follows: page, section.
type source string
