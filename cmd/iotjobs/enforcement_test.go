package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// ownThing is the policy that most fleets have: a device acts for the thing that it is attached to.
const ownThing = `{"Version":"2012-10-17","Statement":[
	{"Sid":"own","Effect":"Allow","Action":"iotjobsdata:*","Resource":"arn:aws:iot:us-east-1:123456789012:thing/${iot:Connection.Thing.ThingName}"},
	{"Sid":"readonly","Effect":"Deny","Action":"iotjobsdata:UpdateJobExecution","Resource":"*"}]}`

// explained is what the operator reads, from the running server.
func (r *running) explained(in explainRequest) string {
	r.t.Helper()
	sentences, err := newSocketClient(r.dir.path).Explain(r.t.Context(), in)
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.Join(sentences, "\n")
}

// A device may act for its own thing and for no other one, and whoever is denied leaves a trace that says why.
func TestADeviceActsForItsOwnThing(t *testing.T) {
	r := newRunning(t)
	r.policy("own-thing", ownThing)
	a, idA := r.device("a", "own-thing")
	_, _ = r.device("b")
	client := r.client(a)
	arn := func(thing string) string { return "arn:aws:iot:us-east-1:123456789012:thing/" + thing }

	r.call(client, "GET /things/a/jobs", "", 200, "")
	text, _ := r.call(client, "GET /things/b/jobs", "", 403, "AccessDeniedException")
	want := fmt.Sprintf(`{"message":"User: arn:aws:iot:us-east-1:123456789012:cert/%s is not authorized to perform: iotjobsdata:GetPendingJobExecutions on resource: %s"}`, idA, arn("b"))
	if text != want {
		t.Errorf("the device reads %s\nwant %s", text, want)
	}
	if r.log.line("call denied", "principal=cert/"+string(idA), "action=iotjobsdata:GetPendingJobExecutions", "resource="+arn("b"), "no statement allows it") == "" {
		t.Error("the log does not say why")
	}
	r.call(client, "POST /things/a/jobs/job", `{"status":"SUCCEEDED"}`, 403, "AccessDeniedException")
	if r.log.line("call denied", "iotjobsdata:UpdateJobExecution", `denied by Statement[1] (Sid \"readonly\") of policy \"own-thing\"`) == "" {
		t.Error("the log does not name the statement that denied")
	}
	for labels, n := range map[[2]string]float64{{"iotjobsdata:GetPendingJobExecutions", "none_allows"}: 1, {"iotjobsdata:UpdateJobExecution", "denied"}: 1} {
		if got := testutil.ToFloat64(r.denials.counter.WithLabelValues(labels[0], labels[1])); got != n {
			t.Errorf("%v was counted %v times, want %v", labels, got, n)
		}
	}

	for _, c := range []struct {
		action, thing string
		words         []string
	}{
		{"GetPendingJobExecutions", "a", []string{"is attached to thing a", "Policies in force: own-thing", "ALLOWED", `allowed by Statement[0] (Sid "own") of policy "own-thing"`}},
		{"GetPendingJobExecutions", "b", []string{"not attached to thing b", "DENIED", "no statement allows it"}},
		{"UpdateJobExecution", "a", []string{"DENIED", `denied by Statement[1] (Sid "readonly") of policy "own-thing"`}},
	} {
		for _, principal := range []string{string(idA), "arn:aws:iot:us-east-1:123456789012:cert/" + string(idA)} {
			text := r.explained(explainRequest{Principal: principal, Action: "iotjobsdata:" + c.action, Resource: arn(c.thing)})
			for _, word := range c.words {
				if !strings.Contains(text, word) {
					t.Errorf("%s on %s: %q is not in\n%s", c.action, c.thing, word, text)
				}
			}
		}
	}
	calls, err := newSocketClient(r.dir.path).Denials(t.Context())
	if err != nil || len(calls) != 2 || calls[0].Action != "iotjobsdata:UpdateJobExecution" || calls[1].Resource != arn("b") ||
		calls[1].Reason != "no statement allows it" || calls[1].SourceIP != "127.0.0.1" || len(calls[1].RequestID) != 36 {
		t.Errorf("denials %+v, %v; want both, the newest first", calls, err)
	}
}

// Whatever changes what a device may do holds at its next call, on the connection that it has open.
func TestChangesHoldAtTheNextCall(t *testing.T) {
	r := newRunning(t)
	r.policy("all", allowAll)
	r.policy("own-thing", ownThing)
	cert, id := r.device("lamp")
	client := r.client(cert)
	call := func(status int) {
		t.Helper()
		kind := ""
		if status != http.StatusOK {
			kind = "AccessDeniedException"
		}
		r.call(client, "GET /things/lamp/jobs", "", status, kind)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, s := t.Context(), r.service()
	all := service.PolicyAttachmentInput{Policy: "all", Target: registry.PolicyTarget{Certificate: id}}
	thing := service.ThingPrincipalInput{Thing: "lamp", Certificate: id}

	call(403) // no policy
	must(s.AttachPolicy(ctx, all))
	call(200)
	must(s.DetachPolicy(ctx, all))
	call(403)
	r.attach("own-thing", id)
	call(200)
	must(s.DetachThingPrincipal(ctx, thing))
	call(403) // the variable has no value
	must(s.AttachThingPrincipal(ctx, thing))
	call(200)
	none := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	_, err := s.CreatePolicyVersion(ctx, service.CreatePolicyVersionInput{Name: "own-thing", Document: none, Default: true})
	must(err)
	call(403)
	must(s.SetDefaultPolicyVersion(ctx, service.PolicyVersionInput{Name: "own-thing", Version: 1}))
	call(200)

	// A policy of a group holds for the things in it.
	_, err = s.CreateThingGroup(ctx, service.CreateThingGroupInput{Name: "lamps"})
	must(err)
	must(s.AttachPolicy(ctx, service.PolicyAttachmentInput{Policy: "all", Target: registry.PolicyTarget{Group: "lamps"}}))
	must(s.DetachPolicy(ctx, service.PolicyAttachmentInput{Policy: "own-thing", Target: registry.PolicyTarget{Certificate: id}}))
	call(403)
	member := service.ThingGroupMemberInput{Group: "lamps", Thing: "lamp"}
	must(s.AddThingToThingGroup(ctx, member))
	call(200)
	must(s.RemoveThingFromThingGroup(ctx, member))
	call(403)
}

// What policies may know of a call over HTTP (HTTP-8.6).
func TestVariablesOverHTTP(t *testing.T) {
	r := newRunning(t)
	cert, id := r.device("lamp")
	client := r.client(cert)
	condition := func(of string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iotjobsdata:*","Resource":"*","Condition":` + of + `}]}`
	}
	for i, c := range []struct {
		condition string
		status    int
	}{
		{`{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}`, 200},
		{`{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, 403},
		{`{"StringEquals":{"iot:Certificate.Subject.CommonName":"iotjobs device certificate"}}`, 200},
		{`{"StringEquals":{"iot:Certificate.Subject.CommonName":"another"}}`, 403},
		{`{"Bool":{"iot:Connection.Thing.IsAttached":"true"}}`, 200},
		{`{"StringLike":{"iot:ClientId":"*"}}`, 403}, // there is none over HTTP
		{`{"StringEquals":{"iot:Connection.Thing.ThingName":"lamp"}}`, 200},
	} {
		name := registry.PolicyName(fmt.Sprintf("policy-%d", i))
		r.policy(name, condition(c.condition))
		in := service.PolicyAttachmentInput{Policy: name, Target: registry.PolicyTarget{Certificate: id}}
		r.attach(name, id)
		kind := ""
		if c.status != 200 {
			kind = "AccessDeniedException"
		}
		t.Log(c.condition)
		r.call(client, "GET /things/lamp/jobs", "", c.status, kind)
		if err := r.service().DetachPolicy(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
}

// The explanation begins with the certificate itself: nobody must look for the fault in policies when it is not there.
func TestExplainSpeaksOfTheCertificateFirst(t *testing.T) {
	r := newRunning(t)
	r.policy("all", allowAll)
	_, id := r.device("lamp", "all")
	r.setStatus(id, registry.CertificateRevoked)
	text := r.explained(explainRequest{Principal: string(id), Action: "iotjobsdata:UpdateJobExecution", Resource: "arn:aws:iot:us-east-1:123456789012:thing/lamp"})
	if !strings.HasPrefix(text, "Certificate "+string(id)+" is REVOKED.\nIt is not ACTIVE: every call is refused") ||
		!strings.Contains(text, "\nDENIED: ") || !strings.HasSuffix(text, `the certificate is not ACTIVE. By policies alone: allowed by Statement[0] of policy "all".`) {
		t.Error(text)
	}
	_, err := newSocketClient(r.dir.path).Explain(t.Context(), explainRequest{Principal: "nobody", Action: "iot:Connect", Resource: "*"})
	if err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("an unknown certificate: %v", err)
	}
}

func TestTheRingOfDenialsKeepsTheLastOnes(t *testing.T) {
	d := newDenials(prometheus.NewRegistry(), newLogger("error"))
	if got := d.list(); got == nil || len(got) != 0 {
		t.Errorf("before the first denial: %v, want an empty list", got)
	}
	for i := range keptDenials + 3 {
		d.keep(deniedCall{At: time.Unix(1, 0), RequestID: fmt.Sprint(i)})
	}
	got := d.list()
	if len(got) != keptDenials || got[0].RequestID != fmt.Sprint(keptDenials+2) || got[keptDenials-1].RequestID != "3" {
		t.Errorf("%d kept, from %s to %s; want the last %d, the newest first", len(got), got[0].RequestID, got[len(got)-1].RequestID, keptDenials)
	}
}

// The timeline of an execution names the device that started it over HTTP.
func TestExecutionsNameWhoCalled(t *testing.T) {
	r := newRunning(t)
	r.policy("all", strings.ReplaceAll(ownThing, "Deny", "Allow"))
	cert, id := r.device("a", "all")
	config := jobs.Config{TargetSelection: jobs.Snapshot, Document: "{}", Targets: []jobs.Target{{Kind: jobs.ThingTarget, Name: "a"}}}
	if _, err := r.service().CreateJob(t.Context(), service.CreateJobInput{ID: "job", Config: config}); err != nil {
		t.Fatal(err)
	}
	r.call(r.client(cert), "PUT /things/a/jobs/$next", "{}", 200, "")
	view, err := r.dir.store.ReadThing(t.Context(), "a", nil)
	if err != nil || len(view.Pending) != 1 {
		t.Fatalf("pending %+v, %v", view.Pending, err)
	}
	if got, want := view.Pending[0].StartedBy, "cert/"+string(id); got != want {
		t.Errorf("started by %q, want %q", got, want)
	}
}
