package controlhttp_test

import (
	"strings"
	"testing"
)

func violations(texts ...string) string {
	if len(texts) == 1 {
		return "1 validation error detected: " + texts[0]
	}
	return string(rune('0'+len(texts))) + " validation errors detected: " + strings.Join(texts, "; ")
}

func violation(value, path, constraint string) string {
	return "Value " + value + " at '" + path + "' failed to satisfy constraint: Member must " + constraint
}

const (
	namePattern  = "satisfy regular expression pattern: [a-zA-Z0-9:_-]+"
	idPattern    = "satisfy regular expression pattern: [a-zA-Z0-9_-]+"
	graphPattern = `satisfy regular expression pattern: [\p{Graph}\x20]*`
	statuses     = "satisfy enum value set: [QUEUED, IN_PROGRESS, SUCCEEDED, FAILED, TIMED_OUT, REJECTED, REMOVED, CANCELED]"
)

// TestViolations: validation answers before anything is looked up, names every violation, and in the order of the model.
func TestViolations(t *testing.T) {
	p := newPlane(t)
	long := strings.Repeat("x", 129)
	for _, c := range []struct {
		request, body string
		want          []string
	}{
		{"GET /things/a.b", "", []string{violation("'a.b'", "thingName", namePattern)}},
		{"GET /things/" + long, "", []string{violation("'"+long+"'", "thingName", "have length less than or equal to 128")}},
		{
			"POST /things/a", `{"billingGroupName":"","attributePayload":{"attributes":{"a b":"1","c":"é"},"merge":"yes"},"thingTypeName":7}`,
			[]string{
				violation("'7'", "thingTypeName", "be a string"),
				"Value '{a b=1, c=é}' at 'attributePayload.attributes' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must satisfy regular expression pattern: [a-zA-Z0-9_.,@/:#-]+]",
				`Value '{a b=1, c=é}' at 'attributePayload.attributes' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 800, Member must satisfy regular expression pattern: [a-zA-Z0-9_.,@/:#=\[\]-]*]`,
				violation(`'"yes"'`, "attributePayload.merge", "be a boolean"),
				violation("''", "billingGroupName", "have length greater than or equal to 1"),
				violation("''", "billingGroupName", namePattern),
			},
		},
		{"PATCH /things/a", `{"expectedVersion":"1"}`, []string{violation(`'"1"'`, "expectedVersion", "be a whole number")}},
		{"DELETE /things/a?expectedVersion=new", "", []string{violation("'new'", "expectedVersion", "be a whole number")}},
		{
			"GET /things?usePrefixAttributeValue=maybe&maxResults=0&attributeName=a%20b", "",
			[]string{
				violation("'0'", "maxResults", "have value greater than or equal to 1"),
				violation("'a b'", "attributeName", "satisfy regular expression pattern: [a-zA-Z0-9_.,@/:#-]+"),
				violation("'maybe'", "usePrefixAttributeValue", "be a boolean"),
			},
		},
		{"GET /things?thingTypeName=a.b", "", []string{violation("'a.b'", "thingTypeName", namePattern)}},

		{"GET /thing-types/a.b", "", []string{violation("'a.b'", "thingTypeName", namePattern)}},
		{
			"POST /thing-types/" + long, `{"tags":[{}],"thingTypeProperties":{"mqtt5Configuration":{"propagatingAttributes":[{"userPropertyKey":"a-b"}]},` +
				`"searchableAttributes":["a","b c","d","e"],"thingTypeDescription":"é"}}`,
			[]string{
				violation("'"+long+"'", "thingTypeName", "have length less than or equal to 128"),
				violation("'é'", "thingTypeProperties.thingTypeDescription", graphPattern),
				violation(`'["a","b c","d","e"]'`, "thingTypeProperties.searchableAttributes", "have length less than or equal to 3"),
				violation("'b c'", "thingTypeProperties.searchableAttributes.2.member", "satisfy regular expression pattern: [a-zA-Z0-9_.,@/:#-]+"),
				violation("'a-b'", "thingTypeProperties.mqtt5Configuration.propagatingAttributes.1.member.userPropertyKey", "satisfy regular expression pattern: [a-zA-Z0-9:$.]+"),
				violation("null", "tags.1.member.key", "not be null"),
			},
		},
		{
			"GET /thing-types?maxResults=0&thingTypeName=", "",
			[]string{
				violation("'0'", "maxResults", "have value greater than or equal to 1"),
				violation("''", "thingTypeName", "have length greater than or equal to 1"),
				violation("''", "thingTypeName", namePattern),
			},
		},
		{"POST /thing-types/a.b/deprecate", `{"undoDeprecate":"yes"}`, []string{violation("'a.b'", "thingTypeName", namePattern), violation(`'"yes"'`, "undoDeprecate", "be a boolean")}},
		{"DELETE /thing-types/a.b", "", []string{violation("'a.b'", "thingTypeName", namePattern)}},

		{"GET /thing-groups/a.b", "", []string{violation("'a.b'", "thingGroupName", namePattern)}},
		{
			"POST /thing-groups/a.b", `{"tags":7,"thingGroupProperties":{"attributePayload":{"attributes":{"k":null}},"thingGroupDescription":"a\u000ab"},"parentGroupName":"c/d"}`,
			[]string{
				violation("'a.b'", "thingGroupName", namePattern),
				violation("'c/d'", "parentGroupName", namePattern),
				violation("'a\nb'", "thingGroupProperties.thingGroupDescription", graphPattern),
				violation("null", "thingGroupProperties.attributePayload.attributes.k.member", "not be null"),
				violation("'7'", "tags", "be a list of objects"),
			},
		},
		{"PATCH /thing-groups/g", `{"expectedVersion":1.5}`, []string{violation("null", "thingGroupProperties", "not be null"), violation("'1.5'", "expectedVersion", "be a whole number")}},
		{"PATCH /thing-groups/g", `{"thingGroupProperties":[]}`, []string{violation("'[]'", "thingGroupProperties", "be an object")}},
		{"DELETE /thing-groups/a.b?expectedVersion=new", "", []string{violation("'a.b'", "thingGroupName", namePattern), violation("'new'", "expectedVersion", "be a whole number")}},
		{
			"GET /thing-groups?recursive=maybe&namePrefixFilter=a*&parentGroup=b.c&maxResults=251", "",
			[]string{
				violation("'251'", "maxResults", "have value less than or equal to 250"),
				violation("'b.c'", "parentGroup", namePattern),
				violation("'a*'", "namePrefixFilter", namePattern),
				violation("'maybe'", "recursive", "be a boolean"),
			},
		},
		{
			"PUT /thing-groups/addThingToThingGroup", `{"overrideDynamicGroups":0,"thingArn":1,"thingName":"a b","thingGroupArn":[],"thingGroupName":""}`,
			[]string{
				violation("''", "thingGroupName", "have length greater than or equal to 1"),
				violation("''", "thingGroupName", namePattern),
				violation("'[]'", "thingGroupArn", "be a string"),
				violation("'a b'", "thingName", namePattern),
				violation("'1'", "thingArn", "be a string"),
				violation("'0'", "overrideDynamicGroups", "be a boolean"),
			},
		},
		{"PUT /thing-groups/removeThingFromThingGroup", `{"thingName":"a b"}`, []string{violation("'a b'", "thingName", namePattern)}},
		{
			"PUT /thing-groups/updateThingGroupsForThing", `{"thingGroupsToRemove":"g","thingGroupsToAdd":["g","h i",null]}`,
			[]string{
				violation("null", "thingName", "not be null"),
				violation("'h i'", "thingGroupsToAdd.2.member", namePattern),
				violation("null", "thingGroupsToAdd.3.member", "not be null"),
				violation(`'"g"'`, "thingGroupsToRemove", "be a list of strings"),
			},
		},
		{
			"GET /thing-groups/a.b/things?maxResults=x&recursive=1x", "",
			[]string{
				violation("'a.b'", "thingGroupName", namePattern), violation("'1x'", "recursive", "be a boolean"),
				violation("'x'", "maxResults", "be a whole number"),
			},
		},
		{"GET /things/a.b/thing-groups?maxResults=0", "", []string{violation("'a.b'", "thingName", namePattern), violation("'0'", "maxResults", "have value greater than or equal to 1")}},

		{
			"POST /jobs/a.b/targets?namespaceId=c.d", `{"comment":"\u0007","targets":[]}`,
			[]string{
				violation("'[]'", "targets", "have length greater than or equal to 1"),
				violation("'a.b'", "jobId", idPattern),
				violation("'\a'", "comment", `satisfy regular expression pattern: [^\p{C}]+`),
				violation("'c.d'", "namespaceId", idPattern),
			},
		},
		{"POST /jobs/j/targets", "", []string{violation("null", "targets", "not be null")}},
		{"GET /jobs?thingGroupName=a.b&thingGroupId=c_d", "", []string{violation("'a.b'", "thingGroupName", namePattern), violation("'c_d'", "thingGroupId", `satisfy regular expression pattern: [a-zA-Z0-9\-]+`)}},
		{
			"GET /jobs?maxResults=251&status=QUEUED&targetSelection=ALL", "",
			[]string{
				violation("'QUEUED'", "status", "satisfy enum value set: [IN_PROGRESS, CANCELED, COMPLETED, DELETION_IN_PROGRESS, SCHEDULED]"),
				violation("'ALL'", "targetSelection", "satisfy enum value set: [CONTINUOUS, SNAPSHOT]"),
				violation("'251'", "maxResults", "have value less than or equal to 250"),
			},
		},
		{"GET /jobs/has.dot", "", []string{violation("'has.dot'", "jobId", idPattern)}},
		{"GET /jobs/a.b/job-document?beforeSubstitution=1x", "", []string{violation("'a.b'", "jobId", idPattern), violation("'1x'", "beforeSubstitution", "be a boolean")}},
		{
			"PUT /jobs/j/cancel?force=x", `{"comment":"\u0007","reasonCode":"lower"}`,
			[]string{
				violation("'lower'", "reasonCode", `satisfy regular expression pattern: [\p{Upper}\p{Digit}_]+`),
				violation("'\a'", "comment", `satisfy regular expression pattern: [^\p{C}]+`),
				violation("'x'", "force", "be a boolean"),
			},
		},
		{"DELETE /jobs/j?namespaceId=a.b", "", []string{violation("'a.b'", "namespaceId", idPattern)}},
		{"GET /jobs/j/things?status=DONE&maxResults=1e2", "", []string{violation("'DONE'", "status", statuses), violation("'1e2'", "maxResults", "be a whole number")}},
		{"GET /things/a/jobs?jobId=a.b&status=DONE", "", []string{violation("'DONE'", "status", statuses), violation("'a.b'", "jobId", idPattern)}},
		{"GET /things/a.b/jobs/$next", "", []string{violation("'$next'", "jobId", idPattern), violation("'a.b'", "thingName", namePattern)}},
		{"GET /things/a/jobs/j?executionNumber=0", "", []string{violation("'0'", "executionNumber", "have value greater than or equal to 1")}},
		{
			"PUT /things/a/jobs/j/cancel?force=x", `{"expectedVersion":1.5,"statusDetails":{"k":""}}`,
			[]string{
				violation("'x'", "force", "be a boolean"),
				violation("'1.5'", "expectedVersion", "be a whole number"),
				`Value '{k=}' at 'statusDetails' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [^\p{C}]+]`,
			},
		},
		{"DELETE /things/a/jobs/j/executionNumber/x", "", []string{violation("'x'", "executionNumber", "be a whole number")}},
	} {
		p.refused(c.request, c.body, 400, invalid, violations(c.want...))
	}
	p.refused("PUT /jobs/j", `{"targets":`, 400, invalid, "The request body is not valid JSON: unexpected EOF.")
}
