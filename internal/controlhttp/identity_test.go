package controlhttp_test

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"iotjobs/internal/pki"
	"iotjobs/internal/registry"
)

type issuer struct {
	p  *plane
	ca *pki.CA
}

func (i issuer) IssueDevice(key crypto.PublicKey, subject []byte) (*x509.Certificate, error) {
	return i.ca.IssueDevice(i.p.now, key, subject)
}

func newIdentityPlane(t *testing.T) *plane {
	t.Helper()
	p := newPlane(t)
	ca, err := pki.NewCA(p.now)
	if err != nil {
		t.Fatal(err)
	}
	p.service.Issuer = issuer{p, ca}
	return p
}

// object calls, demands success, and gives the document; path leads to a member of it.
func (p *plane) object(request, body string, path ...string) any {
	p.t.Helper()
	var document any
	if err := json.Unmarshal([]byte(p.ok(request, body)), &document); err != nil {
		p.t.Fatalf("%s: %v", request, err)
	}
	for _, name := range path {
		members, ok := document.(map[string]any)
		if !ok || members[name] == nil {
			p.t.Fatalf("%s: there is no %q in %v", request, name, document)
		}
		document = members[name]
	}
	return document
}

// TestIdentityDocuments walks through the life of a device's identity, as provisioning does it.
func TestIdentityDocuments(t *testing.T) {
	p := newIdentityPlane(t)
	p.things("lamp")
	p.ok("POST /thing-groups/lamps", "")
	created := p.object("POST /keys-and-certificate?setAsActive=true", "").(map[string]any)
	id, arn := created["certificateId"].(string), created["certificateArn"].(string)
	if want := "arn:aws:iot:eu-central-1:123456789012:cert/" + id; arn != want {
		t.Errorf("got %s, want %s", arn, want)
	}
	keys := created["keyPair"].(map[string]any)
	if block, _ := pem.Decode([]byte(keys["PrivateKey"].(string))); block == nil || block.Type != "RSA PRIVATE KEY" {
		t.Errorf("got the private key %.40s", keys["PrivateKey"])
	}
	cert, err := registry.ParseCertificate(created["certificatePem"].(string))
	if err != nil || string(registry.IDOfCertificate(cert)) != id {
		t.Errorf("the certificate is not the one of its id: %v", err)
	}
	if got := p.object("GET /certificates/"+id, "", "certificateDescription", "status"); got != "ACTIVE" {
		t.Errorf("it is %v", got)
	}

	const document = `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"iot:*\",\"Resource\":\"*\"}]}`
	p.show("CreatePolicy", "POST /policies/own", `{"policyDocument":"`+document+`"}`)
	p.show("CreatePolicyVersion", "POST /policies/own/version?setAsDefault=true", `{"policyDocument":"`+document+`"}`)
	p.show("GetPolicy", "GET /policies/own", "")
	p.show("GetPolicyVersion", "GET /policies/own/version/1", "")
	p.show("ListPolicyVersions", "GET /policies/own/version", "")
	p.silent("PATCH /policies/own/version/1", "")
	p.silent("DELETE /policies/own/version/2", "")
	p.show("ListPolicies", "GET /policies", "")

	p.silent("PUT /target-policies/own", `{"target":"`+arn+`"}`)
	p.silent("PUT /target-policies/own", `{"target":"`+groupARN+`lamps"}`)
	escaped := strings.NewReplacer(":", "%3A", "/", "%2F").Replace(arn)
	p.show("ListAttachedPolicies", "POST /attached-policies/"+escaped, "")
	if got, want := p.ok("POST /policy-targets/own", ""), `{"targets":["`+arn+`","`+groupARN+`lamps"],"nextMarker":null}`; got != want {
		t.Errorf("ListTargetsForPolicy: got %s, want %s", got, want)
	}
	with := func(header, value, request, want string) {
		t.Helper()
		if got := p.callWith(header, value, request, ""); got.status != 200 || got.body != want {
			t.Errorf("%s: got %d %s, want %s", request, got.status, got.body, want)
		}
	}
	with("x-amzn-iot-policy", "own", "GET /policy-principals", `{"principals":["`+arn+`"],"nextMarker":null}`)
	with("x-amzn-principal", arn, "PUT /things/lamp/principals", "")
	with("x-amzn-principal", arn, "GET /principals/things", `{"things":["lamp"],"nextToken":null}`)
	with("x-amzn-principal", arn, "GET /principals/things-v2", `{"principalThingObjects":[{"thingName":"lamp","thingPrincipalType":"NON_EXCLUSIVE_THING"}],"nextToken":null}`)
	with("", "", "GET /things/lamp/principals", `{"principals":["`+arn+`"],"nextToken":null}`)
	p.refused("DELETE /things/lamp", "", 400, invalid, "Cannot delete. Thing lamp is still attached to one or more principals")
	p.show("TestAuthorization", "POST /test-authorization?clientId=lamp",
		`{"principal":"`+arn+`","authInfos":[{"actionType":"CONNECT","resources":["arn:aws:iot:eu-central-1:123456789012:client/lamp"]}]}`)
	p.show("GetEffectivePolicies", "POST /effective-policies", `{"principal":"`+arn+`"}`)

	p.refused("DELETE /certificates/"+id, "", 406, "CertificateStateException", "Certificate must be deactivated (not ACTIVE) before deletion.")
	p.silent("PUT /certificates/"+id+"?newStatus=REVOKED", "")
	with("x-amzn-principal", arn, "DELETE /things/lamp/principals", "")
	p.refused("DELETE /certificates/"+id, "", 409, "DeleteConflictException", "Certificate policies must be detached before deletion (certificate: "+id+")")
	with("x-amzn-iot-principal", arn, "DELETE /principal-policies/own", "")
	p.silent("POST /target-policies/own", `{"target":"`+groupARN+`lamps"}`)
	p.silent("DELETE /certificates/"+id, "")
	p.silent("DELETE /policies/own", "")
	p.show("ListPolicies_none", "GET /policies", "")
}

// TestTakenIdentities: who registers what is there learns its id and its ARN.
func TestTakenIdentities(t *testing.T) {
	p := newIdentityPlane(t)
	taken := func(request, body, id, arn string) {
		t.Helper()
		got := p.call(request, body)
		var reply struct{ ResourceID, ResourceARN string }
		if err := json.Unmarshal([]byte(got.body), &reply); err != nil {
			t.Fatal(err)
		}
		if got.status != 409 || got.errorType != "ResourceAlreadyExistsException" || reply.ResourceID != id || reply.ResourceARN != arn {
			t.Errorf("%s: got %d %s %s, want %s %s", request, got.status, got.errorType, got.body, id, arn)
		}
	}
	const prefix = "arn:aws:iot:eu-central-1:123456789012:"
	const policy = `{"policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}`
	p.ok("POST /policies/p", policy)
	taken("POST /policies/p", policy, "p", prefix+"policy/p")

	created := p.object("POST /keys-and-certificate", "").(map[string]any)
	body := `{"certificatePem":` + quoted(created["certificatePem"].(string)) + `}`
	id := created["certificateId"].(string)
	taken("POST /certificate/register", body, id, prefix+"cert/"+id)
	taken("POST /certificate/register-no-ca", body, id, prefix+"cert/"+id)

	ca, err := pki.NewCA(p.now)
	if err != nil {
		t.Fatal(err)
	}
	body = `{"caCertificate":` + quoted(string(ca.CertificatePEM())) + `,"certificateMode":"SNI_ONLY"}`
	id = p.object("POST /cacertificate", body, "certificateId").(string)
	taken("POST /cacertificate", body, id, prefix+"cacert/"+id)
	if got := p.object("GET /cacertificate/"+id, "", "certificateDescription", "autoRegistrationStatus"); got != "DISABLE" {
		t.Errorf("auto registration is %v", got)
	}
}
