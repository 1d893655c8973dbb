package controlhttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"iotjobs/internal/auth"
	"iotjobs/internal/controlhttp"
	"iotjobs/internal/service"
)

// asked is a request, and the resources that its caller needs, without what all ARNs of the realm begin with.
type asked struct {
	operation, request, body string
	header                   http.Header
	needs                    []string
}

func needing(operation, request, body string, needs ...string) asked {
	return asked{operation: operation, request: request, body: body, needs: needs}
}

func (a asked) with(header, value string) asked {
	a.header = http.Header{header: {value}}
	return a
}

const realmARN = "arn:aws:iot:eu-central-1:123456789012:"

// A caller needs iot:<operation> on each of these (CTRL-1.15), after the Service Authorization Reference. The requests are well formed, so that
// nothing but the guard is in their way.
func operationsAsked() []asked {
	const (
		group  = `{"thingGroupName":"g","thingName":"a"}`
		byARN  = `{"thingGroupArn":"` + realmARN + `thinggroup/g","thingArn":"` + realmARN + `thing/a"}`
		target = `{"target":"` + realmARN + `thinggroup/g"}`
		two    = `"targets":["` + realmARN + `thing/a","` + realmARN + `thinggroup/g"]`
		policy = `{"policyDocument":"{}"}`
		pem    = `{"certificatePem":"p"}`
	)
	return []asked{
		needing("CreateThing", "POST /things/a", "", "thing/a"),
		needing("DescribeThing", "GET /things/a", "", "thing/a"),
		needing("UpdateThing", "PATCH /things/a", "{}", "thing/a"),
		needing("DeleteThing", "DELETE /things/a", "", "thing/a"),
		needing("ListThings", "GET /things", "", "*"),
		needing("CreateThingType", "POST /thing-types/t", "", "thingtype/t"),
		needing("DescribeThingType", "GET /thing-types/t", "", "thingtype/t"),
		needing("DeprecateThingType", "POST /thing-types/t/deprecate", "", "thingtype/t"),
		needing("DeleteThingType", "DELETE /thing-types/t", "", "thingtype/t"),
		needing("ListThingTypes", "GET /thing-types", "", "*"),
		needing("CreateThingGroup", "POST /thing-groups/g", "", "thinggroup/g"),
		needing("DescribeThingGroup", "GET /thing-groups/g", "", "thinggroup/g"),
		needing("UpdateThingGroup", "PATCH /thing-groups/g", `{"thingGroupProperties":{}}`, "thinggroup/g"),
		needing("DeleteThingGroup", "DELETE /thing-groups/g", "", "thinggroup/g"),
		needing("ListThingGroups", "GET /thing-groups", "", "*"),
		needing("CreateDynamicThingGroup", "POST /dynamic-thing-groups/g", `{"queryString":"*"}`, "thinggroup/g"),
		needing("UpdateDynamicThingGroup", "PATCH /dynamic-thing-groups/g", `{"thingGroupProperties":{}}`, "thinggroup/g"),
		needing("DeleteDynamicThingGroup", "DELETE /dynamic-thing-groups/g", "", "thinggroup/g"),
		needing("SearchIndex", "POST /indices/search", `{"queryString":"*"}`, "index/AWS_Things"),
		needing("SearchIndex", "POST /indices/search", `{"queryString":"*","indexName":"other"}`, "index/other"),
		needing("DescribeIndex", "GET /indices/AWS_Things", "", "index/AWS_Things"),
		needing("ListIndices", "GET /indices", "", "*"),
		needing("GetIndexingConfiguration", "GET /indexing/config", "", "*"),
		needing("UpdateIndexingConfiguration", "POST /indexing/config", "{}", "*"),
		needing("AddThingToThingGroup", "PUT /thing-groups/addThingToThingGroup", group, "thing/a", "thinggroup/g"),
		needing("AddThingToThingGroup", "PUT /thing-groups/addThingToThingGroup", byARN, "thing/a", "thinggroup/g"),
		needing("RemoveThingFromThingGroup", "PUT /thing-groups/removeThingFromThingGroup", group, "thing/a", "thinggroup/g"),
		needing("UpdateThingGroupsForThing", "PUT /thing-groups/updateThingGroupsForThing",
			`{"thingName":"a","thingGroupsToAdd":["g","h"],"thingGroupsToRemove":["i"]}`, "thing/a", "thinggroup/g", "thinggroup/h", "thinggroup/i"),
		needing("ListThingsInThingGroup", "GET /thing-groups/g/things", "", "thinggroup/g"),
		needing("ListThingGroupsForThing", "GET /things/a/thing-groups", "", "thing/a"),
		needing("CreateJob", "PUT /jobs/j", `{`+two+`,"document":"{}"}`, "job/j", "thing/a", "thinggroup/g"),
		needing("AssociateTargetsWithJob", "POST /jobs/j/targets", `{`+two+`}`, "job/j", "thing/a", "thinggroup/g"),
		needing("UpdateJob", "PATCH /jobs/j", `{"description":"d"}`, "job/j"),
		needing("CancelJob", "PUT /jobs/j/cancel", "", "job/j"),
		needing("DeleteJob", "DELETE /jobs/j", "", "job/j"),
		needing("DescribeJob", "GET /jobs/j", "", "job/j"),
		needing("ListJobs", "GET /jobs", "", "*"),
		needing("GetJobDocument", "GET /jobs/j/job-document", "", "job/j"),
		needing("ListJobExecutionsForJob", "GET /jobs/j/things", "", "job/j"),
		needing("ListJobExecutionsForThing", "GET /things/a/jobs", "", "thing/a"),
		needing("DescribeJobExecution", "GET /things/a/jobs/j", "", "job/j", "thing/a"),
		needing("CancelJobExecution", "PUT /things/a/jobs/j/cancel", "", "job/j", "thing/a"),
		needing("DeleteJobExecution", "DELETE /things/a/jobs/j/executionNumber/1", "", "job/j", "thing/a"),
		needing("DescribeEventConfigurations", "GET /event-configurations", "", "*"),
		needing("UpdateEventConfigurations", "PATCH /event-configurations", "{}", "*"),
		needing("DescribeEndpoint", "GET /endpoint", "", "*"),
		needing("CreateKeysAndCertificate", "POST /keys-and-certificate", "", "*"),
		needing("CreateCertificateFromCsr", "POST /certificates", `{"certificateSigningRequest":"csr"}`, "*"),
		needing("RegisterCertificate", "POST /certificate/register", pem, "*"),
		needing("RegisterCertificateWithoutCA", "POST /certificate/register-no-ca", pem, "*"),
		needing("DescribeCertificate", "GET /certificates/"+certID, "", "cert/"+certID),
		needing("DescribeCertificate", "GET /certificates/"+strings.ToUpper(certID), "", "cert/"+certID), // the same one, whatever a Deny says of small letters
		needing("UpdateCertificate", "PUT /certificates/"+certID+"?newStatus=INACTIVE", "", "cert/"+certID),
		needing("DeleteCertificate", "DELETE /certificates/"+certID, "", "cert/"+certID),
		needing("ListCertificates", "GET /certificates", "", "*"),
		needing("ListCertificatesByCA", "GET /certificates-by-ca/"+certID, "", "*"),
		needing("GetRegistrationCode", "GET /registrationcode", "", "*"),
		needing("DeleteRegistrationCode", "DELETE /registrationcode", "", "*"),
		needing("RegisterCACertificate", "POST /cacertificate", `{"caCertificate":"p"}`, "*"),
		needing("DescribeCACertificate", "GET /cacertificate/"+strings.ToUpper(certID), "", "cacert/"+certID),
		needing("UpdateCACertificate", "PUT /cacertificate/"+certID, "", "cacert/"+certID),
		needing("DeleteCACertificate", "DELETE /cacertificate/"+certID, "", "cacert/"+certID),
		needing("ListCACertificates", "GET /cacertificates", "", "*"),
		needing("AttachThingPrincipal", "PUT /things/a/principals", "", "cert/"+certID).with("X-Amzn-Principal", certARN),
		needing("DetachThingPrincipal", "DELETE /things/a/principals", "", "cert/"+certID).with("X-Amzn-Principal", certARN),
		needing("ListThingPrincipals", "GET /things/a/principals", "", "thing/a"),
		needing("ListThingPrincipalsV2", "GET /things/a/principals-v2", "", "thing/a"),
		needing("ListPrincipalThings", "GET /principals/things", "", "cert/"+certID).with("X-Amzn-Principal", certARN),
		needing("ListPrincipalThingsV2", "GET /principals/things-v2", "", "cert/"+certID).with("X-Amzn-Principal", certARN),
		needing("CreatePolicy", "POST /policies/p", policy, "policy/p"),
		needing("GetPolicy", "GET /policies/p", "", "policy/p"),
		needing("ListPolicies", "GET /policies", "", "*"),
		needing("DeletePolicy", "DELETE /policies/p", "", "policy/p"),
		needing("CreatePolicyVersion", "POST /policies/p/version", policy, "policy/p"),
		needing("GetPolicyVersion", "GET /policies/p/version/1", "", "policy/p"),
		needing("ListPolicyVersions", "GET /policies/p/version", "", "policy/p"),
		needing("SetDefaultPolicyVersion", "PATCH /policies/p/version/1", "", "policy/p"),
		needing("DeletePolicyVersion", "DELETE /policies/p/version/1", "", "policy/p"),
		needing("AttachPolicy", "PUT /target-policies/p", target, "thinggroup/g"),
		needing("DetachPolicy", "POST /target-policies/p", `{"target":"`+certARN+`"}`, "cert/"+certID),
		needing("ListAttachedPolicies", "POST /attached-policies/"+certPath, "", "*"),
		needing("ListTargetsForPolicy", "POST /policy-targets/p", "", "policy/p"),
		needing("ListPolicyPrincipals", "GET /policy-principals", "", "*").with("X-Amzn-Iot-Policy", "p"),
		needing("AttachPrincipalPolicy", "PUT /principal-policies/p", "", "cert/"+certID).with("X-Amzn-Iot-Principal", certARN),
		needing("DetachPrincipalPolicy", "DELETE /principal-policies/p", "", "cert/"+certID).with("X-Amzn-Iot-Principal", certARN),
		needing("ListPrincipalPolicies", "GET /principal-policies", "", "*").with("X-Amzn-Iot-Principal", certARN),
		needing("TestAuthorization", "POST /test-authorization", `{"principal":"`+certARN+`","authInfos":[{"actionType":"CONNECT","resources":["*"]}]}`, "cert/"+certID),
		needing("TestAuthorization", "POST /test-authorization", `{"authInfos":[{"actionType":"CONNECT","resources":["*"]}]}`, "*"),
		needing("GetEffectivePolicies", "POST /effective-policies", `{"principal":"`+certARN+`"}`, "cert/"+certID),
		needing("GetEffectivePolicies", "POST /effective-policies?thingName=a", "{}", "*"),
		needing("CreateRoleAlias", "POST /role-aliases/a", `{"roleArn":"`+roleARN+`r"}`, "rolealias/a", roleARN+"r"),
		needing("UpdateRoleAlias", "PUT /role-aliases/a", `{"roleArn":"`+roleARN+`r"}`, "rolealias/a", roleARN+"r"),
		needing("UpdateRoleAlias", "PUT /role-aliases/a", "{}", "rolealias/a"),
		needing("DescribeRoleAlias", "GET /role-aliases/a", "", "rolealias/a"),
		needing("DeleteRoleAlias", "DELETE /role-aliases/a", "", "rolealias/a"),
		needing("ListRoleAliases", "GET /role-aliases", "", "*"),
	}
}

// gate lets a number of calls pass and refuses the next one.
type gate struct {
	passes int
	calls  []auth.Call
}

func (g *gate) Authorize(_ context.Context, call auth.Call) error {
	g.calls = append(g.calls, call)
	if len(g.calls) <= g.passes {
		return nil
	}
	return &auth.Refusal{Type: "AccessDeniedException", Status: http.StatusForbidden, Message: "No."}
}

// TestEveryOperationAsks: each resource alone is reason enough to refuse, and then nothing is done: the service behind this plane has no store, so
// whatever reaches it panics.
func TestEveryOperationAsks(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range operationsAsked() {
		seen[a.operation] = true
		for refused := range a.needs {
			g := &gate{passes: refused}
			got := planeGuarded(t, &service.Service{}, g).asks(a)
			if got.status != http.StatusForbidden || got.errorType != "AccessDeniedException" || got.body != `{"message":"No."}` {
				t.Errorf("%s without %s: got %d %s %s, want 403", a.request, a.needs[refused], got.status, got.errorType, got.body)
			}
			var want []auth.Call
			for _, need := range a.needs[:refused+1] {
				action := "iot:" + a.operation
				switch {
				case strings.HasPrefix(need, roleARN):
					action = "iam:PassRole"
				case need != "*":
					need = realmARN + need
				}
				want = append(want, auth.Call{Action: action, Resource: need})
			}
			if !slices.Equal(g.calls, want) {
				t.Errorf("%s asked for %+v, want %+v", a.request, g.calls, want)
			}
		}
	}
	for _, operation := range controlhttp.Routed() {
		if !seen[operation] {
			t.Errorf("%s is routed and has no row here", operation)
		}
	}
}

func (p *plane) asks(a asked) answer {
	p.t.Helper()
	method, target, _ := strings.Cut(a.request, " ")
	r := httptest.NewRequestWithContext(p.t.Context(), method, target, strings.NewReader(a.body))
	for name := range a.header {
		r.Header.Set(name, a.header.Get(name))
	}
	w := httptest.NewRecorder()
	p.mux.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("X-Amzn-ErrorType"), w.Body.String()}
}

// TestWhoMayNotLearnsNothing: what the path names is asked for before the body is read; what only the body names, before anything is looked up.
func TestWhoMayNotLearnsNothing(t *testing.T) {
	g := &gate{}
	p := planeGuarded(t, &service.Service{}, g)
	if got := p.call("PUT /jobs/j", "{"); got.status != 403 || len(g.calls) != 1 {
		t.Errorf("a broken body of somebody who may not: %d %s", got.status, got.body)
	}
	// A target of another account is none of ours, whoever asks.
	g.passes = 2
	if got := p.call("PUT /jobs/j", `{"targets":["arn:aws:iot:eu-central-1:999999999999:thing/a"],"document":"{}"}`); got.status != 404 || len(g.calls) != 2 {
		t.Errorf("a target of another account: %d %s", got.status, got.body)
	}
}
