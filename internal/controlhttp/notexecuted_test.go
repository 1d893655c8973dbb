package controlhttp_test

import (
	"testing"
)

// TestMembersNotExecuted: what is not executed is refused by name, and nothing is stored.
func TestMembersNotExecuted(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a")
	refused := func(request, body, member, waitsFor string) {
		t.Helper()
		p.refused(request, body, 400, invalid, member+" is not executed by this version: it waits for "+waitsFor+". Nothing was changed.")
	}
	for _, c := range []struct{ member, value, waitsFor string }{
		{"presignedUrlConfig", `{"expiresInSec":60}`, "placeholders in job documents"},
		{"presignedUrlConfig", `{"roleArn":"arn:aws:iam::123456789012:role/fetch"}`, "placeholders in job documents"},
		{"tags", `[{"Key":"k"}]`, "tags"},
		{"namespaceId", `"ns"`, "namespaces"},
		{"jobTemplateArn", `"arn:aws:iot:eu-central-1:123456789012:jobtemplate/x"`, "job templates"},
		{"documentParameters", `{"k":"v"}`, "managed job templates"},
		{"destinationPackageVersions", `["arn:aws:iot:eu-central-1:123456789012:package/p/version/1"]`, "the software package catalog"},
	} {
		refused("PUT /jobs/j", `{`+targets+`,"document":"{}","`+c.member+`":`+c.value+`}`, c.member, c.waitsFor)
	}
	refused("PUT /jobs/j", `{`+targets+`,"documentSource":"https://s3.eu-central-1.amazonaws.com/b/k"}`, "documentSource", "job documents read from S3")
	p.refused("PUT /jobs/j", `{`+targets+`,"document":"{\"url\":\"${aws:iot:s3-presigned-url:https://x/y}\"}"}`, 400, invalid,
		"document has a placeholder ${aws:iot:…}, which is not executed by this version: it waits for placeholders in job documents. Nothing was changed.")
	p.empty()

	refused("POST /things/new", `{"billingGroupName":"lab"}`, "billingGroupName", "billing groups")
	p.refused("GET /things/new", "", 404, notFound, "Thing new cannot be found.")
	refused("POST /thing-types/new", `{"tags":[{"Key":"k"}]}`, "tags", "tags")
	refused("POST /thing-types/new", `{"thingTypeProperties":{"mqtt5Configuration":{"propagatingAttributes":[{"userPropertyKey":"k","thingAttribute":"a"}]}}}`,
		"thingTypeProperties.mqtt5Configuration", "attributes of things in MQTT 5 messages")
	p.refused("GET /thing-types/new", "", 404, notFound, "Thing type new cannot be found.")
	refused("POST /thing-groups/new", `{"tags":[{"Key":"k"}]}`, "tags", "tags")
	p.refused("GET /thing-groups/new", "", 404, notFound, "Thing group new cannot be found.")

	refused("POST /jobs/j/targets?namespaceId=n", `{`+targets+`}`, "namespaceId", "namespaces")
	refused("GET /jobs?namespaceId=n", "", "namespaceId", "namespaces")
	refused("GET /things/a/jobs?namespaceId=n", "", "namespaceId", "namespaces")
	refused("PATCH /jobs/j", `{"presignedUrlConfig":{"expiresInSec":60}}`, "presignedUrlConfig", "placeholders in job documents")
	refused("PATCH /jobs/j?namespaceId=n", `{"description":"d"}`, "namespaceId", "namespaces")
	refused("DELETE /jobs/j?namespaceId=n", "", "namespaceId", "namespaces")
	refused("DELETE /things/a/jobs/j/executionNumber/1?namespaceId=n", "", "namespaceId", "namespaces")
}

// TestAsksForNothing: members without content are no reason to refuse.
func TestAsksForNothing(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a")
	for i, members := range []string{
		`"presignedUrlConfig":{},"schedulingConfig":{},"tags":[],"documentParameters":{},"destinationPackageVersions":[]`,
		`"presignedUrlConfig":{"roleArn":null,"expiresInSec":null},"abortConfig":null,"jobExecutionsRolloutConfig":null,"timeoutConfig":null`,
		`"unknownMember":{"x":1},"Tags":[{"Key":"k"}]`, // names are exact, and unknown ones are ignored
	} {
		p.ok("PUT /jobs/j"+string(rune('0'+i)), `{`+targets+`,"document":"{}",`+members+`}`)
	}
	p.silent("PATCH /jobs/j0", `{"description":"d","presignedUrlConfig":{"roleArn":null}}`)
	p.ok("POST /thing-types/t", `{"thingTypeProperties":{"mqtt5Configuration":{"propagatingAttributes":null}},"tags":[]}`)
	p.ok("POST /thing-groups/g", `{"thingGroupProperties":{},"tags":[]}`)
}

// TestOperationsNotExecuted: AWS's other operations say so, and paths that AWS has not either are left to the front door.
func TestOperationsNotExecuted(t *testing.T) {
	p := newPlane(t)
	for request, operation := range map[string]string{
		"PUT /job-templates/t":                    "CreateJobTemplate",
		"GET /managed-job-templates":              "ListManagedJobTemplates",
		"POST /tags":                              "TagResource",
		"PATCH /thing-types/t":                    "UpdateThingType",
		"POST /thing-registration-tasks":          "StartThingRegistrationTask",
		"PUT /thing-registration-tasks/t/cancel":  "StopThingRegistrationTask",
		"GET /thing-registration-tasks":           "ListThingRegistrationTasks",
		"GET /thing-registration-tasks/t":         "DescribeThingRegistrationTask",
		"GET /thing-registration-tasks/t/reports": "ListThingRegistrationTaskReports",
		"GET /billing-groups":                     "ListBillingGroups",
		"POST /indices/statistics":                "GetStatistics",
		"PATCH /transfer-certificate/c":           "TransferCertificate",
		"PATCH /accept-certificate-transfer/c":    "AcceptCertificateTransfer",
		"PATCH /reject-certificate-transfer/c":    "RejectCertificateTransfer",
		"PATCH /cancel-certificate-transfer/c":    "CancelCertificateTransfer",
		"GET /certificates-out-going":             "ListOutgoingCertificates",
		"GET /authorizers/":                       "ListAuthorizers",
		"GET /destinations/arn:aws:iot:x/y/z":     "GetTopicRuleDestination",
	} {
		p.refused(request, "", 400, invalid, operation+" is not executed by this version.")
	}
	for _, request := range []string{"GET /", "GET /nothing", "POST /jobs/j", "PUT /things/a/jobs/$next/x", "GET /authorizers/x/y"} {
		if got := p.call(request, ""); got.status != 404 && got.status != 405 {
			t.Errorf("%s: got %d %s, want a miss", request, got.status, got.body)
		}
	}
}
