package controlhttp_test

import (
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

const (
	certID   = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	certARN  = "arn:aws:iot:eu-central-1:123456789012:cert/" + certID
	certPath = "arn%3Aaws%3Aiot%3Aeu-central-1%3A123456789012%3Acert%2F" + certID
)

// callWith calls with a header.
func (p *plane) callWith(header, value, request, body string) answer {
	p.t.Helper()
	method, target, _ := strings.Cut(request, " ")
	r := httptest.NewRequestWithContext(p.t.Context(), method, target, strings.NewReader(body))
	r.Header.Set(header, value)
	w := httptest.NewRecorder()
	p.mux.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("X-Amzn-ErrorType"), w.Body.String()}
}

// TestIdentityInputs demands that every member of a request reaches the right operation of the service, in its place.
func TestIdentityInputs(t *testing.T) {
	on, off := true, false
	page := service.Page{MaxResults: 7, NextToken: "dG9rZW4="}
	const paged, marked = "maxResults=7&nextToken=dG9rZW4%3D", "pageSize=7&marker=dG9rZW4%3D"
	onCert, onGroup := registry.PolicyTarget{Certificate: certID}, registry.PolicyTarget{Group: "g"}
	for _, c := range []struct {
		header, request, body string // the header's name and value
		operation             string
		want                  any
	}{
		{"", "POST /keys-and-certificate", "", "CreateKeysAndCertificate", service.CreateKeysAndCertificateInput{}},
		{"", "POST /keys-and-certificate?setAsActive=true", "", "CreateKeysAndCertificate", service.CreateKeysAndCertificateInput{Active: true}},
		{
			"", "POST /certificates?setAsActive=true", `{"certificateSigningRequest":"csr"}`,
			"CreateCertificateFromCsr",
			service.CreateCertificateFromCsrInput{Request: "csr", Active: true},
		},
		{
			"", "POST /certificate/register", `{"certificatePem":"c","caCertificatePem":"ca","status":"REVOKED"}`,
			"RegisterCertificate",
			service.RegisterCertificateInput{PEM: "c", CA: "ca", Status: registry.CertificateRevoked},
		},
		{
			"", "POST /certificate/register?setAsActive=true", `{"certificatePem":"c"}`,
			"RegisterCertificate",
			service.RegisterCertificateInput{PEM: "c", Status: registry.CertificateActive},
		},
		{
			"", "POST /certificate/register-no-ca", `{"certificatePem":"c","status":"ACTIVE"}`,
			"RegisterCertificateWithoutCA",
			service.RegisterCertificateWithoutCAInput{PEM: "c", Status: registry.CertificateActive},
		},
		{"", "GET /certificates/" + certID, "", "DescribeCertificate", registry.CertificateID(certID)},
		{"", "GET /certificates/" + strings.ToUpper(certID), "", "DescribeCertificate", registry.CertificateID(certID)},
		{
			"", "PUT /certificates/" + certID + "?newStatus=INACTIVE", "",
			"UpdateCertificate",
			service.UpdateCertificateInput{ID: certID, Status: registry.CertificateInactive},
		},
		{"", "DELETE /certificates/" + certID + "?forceDelete=true", "", "DeleteCertificate", service.DeleteCertificateInput{ID: certID, Force: true}},
		{
			"", "GET /certificates?isAscendingOrder=true&" + marked, "",
			"ListCertificates",
			service.ListCertificatesInput{Page: service.OrderedPage{Page: page, Ascending: true}},
		},
		{
			"", "GET /certificates-by-ca/" + certID + "?" + marked, "",
			"ListCertificates",
			service.ListCertificatesInput{CA: certID, Page: service.OrderedPage{Page: page}},
		},

		{"", "GET /registrationcode", "", "GetRegistrationCode", nil},
		{"", "DELETE /registrationcode", "", "DeleteRegistrationCode", nil},
		{
			"", "POST /cacertificate?setAsActive=true&allowAutoRegistration=true", `{"caCertificate":"ca","verificationCertificate":"v"}`,
			"RegisterCACertificate",
			service.RegisterCACertificateInput{PEM: "ca", Verification: "v", Mode: registry.CertificateModeDefault, Active: true, AutoRegistration: true},
		},
		{
			"", "POST /cacertificate", `{"caCertificate":"ca","certificateMode":"SNI_ONLY","registrationConfig":{},"tags":[]}`,
			"RegisterCACertificate",
			service.RegisterCACertificateInput{PEM: "ca", Mode: registry.CertificateModeSNIOnly},
		},
		{"", "GET /cacertificate/" + certID, "", "DescribeCACertificate", registry.CertificateID(certID)},
		{
			"", "PUT /cacertificate/" + certID + "?newStatus=ACTIVE&newAutoRegistrationStatus=ENABLE", "",
			"UpdateCACertificate",
			service.UpdateCACertificateInput{ID: certID, Active: &on, AutoRegistration: &on},
		},
		{
			"", "PUT /cacertificate/" + certID + "?newStatus=INACTIVE", `{"removeAutoRegistration":true}`,
			"UpdateCACertificate",
			service.UpdateCACertificateInput{ID: certID, Active: &off, AutoRegistration: &off},
		},
		{"", "PUT /cacertificate/" + certID, "", "UpdateCACertificate", service.UpdateCACertificateInput{ID: certID}},
		{"", "DELETE /cacertificate/" + certID, "", "DeleteCACertificate", registry.CertificateID(certID)},
		{"", "GET /cacertificates?isAscendingOrder=true&" + marked, "", "ListCACertificates", service.OrderedPage{Page: page, Ascending: true}},

		{
			"x-amzn-principal: " + certARN, "PUT /things/a/principals?thingPrincipalType=EXCLUSIVE_THING", "",
			"AttachThingPrincipal",
			service.ThingPrincipalInput{Thing: "a", Certificate: certID, Type: registry.ExclusiveThing},
		},
		{"x-amzn-principal: " + certARN, "DELETE /things/a/principals", "", "DetachThingPrincipal", service.ThingPrincipalInput{Thing: "a", Certificate: certID}},
		{"", "GET /things/a/principals?" + paged, "", "ListThingPrincipals", service.ListThingPrincipalsInput{Thing: "a", Page: page}},
		{
			"", "GET /things/a/principals-v2?thingPrincipalType=NON_EXCLUSIVE_THING&" + paged, "",
			"ListThingPrincipals",
			service.ListThingPrincipalsInput{Thing: "a", Type: registry.NonExclusiveThing, Page: page},
		},
		{"x-amzn-principal: " + certARN, "GET /principals/things?" + paged, "", "ListPrincipalThings", service.ListPrincipalThingsInput{Certificate: certID, Page: page}},
		{
			"x-amzn-principal: " + certARN, "GET /principals/things-v2?thingPrincipalType=EXCLUSIVE_THING", "",
			"ListPrincipalThings",
			service.ListPrincipalThingsInput{Certificate: certID, Type: registry.ExclusiveThing},
		},

		{"", "POST /policies/p=+,.@-", `{"policyDocument":"{}","tags":[]}`, "CreatePolicy", service.CreatePolicyInput{Name: "p=+,.@-", Document: "{}"}},
		{"", "GET /policies/p", "", "GetPolicy", registry.PolicyName("p")},
		{"", "GET /policies?isAscendingOrder=true&" + marked, "", "ListPolicies", service.OrderedPage{Page: page, Ascending: true}},
		{"", "DELETE /policies/p", "", "DeletePolicy", registry.PolicyName("p")},
		{
			"", "POST /policies/p/version?setAsDefault=true", `{"policyDocument":"{}"}`,
			"CreatePolicyVersion",
			service.CreatePolicyVersionInput{Name: "p", Document: "{}", Default: true},
		},
		{"", "GET /policies/p/version/3", "", "GetPolicyVersion", service.PolicyVersionInput{Name: "p", Version: 3}},
		{"", "GET /policies/p/version", "", "ListPolicyVersions", registry.PolicyName("p")},
		{"", "PATCH /policies/p/version/3", "", "SetDefaultPolicyVersion", service.PolicyVersionInput{Name: "p", Version: 3}},
		{"", "DELETE /policies/p/version/3", "", "DeletePolicyVersion", service.PolicyVersionInput{Name: "p", Version: 3}},

		{"", "PUT /target-policies/p", `{"target":"` + certARN + `"}`, "AttachPolicy", service.PolicyAttachmentInput{Policy: "p", Target: onCert}},
		{"", "POST /target-policies/p", `{"target":"` + groupARN + `g"}`, "DetachPolicy", service.PolicyAttachmentInput{Policy: "p", Target: onGroup}},
		{
			"", "POST /attached-policies/" + certPath + "?recursive=true&" + marked, "",
			"ListAttachedPolicies",
			service.ListAttachedPoliciesInput{Target: onCert, Recursive: true, Page: page},
		},
		{
			"", "POST /policy-targets/p?" + marked, "",
			"ListTargetsForPolicy",
			service.ListTargetsForPolicyInput{Policy: "p", Page: service.OrderedPage{Page: page, Ascending: true}},
		},
		{
			"x-amzn-iot-policy: p", "GET /policy-principals?" + marked, "",
			"ListTargetsForPolicy",
			service.ListTargetsForPolicyInput{Policy: "p", Certificates: true, Page: service.OrderedPage{Page: page}},
		},
		{"x-amzn-iot-principal: " + certARN, "PUT /principal-policies/p", "", "AttachPolicy", service.PolicyAttachmentInput{Policy: "p", Target: onCert}},
		{"x-amzn-iot-principal: " + certARN, "DELETE /principal-policies/p", "", "DetachPrincipalPolicy", service.PolicyAttachmentInput{Policy: "p", Target: onCert}},
		{
			"x-amzn-iot-principal: " + certARN, "GET /principal-policies?isAscendingOrder=true&" + marked, "",
			"ListPrincipalPolicies",
			service.ListPrincipalPoliciesInput{Target: onCert, Page: service.OrderedPage{Page: page, Ascending: true}},
		},

		{
			"", "POST /test-authorization?clientId=c",
			`{"principal":"` + certARN + `","authInfos":[{"actionType":"PUBLISH","resources":["x","y"]},{"actionType":"SUBSCRIBE","resources":["z"]}],` +
				`"policyNamesToAdd":["p"],"policyNamesToSkip":["q","r"]}`,
			"TestAuthorization",
			service.TestAuthorizationInput{
				Certificate: certID, ClientID: "c",
				Asked: []registry.AuthorizationQuestion{{Action: "iot:Publish", Resources: []string{"x", "y"}}, {Action: "iot:Subscribe", Resources: []string{"z"}}},
				Add:   []registry.PolicyName{"p"}, Skip: []registry.PolicyName{"q", "r"},
			},
		},
		{"", "POST /effective-policies?thingName=a", `{"principal":"` + groupARN + `g"}`, "GetEffectivePolicies", service.GetEffectivePoliciesInput{Principal: onGroup, Thing: "a"}},
		{"", "POST /effective-policies?thingName=a", "", "GetEffectivePolicies", service.GetEffectivePoliciesInput{Thing: "a"}},
	} {
		var got recorder
		p := planeOn(t, &got)
		header, value, _ := strings.Cut(c.header, ": ")
		if answer := p.callWith(header, value, c.request, c.body); answer.status != 410 || answer.errorType != "LimitExceededException" {
			t.Errorf("%s %s: got %d %s, want the recorder's refusal", c.request, c.body, answer.status, answer.body)
		}
		if want := (named{c.operation, c.want}); !reflect.DeepEqual(got.input, want) {
			t.Errorf("%s %s\n got %#v\nwant %#v", c.request, c.body, got.input, want)
		}
	}
}
