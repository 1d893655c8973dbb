package controlhttp_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// refusedWith is refused for a call with a header.
func (p *plane) refusedWith(header, value, request, body string, status int, errorType, message string) {
	p.t.Helper()
	got := p.callWith(header, value, request, body)
	var reply struct{ Message string }
	if err := json.Unmarshal([]byte(got.body), &reply); err != nil {
		p.t.Fatalf("%s: the answer %q is not JSON: %v", request, got.body, err)
	}
	if got.status != status || got.errorType != errorType || reply.Message != message {
		p.t.Errorf("%s %s\n got %d %s %s\nwant %d %s %s", request, body, got.status, got.errorType, reply.Message, status, errorType, message)
	}
}

// TestIdentityViolations has what is wrong with a request before anything is looked up.
func TestIdentityViolations(t *testing.T) {
	p := newPlane(t)
	const (
		policyPattern = `satisfy regular expression pattern: [\w+=,.@-]+`
		hexPattern    = `satisfy regular expression pattern: (0x)?[a-fA-F0-9]+`
		markerPattern = `satisfy regular expression pattern: [A-Za-z0-9+/]+={0,2}`
		states        = "satisfy enum value set: [ACTIVE, INACTIVE, REVOKED, PENDING_TRANSFER, REGISTER_INACTIVE, PENDING_ACTIVATION]"
	)
	short := violation("'xyz'", "certificateId", "have length greater than or equal to 64")
	for _, c := range []struct {
		request, body string
		want          []string
	}{
		{"GET /certificates/xyz", "", []string{short, violation("'xyz'", "certificateId", hexPattern)}},
		{"GET /cacertificate/xyz", "", []string{short, violation("'xyz'", "certificateId", hexPattern)}},
		{
			"GET /certificates-by-ca/" + certID + "0", "",
			[]string{violation("'"+certID+"0'", "caCertificateId", "have length less than or equal to 64")},
		},
		{"PUT /certificates/" + certID, "", []string{violation("null", "newStatus", "not be null")}},
		{"PUT /certificates/" + certID + "?newStatus=active", "", []string{violation("'active'", "newStatus", states)}},
		{"PUT /cacertificate/" + certID + "?newStatus=REVOKED", "", []string{violation("'REVOKED'", "newStatus", "satisfy enum value set: [ACTIVE, INACTIVE]")}},
		{
			"PUT /cacertificate/" + certID + "?newAutoRegistrationStatus=ON", "",
			[]string{violation("'ON'", "newAutoRegistrationStatus", "satisfy enum value set: [ENABLE, DISABLE]")},
		},
		{
			"GET /certificates?pageSize=251&marker=%21&isAscendingOrder=up", "",
			[]string{
				violation("'251'", "pageSize", "have value less than or equal to 250"), violation("'!'", "marker", markerPattern),
				violation("'up'", "isAscendingOrder", "be a boolean"),
			},
		},
		{"POST /certificates", "", []string{violation("null", "certificateSigningRequest", "not be null")}},
		{
			"POST /certificates", `{"certificateSigningRequest":"` + strings.Repeat("x", 4097) + `"}`,
			[]string{violation("'"+strings.Repeat("x", 256)+"…'", "certificateSigningRequest", "have length less than or equal to 4096")},
		},
		{"POST /certificate/register", `{"status":"X"}`, []string{violation("null", "certificatePem", "not be null"), violation("'X'", "status", states)}},
		{
			"POST /cacertificate", `{"verificationCertificate":"","certificateMode":"SNI"}`,
			[]string{
				violation("null", "caCertificate", "not be null"), violation("''", "verificationCertificate", "have length greater than or equal to 1"),
				violation("'SNI'", "certificateMode", "satisfy enum value set: [DEFAULT, SNI_ONLY]"),
			},
		},
		{"PUT /things/a/principals", "", []string{violation("null", "principal", "not be null")}},
		{"GET /principals/things", "", []string{violation("null", "principal", "not be null")}},
		{"GET /things/a/principals-v2?thingPrincipalType=X", "", []string{violation("'X'", "thingPrincipalType", "satisfy enum value set: [EXCLUSIVE_THING, NON_EXCLUSIVE_THING]")}},
		{"POST /policies/a%20b", "", []string{violation("'a b'", "policyName", policyPattern), violation("null", "policyDocument", "not be null")}},
		{"GET /policies/p/version/x", "", []string{violation("'x'", "policyVersionId", "satisfy regular expression pattern: [0-9]+")}},
		{"PUT /target-policies/p", "", []string{violation("null", "target", "not be null")}},
		{"GET /policy-principals", "", []string{violation("null", "policyName", "not be null")}},
		{"GET /principal-policies", "", []string{violation("null", "principal", "not be null")}},
		{"POST /test-authorization", "", []string{violation("null", "authInfos", "not be null")}},
		{"POST /test-authorization", `{"authInfos":[]}`, []string{violation("'[]'", "authInfos", "have length greater than or equal to 1")}},
		{
			"POST /test-authorization", `{"authInfos":[{"actionType":"READ"},{"resources":[]}],"policyNamesToAdd":["a b"]}`,
			[]string{
				violation("'READ'", "authInfos.1.member.actionType", "satisfy enum value set: [PUBLISH, SUBSCRIBE, RECEIVE, CONNECT]"),
				violation("null", "authInfos.1.member.resources", "not be null"), violation("null", "authInfos.2.member.actionType", "not be null"),
				violation("'[]'", "authInfos.2.member.resources", "have length greater than or equal to 1"),
				violation("'a b'", "policyNamesToAdd.1.member", policyPattern),
			},
		},
		{"POST /effective-policies?thingName=a.b", "", []string{violation("'a.b'", "thingName", namePattern)}},
	} {
		p.refused(c.request, c.body, 400, invalid, violations(c.want...))
	}
}

// TestIdentityRefusals has what the plane itself refuses; the service's refusals have their tests there.
func TestIdentityRefusals(t *testing.T) {
	p := newPlane(t)
	p.things("a")
	const foreign = "arn:aws:iot:eu-central-1:999999999999:cert/" + certID
	const cognito = "eu-central-1:00000000-0000-0000-0000-000000000000"
	gone := "'" + foreign + "' cannot be found: it names nothing in account 123456789012 in eu-central-1."
	for _, c := range []struct {
		header, request, body string
		status                int
		errorType, message    string
	}{
		{"", "POST /certificate/register?setAsActive=true", `{"certificatePem":"x","status":"INACTIVE"}`, 400, invalid, "setAsActive and the status INACTIVE contradict each other."},
		{"x-amzn-principal: " + foreign, "PUT /things/a/principals", "", 404, notFound, gone},
		{"x-amzn-iot-principal: " + foreign, "GET /principal-policies", "", 404, notFound, gone},
		{"", "PUT /target-policies/p", `{"target":"` + foreign + `"}`, 404, notFound, gone},
		{
			"x-amzn-principal: " + cognito, "PUT /things/a/principals", "", 400, invalid,
			"'" + cognito + "' is not the ARN of a certificate; other principals, such as Amazon Cognito identities, are not known here.",
		},
		{
			"", "POST /attached-policies/" + cognito, "", 400, invalid,
			"'" + cognito + "' is not the ARN of a certificate or a thing group; other principals, such as Amazon Cognito identities, are not known here.",
		},
		{"", "GET /policies/p/version/99999999999999999999", "", 404, notFound, "Policy p cannot be found."},
		{"", "GET /policies?marker=garbage", "", 400, invalid, "Next token is invalid."},
		{
			"", "POST /cacertificate", `{"caCertificate":"x","registrationConfig":{"templateName":"t"}}`, 400, invalid,
			"registrationConfig is not executed by this version: it waits for fleet provisioning. Nothing was changed.",
		},
		{
			"", "POST /policies/p", `{"policyDocument":"{}","tags":[{"Key":"k"}]}`, 400, invalid,
			"tags is not executed by this version: it waits for tags. Nothing was changed.",
		},
		{
			"", "GET /cacertificates?templateName=t", "", 400, invalid,
			"templateName is not executed by this version: it waits for fleet provisioning. Nothing was changed.",
		},
		{
			"", "POST /effective-policies", `{"cognitoIdentityPoolId":"x"}`, 400, invalid,
			"cognitoIdentityPoolId is not executed by this version: it waits for Amazon Cognito identities. Nothing was changed.",
		},
	} {
		header, value, _ := strings.Cut(c.header, ": ")
		p.refusedWith(header, value, c.request, c.body, c.status, c.errorType, c.message)
	}
}
