package policy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"iotjobs/internal/policy"
)

var conditionContext = keys{
	"aws:username": one("ana"), "test:star": one("*"), "test:arn": one("arn:aws:iam::1:user/ana"), "test:true": one("true"), "test:many": {"a", "b"},
}

func TestConditionOperators(t *testing.T) {
	for _, row := range conditionRows {
		checkCondition(t, row)
	}
}

// IfExists and the qualifiers change nothing where there is exactly one value, and what they do without one is the same for every operator.
func TestConditionOperatorForms(t *testing.T) {
	for _, row := range conditionRows {
		if strings.Contains(row.operator, ":") || strings.Contains(row.operator, "IfExists") || row.operator == "Null" {
			continue
		}
		if len(row.request) == 1 && row.request[0] != "" {
			for _, form := range []string{"%sIfExists", "ForAllValues:%s", "ForAnyValue:%s", "ForAllValues:%sIfExists", "ForAnyValue:%sIfExists"} {
				same := row
				same.operator = fmt.Sprintf(form, row.operator)
				checkCondition(t, same)
			}
		}
		for form, holds := range map[string]bool{"%sIfExists": true, "ForAllValues:%s": true, "ForAnyValue:%s": false, "ForAnyValue:%sIfExists": true} {
			missing := row
			missing.operator, missing.request, missing.holds = fmt.Sprintf(form, row.operator), nil, holds
			missing.source, missing.fact = opExists+"; "+opForAll+"; "+opForAny, "without the key"
			checkCondition(t, missing)
		}
	}
}

// documentedOperators are those of IAM's page on condition operators; each must have a row that holds and one that does not.
var documentedOperators = []string{
	"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
	"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
	"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
	"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
	"ForAllValues:StringEquals", "ForAllValues:StringEqualsIgnoreCase", "ForAnyValue:StringEquals", "ForAnyValue:StringEqualsIgnoreCase",
	"ForAllValues:StringNotEquals", "ForAllValues:StringNotEqualsIgnoreCase", "ForAnyValue:StringNotEquals", "ForAnyValue:StringNotEqualsIgnoreCase",
	"ForAllValues:StringLike", "ForAnyValue:StringLike", "ForAllValues:StringNotLike", "ForAnyValue:StringNotLike",
	"ForAllValues:Bool", "ForAnyValue:Bool",
	"ForAllValues:ArnEquals", "ForAllValues:ArnLike", "ForAnyValue:ArnEquals", "ForAnyValue:ArnLike",
	"ForAllValues:ArnNotEquals", "ForAllValues:ArnNotLike", "ForAnyValue:ArnNotEquals", "ForAnyValue:ArnNotLike",
}

func TestEveryDocumentedOperatorHasRows(t *testing.T) {
	for _, operator := range documentedOperators {
		for _, holds := range []bool{true, false} {
			if !slices.ContainsFunc(conditionRows, func(r conditionRow) bool { return r.operator == operator && r.holds == holds && r.request != nil }) {
				t.Errorf("%s: no row in which a value gives %v", operator, holds)
			}
		}
	}
}

// checkCondition asks under Allow and under Deny, in both dialects.
func checkCondition(t *testing.T, row conditionRow) {
	t.Helper()
	const always = `{"Effect": "Allow", "Action": "*", "Resource": "*"}`
	with := func(effect string) string {
		return fmt.Sprintf(`{"Effect": %q, "Action": "*", "Resource": "*", "Condition": {%q: {"test:key": %s}}}`, effect, row.operator, row.policy)
	}
	context := keys{"test:key": row.request}
	maps.Copy(context, conditionContext)
	request := policy.Request{Action: "iot:Publish", Resource: arn("topic/t"), Context: context.context}
	want := map[string]answer{with("Allow"): nothing, with("Deny") + "," + always: allowed}
	if row.holds {
		want = map[string]answer{with("Allow"): allowed, with("Deny") + "," + always: denied}
	}
	for _, dialect := range dialects(0) {
		for statements, want := range want {
			if got := answerOf(policy.Evaluate(attach(t, policyOf(statements), dialect), request)); got != want {
				t.Errorf("%s %s, request has %q: got %s, want %s: %s\n(%s)\n%s", row.operator, row.policy, row.request, got, want, row.fact, row.source, statements)
			}
		}
	}
}
