package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"iotjobs/internal/policy"
)

const (
	grammar       source = "IAM, Grammar of the IAM JSON policy language"
	grammarNotes  source = "IAM, Grammar of the IAM JSON policy language, Policy grammar notes"
	elements      source = "IAM, JSON policy element reference"
	checks        source = "IAM, Access Analyzer policy check reference"
	sidPage       source = "IAM, JSON policy elements: Sid"
	arnPage       source = "IAM, Identify AWS resources with Amazon Resource Names (ARNs), limitations on wildcard usage"
	resourceVars  source = "IAM, Variables and tags, Resource element"
	createPolicy  source = "IoT Core API, CreatePolicy, policyDocument"
	iamQuotas     source = "IAM and AWS STS quotas"
	ownStrictness source = "our choice: what can never match is refused where it is written"
)

// malformedRow: the document is refused, at this path, with this reason in it.
type malformedRow struct {
	dialect  policy.Dialect // 0: both
	document string
	path     string
	reason   string
	source   source
}

func TestMalformedDocuments(t *testing.T) {
	for _, row := range malformedRows {
		for _, dialect := range dialects(row.dialect) {
			_, err := policy.Parse([]byte(row.document), dialect)
			malformed, ok := errors.AsType[*policy.Error](err)
			if !ok {
				t.Errorf("%s\ngot %v, want an *Error (%s)", row.document, err, row.source)
				continue
			}
			if malformed.Path != row.path || !strings.Contains(malformed.Reason, row.reason) {
				t.Errorf("%s\ngot %v, want %s: … %s … (%s)", row.document, err, row.path, row.reason, row.source)
			}
		}
	}
}

// in is a document with one statement, made of these members.
func in(members string) string { return policyOf("{" + members + "}") }

const (
	effect   = `"Effect": "Allow"`
	action   = `"Action": "iot:Publish"`
	resource = `"Resource": "*"`
	head     = effect + ", " + action + ", " + resource
)

func withCondition(block string) string { return in(head + `, "Condition": ` + block) }

func withResource(resource string) string {
	return in(effect + ", " + action + `, "Resource": ` + quoted(resource))
}

func withAction(action string) string {
	return in(effect + ", " + resource + `, "Action": ` + quoted(action))
}

const first = "Statement[0]"

var malformedRows = []malformedRow{
	{0, ``, "", "not valid JSON", grammar},
	{0, `{`, "", "not valid JSON", grammar},
	{0, in(head) + in(head), "", "not valid JSON", grammar},
	{0, "{\"Version\": \"\xff\"}", "", "not valid UTF-8", grammar},
	{0, `[]`, "", "must be an object, not an array", grammar},
	{0, `null`, "", "must be an object, not null", grammar},
	{0, `{"Version": "2012-10-17"}`, "", "no Statement", grammar},
	{0, `{"Version": "2012-10-18", "Statement": {` + head + `}}`, "Version", `"2012-10-17" or "2008-10-17", not "2012-10-18"`, grammar},
	{0, `{"Version": 2012, "Statement": {` + head + `}}`, "Version", "must be a string, not a number", grammar},
	{0, `{"Statement": []}`, "Statement", "the array is empty", grammar},
	{0, `{"Statement": "x"}`, "Statement", "must be an object or an array, not a string", grammar},
	{0, `{"Statement": [{` + head + `}, 7]}`, "Statement[1]", "must be an object, not a number", grammar},
	{policy.IAM, `{"Id": "x", "Statement": {` + head + `}}`, "Id", "an identity policy has no Id", grammarNotes},
	{policy.IoTCore, `{"Id": 7, "Statement": {` + head + `}}`, "Id", "must be a string", grammar},
	{0, `{"Principal": "*", "Statement": {` + head + `}}`, "Principal", "belongs in policies of resources", grammarNotes},
	{0, in(head + `, "Principal": "*"`), first + ".Principal", "belongs in policies of resources", grammarNotes},
	{0, in(head + `, "NotPrincipal": {"AWS": "1"}`), first + ".NotPrincipal", "belongs in policies of resources", grammarNotes},
	{0, in(head + `, "Comment": "x"`), first + ".Comment", `there is no member "Comment"`, checks},
	{0, in(`"effect": "Deny", ` + head), first + ".effect", "write Effect", checks},
	{0, `{"statement": {` + head + `}}`, "statement", "write Statement", checks},
	{0, in(head + `, "Effect": "Deny"`), first, `the member "Effect" stands here twice`, grammarNotes},
	{0, in(head + `, "\u0045ffect": "Deny"`), first, `the member "Effect" stands here twice`, grammarNotes},
	{0, `{"Version": "2012-10-17", "Version": "2008-10-17", "Statement": {` + head + `}}`, "", `the member "Version" stands here twice`, grammarNotes},
	{0, in(head + `, "Sid": {"a": {"b": {"c": {"d": {}}}}}`), first + ".Sid.a.b.c.d", "nested too deeply", grammar},

	{0, in(action + `, ` + resource), first, "no Effect", grammar},
	{0, in(`"Effect": "allow", ` + action + `, ` + resource), first + ".Effect", `must be "Allow" or "Deny", not "allow"`, checks},
	{0, in(`"Effect": true, ` + action + `, ` + resource), first + ".Effect", "must be a string, not a boolean", grammar},
	{0, in(effect + `, ` + resource), first, "no Action (nor NotAction)", checks},
	{0, in(effect + `, ` + action), first, "no Resource (nor NotResource)", checks},
	{0, in(head + `, "NotAction": "iot:X"`), first + ".NotAction", "only one may be there", elements},
	{0, in(head + `, "NotResource": "*"`), first + ".NotResource", "only one may be there", elements},
	{0, in(effect + `, ` + resource + `, "Action": []`), first + ".Action", "the array is empty", grammar},
	{0, in(effect + `, ` + resource + `, "Action": ["iot:X", 7]`), first + ".Action[1]", "must be a string, not a number", grammar},
	{0, in(effect + `, ` + resource + `, "Action": {}`), first + ".Action", "must be a string or an array, not an object", grammar},
	{0, withAction("Publish"), first + ".Action", "service:Action", grammar},
	{0, withAction("iot:"), first + ".Action", "service:Action", grammar},
	{0, withAction("iot:Publish:x"), first + ".Action", "service:Action", grammar},
	{0, withAction("iot:Pub lish"), first + ".Action", "service:Action", grammar},
	{0, withAction("iot:${aws:username}"), first + ".Action", "service:Action", resourceVars},
	{0, in(effect + `, ` + action + `, "Resource": ["*", "topic/a"]`), first + ".Resource[1]", `must be "*" or an ARN`, checks},
	{0, in(effect + `, ` + action + `, "NotResource": "topic/a"`), first + ".NotResource", `must be "*" or an ARN`, checks},
	{0, withResource(""), first + ".Resource", `must be "*" or an ARN`, checks},
	{0, withResource("*:*"), first + ".Resource", `must be "*" or an ARN`, checks},
	{0, withResource("arn:aws"), first + ".Resource", `must be "*" or an ARN`, checks},
	{0, withResource("arn:*:iot:r:1:x"), first + ".Resource", "may not have wildcards", arnPage},
	{0, withResource("arn:aws:io?:r:1:x"), first + ".Resource", "may not have wildcards", elWildcards},
	{0, withResource("arn:aws:iot:${aws:region}:1:x"), first + ".Resource", "after the fifth colon", resourceVars},
	{0, withResource(arn("topic/${iot:ClientId")), first + ".Resource", "no closing brace", varRequest},
	{0, withResource(arn("topic/${}")), first + ".Resource", `"${}" is not a variable`, varRequest},
	{0, withResource(arn("topic/${iot:${x}}")), first + ".Resource", `"${iot:${x}" is not a variable`, varRequest},
	{0, withResource(arn("topic/${ClientId}")), first + ".Resource", `"${ClientId}" is not a variable`, varRequest},
	{0, withResource(arn("topic/${iot:ClientId,'x'y}")), first + ".Resource", "no default value of the form", opDefault},
	{0, withResource(arn("topic/${iot:ClientId 'x'}")), first + ".Resource", "no default value of the form", opDefault},

	{policy.IAM, in(head + `, "Sid": "with space"`), first + ".Sid", "letters and digits only", sidPage},
	{0, in(head + `, "Sid": 7`), first + ".Sid", "must be a string", grammar},
	{
		policy.IAM, policyOf(`{` + head + `, "Sid": "A"}, {` + head + `}, {` + head + `, "Sid": "A"}`),
		"Statement[2].Sid", "another statement has the Sid", sidPage,
	},

	{0, withCondition(`[]`), first + ".Condition", "must be an object, not an array", grammar},
	{0, withCondition(`{"StringEquals": "x"}`), first + ".Condition.StringEquals", "must be an object", grammar},
	{0, withCondition(`{"StringEquals": {}}`), first + ".Condition.StringEquals", "no keys", grammar},
	{0, withCondition(`{"StringEquals": {"test:k": []}}`), first + ".Condition.StringEquals.test:k", "the array is empty", grammar},
	{0, withCondition(`{"StringEquals": {"test:k": [{}]}}`), first + ".Condition.StringEquals.test:k[0]", "a number or a boolean, not an object", grammar},
	{0, withCondition(`{"StringEquals": {"test:k": null}}`), first + ".Condition.StringEquals.test:k", "boolean, not null", grammar},
	{0, withCondition(`{"StringMatches": {"test:k": "x"}}`), first + ".Condition.StringMatches", "no condition operator", checks},
	{0, withCondition(`{"ForSomeValues:StringEquals": {"test:k": "x"}}`), first + ".Condition.ForSomeValues:StringEquals", "no condition operator", checks},
	{0, withCondition(`{"NullIfExists": {"test:k": "true"}}`), first + ".Condition.NullIfExists", "no condition operator", checks},
	{0, withCondition(`{"ForAnyValue:Null": {"test:k": "true"}}`), first + ".Condition.ForAnyValue:Null", "no condition operator", ownStrictness},
	{0, withCondition(`{"StringEquals": {"k": "x"}}`), first + ".Condition.StringEquals.k", "service:name", checks},
	{0, withCondition(`{"StringEquals": {"test:k": "x", "Test:K": "y"}}`), first + ".Condition.StringEquals.Test:K", "twice", checks},
	{0, withCondition(`{"StringEquals": {"test:k": "x", "test:k": "y"}}`), first + ".Condition.StringEquals", "twice", grammarNotes},
	{0, withCondition(`{"StringEquals": {"test:k": "${x"}}`), first + ".Condition.StringEquals.test:k", "no closing brace", varRequest},
	{0, withCondition(`{"NumericEquals": {"test:k": "ten"}}`), first + ".Condition.NumericEquals.test:k", "decimal number", checks},
	{0, withCondition(`{"NumericEquals": {"test:k": 1e3}}`), first + ".Condition.NumericEquals.test:k", "without exponent", ownStrictness},
	{0, withCondition(`{"NumericEquals": {"test:k": "${aws:EpochTime}"}}`), first + ".Condition.NumericEquals.test:k", "decimal number", opNumeric},
	{0, withCondition(`{"DateLessThan": {"test:k": "2026-5-1"}}`), first + ".Condition.DateLessThan.test:k", "a date", opDate},
	{0, withCondition(`{"DateLessThan": {"test:k": "2026*"}}`), first + ".Condition.DateLessThan.test:k", "a date", opDate},
	{0, withCondition(`{"DateLessThan": {"test:k": 1777636800000}}`), first + ".Condition.DateLessThan.test:k", "in seconds", ownStrictness},
	{0, withCondition(`{"Bool": {"test:k": ["true", "yes"]}}`), first + ".Condition.Bool.test:k[1]", `"true" or "false", not "yes"`, checks},
	{0, `{"Statement": {` + head + `, "Condition": {"Bool": {"test:k": "${test:v}"}}}}`, "Statement.Condition.Bool.test:k", `"true" or "false"`, varVersion},
	{0, withCondition(`{"Null": {"test:k": "${aws:username}"}}`), first + ".Condition.Null.test:k", `"true" or "false"`, opNull},
	{0, withCondition(`{"BinaryEquals": {"test:k": "?"}}`), first + ".Condition.BinaryEquals.test:k", "base64", opBinary},
	{0, withCondition(`{"IpAddress": {"test:k": "203.0.113.*"}}`), first + ".Condition.IpAddress.test:k", "IP address", opIP},
	{0, withCondition(`{"IpAddress": {"test:k": "203.0.113.0/33"}}`), first + ".Condition.IpAddress.test:k", "IP address", opIP},
	{0, withCondition(`{"ArnLike": {"test:k": "arn:aws:iot:r:x"}}`), first + ".Condition.ArnLike.test:k", "six segments", opARN},

	{policy.IoTCore, withResource(arn(strings.Repeat("x", policy.MaxIoTCoreSize))), "", "more than 2048", createPolicy},
	{policy.IAM, withResource(arn(strings.Repeat("x", policy.MaxIAMSize))), "", "more than 6144", iamQuotas},
	{0, strings.Repeat(" ", policy.MaxBytes) + in(head), "", "longer than 404600 bytes", createPolicy},
	{policy.IAM, withResource(arn("thing/Ā")), "", "above U+00FF", iamQuotas},
}

// What is unusual and yet well-formed.
func TestWellFormedDocuments(t *testing.T) {
	for name, c := range map[string]struct {
		dialect  policy.Dialect // 0: both
		document string
	}{
		"one statement without a list":   {0, `{"Statement": {` + head + `}}`},
		"members in any order":           {0, `{"Statement": {` + resource + `,` + action + `,` + effect + `}, "Version": "2008-10-17"}`},
		"white space does not count":     {0, strings.Repeat("\n\t ", 100_000) + in(head)},
		"characters count, not bytes":    {0, withResource(arn(strings.Repeat("é", 1900)))},
		"an Id, statement ids with text": {policy.IoTCore, `{"Id": "x", "Statement": [{` + head + `, "Sid": "a b"}, {` + head + `, "Sid": "a b"}]}`},
		"empty Sids, as tools write":     {0, `{"Statement": [{` + head + `, "Sid": ""}, {` + head + `, "Sid": ""}]}`},
		"Latin-1 in IAM":                 {policy.IAM, withResource(arn("thing/ÿ"))},
		"a tag's name with a space":      {policy.IAM, withResource(arn("x/${aws:PrincipalTag/cost center, 'none'}"))},
		"topics are UTF-8":               {policy.IoTCore, withResource(arn("topic/Ω"))},
		"the same key, two operators":    {0, withCondition(`{"DateGreaterThan": {"test:k": "2026"}, "DateLessThan": {"test:k": "2027"}}`)},
		"a slash before the type":        {0, withResource("arn:aws:iot:r:1:/thing/x")},
		"attribute names with marks":     {policy.IoTCore, withResource(arn("x/${iot:Connection.Thing.Attributes[a.b,c@d/e:f#g-h_i]}"))},
		"a default with a brace":         {0, withResource(arn("x/${iot:ClientId, 'a}b'}"))},
	} {
		for _, dialect := range dialects(c.dialect) {
			if _, err := policy.Parse([]byte(c.document), dialect); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestSizeLimits(t *testing.T) {
	for dialect, most := range map[policy.Dialect]int{policy.IoTCore: 2048, policy.IAM: 6144} {
		frame := withResource(arn(""))
		rest := most - len(strings.ReplaceAll(frame, " ", ""))
		for more, fits := range map[int]bool{0: true, 1: false} {
			document := withResource(arn(strings.Repeat("x", rest+more)))
			if _, err := policy.Parse([]byte(document), dialect); (err == nil) != fits {
				t.Errorf("%d characters of %d: %v", most+more, most, err)
			}
		}
	}
}

// The version of the language decides whether ${…} is a variable.
func TestVariablesNeedTheCurrentVersion(t *testing.T) {
	statement := allow("*", arn("topic/${aws:username}"))
	for version, want := range map[string]answer{`"Version": "2012-10-17", `: allowed, `"Version": "2008-10-17", `: nothing, "": nothing} {
		policies := attach(t, fmt.Sprintf(`{%s"Statement": %s}`, version, statement), policy.IAM)
		request := policy.Request{Action: "iot:X", Resource: arn("topic/ana"), Context: keys{"aws:username": one("ana")}.context}
		if got := answerOf(policy.Evaluate(policies, request)); got != want {
			t.Errorf("with %q: got %s, want %s (%s)", version, got, want, varVersion)
		}
		request.Resource = arn("topic/${aws:username}")
		if got := answerOf(policy.Evaluate(policies, request)); (got == allowed) == (want == allowed) {
			t.Errorf("with %q: the literal text: got %s (%s)", version, got, varVersion)
		}
	}
}

func TestErrorsNameLineAndColumn(t *testing.T) {
	const document = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "é", "Effect": "Permit",
     "Action": "*", "Resource": "*"}
  ]
}`
	_, err := policy.Parse([]byte(document), policy.IoTCore)
	const want = `Statement[0].Effect, line 4, column 28: must be "Allow" or "Deny", not "Permit"`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, err = policy.Parse([]byte("{\n \"Statement\": [}\n"), policy.IoTCore)
	if malformed, ok := errors.AsType[*policy.Error](err); !ok || malformed.Line != 2 || malformed.Column != 16 {
		t.Errorf("syntax error: got %+v, want line 2, column 16", err)
	}
	_, err = policy.Parse([]byte(withAction(strings.Repeat("é", 500))), policy.IoTCore)
	if err == nil || len(err.Error()) > 300 || strings.Contains(err.Error(), "\n") {
		t.Errorf("an error quotes a long text: %v", err)
	}
}
