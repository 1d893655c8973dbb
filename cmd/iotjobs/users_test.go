package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"iotjobs/internal/controlhttp"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// keyHolder is somebody with an access key.
type keyHolder struct {
	r     *running
	key   aws.Credentials
	https *http.Client
}

// user makes a user with a key, and a policy if it is not empty.
func (r *running) user(name registry.UserName, policy string) *keyHolder {
	r.t.Helper()
	if _, err := r.service().CreateUser(r.t.Context(), name); err != nil {
		r.t.Fatal(err)
	}
	if policy != "" {
		r.putPolicy(name, policy)
	}
	return r.holder(name)
}

func (r *running) putPolicy(name registry.UserName, policy string) {
	r.t.Helper()
	if err := r.service().PutUserPolicy(r.t.Context(), service.UserPolicyInput{User: name, Name: "p", Document: policy}); err != nil {
		r.t.Fatal(err)
	}
}

// holder makes a key of a user, or of the account if the name is empty.
func (r *running) holder(name registry.UserName) *keyHolder {
	r.t.Helper()
	key, secret, err := r.service().CreateAccessKey(r.t.Context(), service.CreateAccessKeyInput{User: name})
	if err != nil {
		r.t.Fatal(err)
	}
	return &keyHolder{r, aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: secret}, r.client(nil)}
}

// call makes a signed call and returns status, error type and body.
func (h *keyHolder) call(plane, request, body string) (status int, errorType, text string) {
	h.r.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	q, err := http.NewRequestWithContext(h.r.t.Context(), method, "https://"+h.r.https.Addr().String()+path, bytes.NewReader([]byte(body)))
	if err != nil {
		h.r.t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(h.r.t.Context(), h.key, q, hex.EncodeToString(hash[:]), plane, h.r.config.Region, time.Now()); err != nil {
		h.r.t.Fatal(err)
	}
	answer, err := h.https.Do(q)
	if err != nil {
		h.r.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		h.r.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("X-Amzn-ErrorType"), string(raw)
}

func (h *keyHolder) expect(plane, request, body string, status int) {
	h.r.t.Helper()
	if got, kind, text := h.call(plane, request, body); got != status || (status == 403) != (kind == "AccessDeniedException") {
		h.r.t.Errorf("%s %s: %d %s %s, want %d", plane, request, got, kind, text, status)
	}
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// A user without policies gets nowhere, on no plane and with no path of AWS's model. What is refused for its shape, or because this version does not
// execute it, says nothing about what is stored.
func TestAUserWithoutPoliciesMayDoNothing(t *testing.T) {
	r := newRunning(t)
	nobody := r.user("nobody", "")
	if _, err := r.service().CreateThing(t.Context(), service.CreateThingInput{Name: "1"}); err != nil {
		t.Fatal(err)
	}
	denied := 0
	for pattern, operation := range controlhttp.Operations() {
		request := pathParameter.ReplaceAllString(strings.TrimSuffix(pattern, "{$}"), "1")
		switch status, kind, text := nobody.call("iot", request, ""); {
		case status == 403 && kind == "AccessDeniedException" && strings.Contains(text, "user/nobody is not authorized to perform: iot:"+operation+" on resource: "):
			denied++
		case status == 400 && kind == "InvalidRequestException":
		default:
			t.Errorf("%s: %d %s %s", request, status, kind, text)
		}
	}
	if denied < 60 {
		t.Errorf("%d operations were denied, want all whose resources are in their paths", denied)
	}
	for _, request := range []string{"GET /things/1/jobs", "PUT /things/1/jobs/$next", "GET /things/1/jobs/1", "POST /things/1/jobs/1"} {
		nobody.expect("iot-jobs-data", request, "{}", 403)
	}
	if status, _, text := nobody.call("sts", "POST /", "Action=GetCallerIdentity&Version=2011-06-15"); status != 200 ||
		!strings.Contains(text, "<Arn>arn:aws:iam::123456789012:user/nobody</Arn><UserId>AIDA") {
		t.Errorf("who am I: %d %s", status, text)
	}
}

// Whatever changes what a user may do holds at the next call.
func TestChangesOfUsersHoldAtTheNextCall(t *testing.T) {
	r := newRunning(t)
	const lamps = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iotjobsdata:*","Resource":"arn:aws:iot:us-east-1:123456789012:thing/${aws:username}-lamp",
		"Condition":{"Bool":{"aws:SecureTransport":"true"},"IpAddress":{"aws:SourceIp":"127.0.0.1"}}},
		{"Sid":"notnow","Effect":"Deny","Action":"iot:DeleteThing","Resource":"*"}]}`
	ana := r.user("ana", "")
	own := func(status int) {
		t.Helper()
		ana.expect("iot-jobs-data", "GET /things/ana-lamp/jobs", "", status)
	}
	if _, err := r.service().CreateThing(t.Context(), service.CreateThingInput{Name: "ana-lamp"}); err != nil {
		t.Fatal(err)
	}
	own(403)
	r.putPolicy("ana", lamps)
	own(200)
	ana.expect("iot-jobs-data", "GET /things/bob-lamp/jobs", "", 403)
	ana.expect("iot", "DELETE /things/ana-lamp", "", 403)
	if r.log.line("call denied", "principal=user/ana/"+ana.key.AccessKeyID, "action=iot:DeleteThing", `denied by Statement[1] (Sid \"notnow\") of policy \"p\"`) == "" {
		t.Error("the log does not name the statement that denied")
	}
	if got := testutil.ToFloat64(r.denials.counter.WithLabelValues("iot:DeleteThing", "denied")); got != 1 {
		t.Errorf("counted %v times", got)
	}
	// Another key is the same user; the account's keys ask nobody.
	r.holder("ana").expect("iot-jobs-data", "GET /things/ana-lamp/jobs", "", 200)
	r.holder("").expect("iot", "DELETE /things/nothing", "", 200)

	if err := r.service().UpdateAccessKey(t.Context(), ana.key.AccessKeyID, false); err != nil {
		t.Fatal(err)
	}
	if status, kind, _ := ana.call("iot-jobs-data", "GET /things/ana-lamp/jobs", ""); status != 403 || kind != "UnrecognizedClientException" {
		t.Errorf("an inactive key: %d %s", status, kind)
	}
	if err := r.service().UpdateAccessKey(t.Context(), ana.key.AccessKeyID, true); err != nil {
		t.Fatal(err)
	}
	own(200)
	if err := r.service().DeleteUserPolicy(t.Context(), service.UserPolicyInput{User: "ana", Name: "p"}); err != nil {
		t.Fatal(err)
	}
	own(403)
}

// explain knows from where and how a user calls.
func TestExplainForUsers(t *testing.T) {
	r := newRunning(t)
	r.user("ana", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*",
		"Condition":{"Bool":{"aws:SecureTransport":"true"},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/a*"}}}]}`)
	in := explainRequest{Principal: "user/ana", Action: "iot:ListJobs", Resource: "*", SourceIP: netip.MustParseAddr("192.0.2.7")}
	for _, c := range []struct {
		change func(*explainRequest)
		word   string
	}{
		{func(*explainRequest) {}, "\nALLOWED: iot:ListJobs on *: allowed by Statement[0] of policy \"p\"."},
		{func(in *explainRequest) { in.PlainHTTP = true }, "\nDENIED: iot:ListJobs on *: no statement allows it."},
		{func(in *explainRequest) { in.SourceIP = netip.Addr{} }, "\nDENIED: "},
		{func(in *explainRequest) { in.Action = "iotjobsdata:GetPendingJobExecutions" }, "\nDENIED: "},
		{func(in *explainRequest) { in.Action = "sts:GetCallerIdentity" }, "ALLOWED: "},
	} {
		changed := in
		c.change(&changed)
		if text := r.explained(changed); !strings.Contains(text, c.word) {
			t.Errorf("%+v: %s\nwant %q", changed, text, c.word)
		}
	}
}

// The last use is noted by requests with a good signature only.
func TestLastUseOfKeys(t *testing.T) {
	r := newRunning(t)
	ana := r.user("ana", "")
	stranger := &keyHolder{r, aws.Credentials{AccessKeyID: ana.key.AccessKeyID, SecretAccessKey: "guessed"}, ana.https}
	lastUse := func() *registry.KeyUse {
		t.Helper()
		keys, err := newSocketClient(r.dir.path).ListAccessKeys(context.WithoutCancel(t.Context()))
		if err != nil || len(keys) != 1 {
			t.Fatalf("keys %+v, %v", keys, err)
		}
		return keys[0].LastUse
	}
	stranger.call("iot", "GET /jobs", "")
	if got := lastUse(); got != nil {
		t.Errorf("a stranger's request counts: %+v", got)
	}
	ana.call("iot-jobs-data", "GET /things/lamp/jobs", "") // denied, but hers
	found, err := newSocketClient(r.dir.path).DescribeUser(t.Context(), "ana")
	if err != nil || len(found.Keys) != 1 || found.Keys[0].LastUse == nil {
		t.Errorf("found %+v, %v; want the key with its last use", found, err)
	}
	if got := lastUse(); got == nil || got.Service != "iot-jobs-data" || got.Region != "us-east-1" || time.Since(got.At) > time.Hour {
		t.Errorf("last use %+v", got)
	}
}
