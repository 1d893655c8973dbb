package policy_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"iotjobs/internal/policy"
)

// FuzzParse looks for a panic, for an error without a place, and for a document that is accepted although a plain JSON reader understands another
// one: a member that is there twice, or unknown.
func FuzzParse(f *testing.F) {
	f.Add(devicePolicy, true)
	for _, row := range malformedRows {
		if len(row.document) < 4096 {
			f.Add(row.document, row.dialect == policy.IAM)
		}
	}
	for _, row := range variableRows {
		f.Add(policyOf(row.statements), false)
	}
	for i, row := range conditionRows {
		f.Add(withCondition(`{"`+row.operator+`": {"test:key": `+row.policy+`}}`), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, document string, iam bool) {
		dialect := policy.IoTCore
		if iam {
			dialect = policy.IAM
		}
		parsed, err := policy.Parse([]byte(document), dialect)
		if err != nil {
			malformed, ok := errors.AsType[*policy.Error](err)
			if !ok {
				t.Fatalf("got %T: %v", err, err)
			}
			if malformed.Reason == "" || malformed.Column < 1 || malformed.Line < 1 || malformed.Line > strings.Count(document, "\n")+1 {
				t.Errorf("got %+v", malformed)
			}
			if text := err.Error(); !utf8.ValidString(text) || len(text) > 2000 {
				t.Errorf("an error of %d bytes: %q", len(text), text)
			}
			return
		}
		if again := reencoded(t, document); again != "" {
			if _, err := policy.Parse([]byte(again), dialect); err != nil && !strings.Contains(err.Error(), "characters without white space") {
				t.Errorf("accepted %s\nbut not what encoding/json reads there: %s\n%v", document, again, err)
			}
		}
		for _, resource := range []string{"*", topicA, arn("topicfilter/+/a"), "", ":::::"} {
			request := policy.Request{Action: "iot:Publish", Resource: resource, Context: conditionContext.context}
			if d := policy.Evaluate([]policy.Named{{Name: "p", Document: parsed}}, request); d.Allowed && d.ExplicitDeny {
				t.Errorf("allowed and denied: %+v", d)
			}
		}
	})
}

// reencoded is the document as encoding/json understands it, member names and all.
func reencoded(t *testing.T, document string) string {
	t.Helper()
	var plain any
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.UseNumber()
	if err := decoder.Decode(&plain); err != nil {
		t.Errorf("accepted what is not JSON: %q: %v", document, err)
		return ""
	}
	encoded, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// FuzzMatch compares the matcher with the reference.
func FuzzMatch(f *testing.F) {
	for _, row := range wildcardRows {
		for resource := range strings.SplitSeq(row.statements, `"`) {
			if strings.HasPrefix(resource, "arn:") {
				f.Add(strings.TrimPrefix(resource, account), "v", row.resource)
			}
		}
	}
	f.Add("topic/${test:v}/*", "*", arn("topic/*/x"))
	f.Add("topicfilter/${test:v}", "+", arn("topicfilter/+"))
	f.Add("*a*b:*?c${test:v}", "éé", arn("xaybé:zcéé"))
	f.Fuzz(func(t *testing.T, pattern, value, resource string) {
		if strings.Count(pattern, "${") != strings.Count(pattern, "${test:v}") || !utf8.ValidString(pattern) || !utf8.ValidString(value) {
			return // the reference knows only this variable, and JSON only valid text
		}
		for _, head := range []string{account, "arn:aws:iot:", "arn:aws:iot:*", ""} {
			m := matching{pattern: head + pattern, value: value, resource: resource}
			if isRefused(m.pattern) {
				continue
			}
			if got, want := byPolicy(m), byRegexp(m); got != want {
				t.Errorf("%+q: got %v, want %v", m, got, want)
			}
		}
	})
}

// FuzzLike compares StringLike and the operators without case with regular expressions.
func FuzzLike(f *testing.F) {
	f.Add("*a?", "ba é", false)
	f.Add("ǅ?K", "ǆxk", true)
	f.Fuzz(func(t *testing.T, pattern, text string, fold bool) {
		if strings.Contains(pattern, "${") || !utf8.ValidString(pattern) || text == "" {
			return
		}
		row := conditionRow{operator: "StringLike", policy: quoted(pattern), request: one(text), holds: like(pattern, text), source: opString, fact: "fuzzed"}
		if fold {
			row.operator, row.holds = "StringEqualsIgnoreCase", strings.EqualFold(pattern, text)
		}
		if _, err := policy.Parse([]byte(withCondition(`{"`+row.operator+`": {"test:key": `+row.policy+`}}`)), policy.IAM); err != nil {
			return // too long, or not for IAM
		}
		checkCondition(t, row)
	})
}
