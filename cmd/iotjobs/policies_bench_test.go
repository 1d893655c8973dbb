package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"iotjobs/internal/auth"
	"iotjobs/internal/devicehttp"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// allowed is a guard that asks nobody.
type allowed struct{}

func (allowed) Authorize(context.Context, auth.Call) error { return nil }

// BenchmarkPolicies compares device calls with the policy that most fleets have, with keys of the account and of a user, and with a guard that lets
// everybody do everything. The calls go
// straight to the plane: over TLS and through the front door the difference is a smaller part of them. The goal is a ratio of at most 1.1.
func BenchmarkPolicies(b *testing.B) {
	r := newRunning(b)
	r.policy("own-thing", strings.ReplaceAll(ownThing, "Deny", "Allow"))
	cert, _ := r.device("lamp", "own-thing")
	config := jobs.Config{TargetSelection: jobs.Snapshot, Document: "{}", Targets: []jobs.Target{{Kind: jobs.ThingTarget, Name: "lamp"}}}
	if _, err := r.service().CreateJob(b.Context(), service.CreateJobInput{ID: "job", Config: config}); err != nil {
		b.Fatal(err)
	}
	realm := wire.Realm{Region: r.config.Region, Account: r.config.AccountID}
	leaf, err := registry.ParseCertificate(pemOf(cert.Certificate[0]))
	if err != nil {
		b.Fatal(err)
	}
	from := netip.MustParseAddr("192.0.2.7")
	user, err := r.service().CreateUser(b.Context(), "lamp")
	if err != nil {
		b.Fatal(err)
	}
	r.putPolicy("lamp", ownThingOfUser)
	policies := &auth.Authorizer{Authorities: r.dir.identities(realm), ARN: principalARN(realm), Denied: r.denials.record}
	callers := []struct {
		name  string
		who   auth.Principal
		guard devicehttp.Guard
	}{
		{"allow-all", auth.CertificatePrincipal(leaf, from), allowed{}},
		{"certificate", auth.CertificatePrincipal(leaf, from), policies},
		{"account-key", auth.Principal{AccessKeyID: "AKIATEST", SourceIP: from}, policies},
		{"user-key", auth.Principal{AccessKeyID: "AKIATEST", User: user, SourceIP: from, Secure: true}, policies},
	}
	call := auth.Call{Action: "iotjobsdata:UpdateJobExecution", Resource: realm.ThingARN("lamp"), Thing: "lamp"}
	for _, caller := range callers { // the question alone, which busy neighbours disturb less
		ctx := auth.WithCaller(b.Context(), caller.who, "")
		b.Run("Authorize/"+caller.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := caller.guard.Authorize(ctx, call); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, c := range []struct{ name, method, path, body string }{
		{"GetPendingJobExecutions", http.MethodGet, "/things/lamp/jobs", ""},
		{"UpdateJobExecution", http.MethodPost, "/things/lamp/jobs/job", `{"status":"IN_PROGRESS"}`},
	} {
		for _, caller := range callers {
			plane := &devicehttp.Plane{Service: r.service(), Guard: caller.guard, Realm: realm, Log: slog.New(slog.DiscardHandler)}
			mux, ctx := plane.Mux(), auth.WithCaller(b.Context(), caller.who, "")
			b.Run(fmt.Sprintf("%s/%s", c.name, caller.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					w := httptest.NewRecorder()
					mux.ServeHTTP(w, httptest.NewRequestWithContext(ctx, c.method, c.path, strings.NewReader(c.body)))
					if w.Code != http.StatusOK {
						b.Fatal(w.Code, w.Body)
					}
				}
			})
		}
	}
}

// ownThingOfUser lets a user act for the thing that is called like him, from the network of the devices.
const ownThingOfUser = `{"Version":"2012-10-17","Statement":[
	{"Sid":"own","Effect":"Allow","Action":"iotjobsdata:*","Resource":"arn:aws:iot:us-east-1:123456789012:thing/${aws:username}",
		"Condition":{"Bool":{"aws:SecureTransport":"true"},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}},
	{"Sid":"later","Effect":"Allow","Action":"iotjobsdata:UpdateJobExecution","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2100-01-01"}}}]}`

func pemOf(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
