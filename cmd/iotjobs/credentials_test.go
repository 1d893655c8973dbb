package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iotjobs/internal/audit"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/session"
)

const (
	mayAssume = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:AssumeRoleWithCertificate","Resource":"arn:aws:iot:us-east-1:123456789012:rolealias/camera"}]}`
	ownThings = `{"Version":"2012-10-17","Statement":[{"Sid":"own","Effect":"Allow","Action":"iotjobsdata:*","Resource":"arn:aws:iot:us-east-1:123456789012:thing/${credentials-iot:ThingName}"}]}`
)

// assumable makes the role device with the policy ownThings, and an alias for it.
func (r *running) assumable(alias registry.RoleAliasName) {
	r.t.Helper()
	const role = "device"
	_, err := r.service().CreateRole(r.t.Context(), service.CreateRoleInput{Name: role})
	if err == nil {
		err = r.service().PutRolePolicy(r.t.Context(), service.RolePolicyInput{Role: role, Name: "jobs", Document: ownThings})
	}
	if err == nil {
		_, err = r.service().CreateRoleAlias(r.t.Context(), service.CreateRoleAliasInput{Name: alias, Role: role})
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// asked asks the credential provider, naming a thing unless it is empty.
func (r *running) asked(cert *tls.Certificate, alias, thing string) (status int, errorType, body string) {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "https://"+r.https.Addr().String()+"/role-aliases/"+alias+"/credentials", http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	if thing != "" {
		q.Header.Set("x-amzn-iot-thingname", thing)
	}
	return r.answered(r.client(cert).Do(q))
}

func (r *running) answered(answer *http.Response, err error) (status int, errorType, body string) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("X-Amzn-ErrorType"), string(raw)
}

// credentials demands success, and an answer with exactly AWS's members.
func (r *running) credentials(cert *tls.Certificate, alias, thing string) (c aws.Credentials, expires time.Time) {
	r.t.Helper()
	status, errorType, body := r.asked(cert, alias, thing)
	shape := regexp.MustCompile(`^\{"credentials":\{"accessKeyId":"(ASIA[A-Z2-7]{16})","secretAccessKey":"(\S{40})","sessionToken":"([A-Za-z0-9+/]+={0,2})","expiration":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"\}\}$`)
	found := shape.FindStringSubmatch(body)
	if status != http.StatusOK || found == nil {
		r.t.Fatalf("credentials: %d %s %s", status, errorType, body)
	}
	expires, err := time.Parse(time.RFC3339, found[4])
	if err != nil {
		r.t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: found[1], SecretAccessKey: found[2], SessionToken: found[3]}, expires
}

// signed calls with credentials, over a connection without a certificate.
func (r *running) signed(c aws.Credentials, scope, request string) (status int, errorType, text string) {
	r.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	q, err := http.NewRequestWithContext(r.t.Context(), method, "https://"+r.https.Addr().String()+path, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	none := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(r.t.Context(), c, q, hex.EncodeToString(none[:]), scope, "us-east-1", time.Now()); err != nil {
		r.t.Fatal(err)
	}
	return r.answered(r.client(nil).Do(q))
}

func (r *running) wantSigned(c aws.Credentials, request string, status int, errorType string) {
	r.t.Helper()
	if got, kind, text := r.signed(c, "iot-jobs-data", request); got != status || kind != errorType {
		r.t.Errorf("%s: %d %s %s, want %d %s", request, got, kind, text, status, errorType)
	}
}

// A device with nothing but its certificate uses the signed API, for its own thing, until its certificate is revoked.
func TestTemporaryCredentials(t *testing.T) {
	r := newRunning(t)
	r.policy("assume", mayAssume)
	r.assumable("camera")
	cert, id := r.device("lamp", "assume")
	_, _ = r.device("door")
	before := time.Now().Truncate(time.Second)
	c, expires := r.credentials(cert, "camera", "lamp")
	if life := expires.Sub(before); life < time.Hour || life > time.Hour+time.Minute {
		t.Errorf("they live for %s, want an hour", life)
	}

	r.wantSigned(c, "GET /things/lamp/jobs", 200, "")
	r.wantSigned(c, "PUT /things/lamp/jobs/$next", 200, "")
	_, kind, text := r.signed(c, "iot-jobs-data", "GET /things/door/jobs")
	const denied = `{"message":"User: arn:aws:sts::123456789012:assumed-role/device/%s is not authorized to perform: iotjobsdata:GetPendingJobExecutions on resource: arn:aws:iot:us-east-1:123456789012:thing/door"}`
	if want := fmt.Sprintf(denied, id); kind != "AccessDeniedException" || text != want {
		t.Errorf("another thing: %s %s, want %s", kind, text, want)
	}
	if r.log.line("call denied", "principal=assumed-role/device/"+string(id), "no statement allows it") == "" {
		t.Error("the log does not say why")
	}
	// The control plane is not theirs.
	if status, kind, text := r.signed(c, "iot", "GET /things/lamp"); status != 403 || kind != "AccessDeniedException" {
		t.Errorf("the control plane: %d %s %s", status, kind, text)
	}
	role, err := r.service().DescribeRole(t.Context(), "device")
	if err != nil {
		t.Fatal(err)
	}
	_, _, text = r.signed(c, "sts", "GET /?Action=GetCallerIdentity&Version=2011-06-15")
	if want := fmt.Sprintf("<Arn>arn:aws:sts::123456789012:assumed-role/device/%s</Arn><UserId>%s:%s</UserId><Account>123456789012</Account>", id, role.Role.ID, id); !strings.Contains(text, want) {
		t.Errorf("the caller's identity: %s, want %s", text, want)
	}

	// Without a thing in the request, policies know none.
	nameless, _ := r.credentials(cert, "camera", "")
	r.wantSigned(nameless, "GET /things/lamp/jobs", 403, "AccessDeniedException")

	const unrecognized = "UnrecognizedClientException"
	for name, change := range map[string]func(*aws.Credentials){
		"another token":  func(c *aws.Credentials) { c.SessionToken = nameless.SessionToken },
		"no token":       func(c *aws.Credentials) { c.SessionToken = "" },
		"garbage":        func(c *aws.Credentials) { c.SessionToken = "garbage" },
		"another key id": func(c *aws.Credentials) { c.AccessKeyID = nameless.AccessKeyID },
	} {
		changed := c
		change(&changed)
		if status, kind, text := r.signed(changed, "iot-jobs-data", "GET /things/lamp/jobs"); status != 403 || kind != unrecognized ||
			text != `{"message":"The security token included in the request is invalid."}` {
			t.Errorf("%s: %d %s %s, want 403 %s", name, status, kind, text, unrecognized)
		}
	}
	changed := c
	changed.SecretAccessKey = nameless.SecretAccessKey
	r.wantSigned(changed, "GET /things/lamp/jobs", 403, "InvalidSignatureException")

	for _, status := range []registry.CertificateStatus{registry.CertificateInactive, registry.CertificateRevoked} {
		r.setStatus(id, status)
		r.wantSigned(c, "GET /things/lamp/jobs", 403, unrecognized)
		r.setStatus(id, registry.CertificateActive)
		r.wantSigned(c, "GET /things/lamp/jobs", 200, "")
	}

	text = r.explained(explainRequest{Principal: "assumed-role/device/" + string(id), Action: "iotjobsdata:GetPendingJobExecutions", Resource: "arn:aws:iot:us-east-1:123456789012:thing/lamp"})
	for _, word := range []string{"is ACTIVE", "Policies in force: jobs", `ALLOWED`, `allowed by Statement[0] (Sid "own") of policy "jobs"`} {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in the explanation %s", word, text)
		}
	}

	// The alias may go: what was given out lives on. The role may not.
	if err := r.service().DeleteRoleAlias(t.Context(), "camera"); err != nil {
		t.Fatal(err)
	}
	r.wantSigned(c, "GET /things/lamp/jobs", 200, "")
	if err := r.service().DeleteRole(t.Context(), "device"); err != nil {
		t.Fatal(err)
	}
	r.wantSigned(c, "GET /things/lamp/jobs", 403, unrecognized)
}

// Each thing that can be missing has AWS's answer, in AWS's order.
func TestCredentialsThatAreRefused(t *testing.T) {
	r := newRunning(t)
	r.policy("assume", mayAssume)
	r.policy("assume-all", strings.ReplaceAll(mayAssume, "rolealias/camera", "rolealias/*"))
	cert, id := r.device("lamp", "assume-all")
	_, _ = r.device("door")
	refused := func(cert *tls.Certificate, alias, thing string, status int, kind, message string) {
		t.Helper()
		got, gotKind, body := r.asked(cert, alias, thing)
		var reply struct{ Message string }
		if err := json.Unmarshal([]byte(body), &reply); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if got != status || gotKind != kind || reply.Message != message {
			t.Errorf("alias %s, thing %s: %d %s %s, want %d %s %s", alias, thing, got, gotKind, reply.Message, status, kind, message)
		}
	}
	const denied, noThing = "AccessDeniedException", "Invalid thing name passed"
	none, _ := r.device("none")
	for _, thing := range []string{"door", "nothing", "a b", strings.Repeat("x", 129)} {
		refused(none, "camera", thing, 403, denied, noThing)
		refused(cert, "camera", thing, 403, denied, noThing)
	}
	refused(none, "camera", "none", 403, denied, "Access Denied")
	refused(none, "camera", "", 403, denied, "Access Denied")
	if r.log.line("call denied", "action=iot:AssumeRoleWithCertificate", "resource=arn:aws:iot:us-east-1:123456789012:rolealias/camera", "no statement allows it") == "" {
		t.Error("the log does not say why")
	}
	refused(cert, "camera", "lamp", 404, "ResourceNotFoundException", "Role alias does not exist")
	r.assumable("camera")
	if err := r.service().DeleteRole(t.Context(), "device"); err != nil {
		t.Fatal(err)
	}
	refused(cert, "camera", "lamp", 400, "InvalidRequestException", "Unable to assume the role, or the role to assume does not exist")
	if _, err := r.service().CreateRole(t.Context(), service.CreateRoleInput{Name: "device", MaxSession: 15 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	refused(cert, "camera", "lamp", 400, "InvalidRequestException", "The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role")
	if _, err := r.service().UpdateRoleAlias(t.Context(), service.UpdateRoleAliasInput{Name: "camera", Duration: 15 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	if _, expires := r.credentials(cert, "camera", "lamp"); time.Until(expires) > 15*time.Minute {
		t.Errorf("they expire at %s", expires)
	}
	only, _ := r.device("only", "assume")
	r.credentials(only, "camera", "only")
	refused(only, "Camera", "only", 403, denied, "Access Denied")

	r.setStatus(id, registry.CertificateRevoked)
	refused(cert, "camera", "lamp", 403, "ForbiddenException", "The certificate is REVOKED, not ACTIVE.")
	refused(nil, "camera", "", 403, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

// A policy may ask for the thing that the device names (HTTP-10.10).
func TestTheThingOfARequestForCredentials(t *testing.T) {
	r := newRunning(t)
	r.policy("as-thing", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:AssumeRoleWithCertificate",
		"Resource":"arn:aws:iot:us-east-1:123456789012:rolealias/${iot:Connection.Thing.ThingName}"}]}`)
	r.assumable("lamp")
	cert, _ := r.device("lamp", "as-thing")
	r.credentials(cert, "lamp", "lamp")
	if status, _, body := r.asked(cert, "lamp", ""); status != 403 || body != `{"message":"Access Denied"}` {
		t.Errorf("without a thing: %d %s", status, body)
	}
}

// Who got credentials is recorded, and not what they are.
func TestCredentialsAreAudited(t *testing.T) {
	r := newRunning(t)
	r.policy("assume", mayAssume)
	r.assumable("camera")
	cert, id := r.device("lamp", "assume")
	c, _ := r.credentials(cert, "camera", "lamp")
	r.asked(cert, "camera", "door")
	read := func(name string) string {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(r.config.AuditDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	text := read("credentials.jsonl")
	var e audit.Entry
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if len(e.RequestID) != 36 || time.Since(e.Time) > time.Hour {
		t.Errorf("recorded %s", text)
	}
	e.Time, e.RequestID = time.Time{}, ""
	if want := (audit.Entry{
		Principal: "cert/" + string(id), SourceIP: "127.0.0.1", Plane: "credentials", Operation: "AssumeRoleWithCertificate", Method: "GET",
		Path: "/role-aliases/camera/credentials", Status: 200, Role: "device", Thing: "lamp",
	}); e != want {
		t.Errorf("recorded %+v, want %+v", e, want)
	}
	denied := read("denied.jsonl")
	if !strings.Contains(denied, `"plane":"credentials","operation":"AssumeRoleWithCertificate","method":"GET","path":"/role-aliases/camera/credentials","status":403`) {
		t.Errorf("the refusal is not recorded: %s", denied)
	}
	for _, secret := range []string{c.AccessKeyID, c.SecretAccessKey, c.SessionToken} {
		if strings.Contains(text+denied+read("changes.jsonl"), secret) {
			t.Errorf("%.8s… is in the audit log", secret)
		}
	}
	if r.log.line(c.SecretAccessKey) != "" || r.log.line(c.SessionToken) != "" {
		t.Error("a secret is in the log")
	}
}

// Temporary credentials end by the real clock. Another node has given these out: it has the same key file.
func TestTemporaryCredentialsExpire(t *testing.T) {
	r := newRunning(t)
	_, id := r.device("lamp")
	r.assumable("camera")
	role, err := r.service().DescribeRole(t.Context(), "device")
	if err != nil {
		t.Fatal(err)
	}
	given := func(ago time.Duration) aws.Credentials {
		t.Helper()
		node := &session.Keeper{Sealer: r.dir.sessions.Sealer, Now: func() time.Time { return time.Now().Add(-ago) }}
		c, err := node.Issue(registry.Session{Role: "device", RoleID: role.Role.ID, Certificate: id, Thing: "lamp"}, time.Hour, time.Now().AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		return aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.Token}
	}
	r.wantSigned(given(58*time.Minute), "GET /things/lamp/jobs", 200, "")
	status, kind, text := r.signed(given(time.Hour), "iot-jobs-data", "GET /things/lamp/jobs")
	if status != 403 || kind != "ExpiredTokenException" || text != `{"message":"The security token included in the request is expired"}` {
		t.Errorf("expired ones: %d %s %s", status, kind, text)
	}
}
