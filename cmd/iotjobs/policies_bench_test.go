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

// BenchmarkPolicies compares device calls with the policy that most fleets have, and with a guard that lets everybody do everything. The calls go
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
	ctx := auth.WithPrincipal(b.Context(), auth.CertificatePrincipal(leaf, netip.MustParseAddr("192.0.2.7")))
	guards := map[string]devicehttp.Guard{
		"allow-all": allowed{},
		"policies":  &auth.Authorizer{Authorities: r.dir.identities(realm), ARN: principalARN(realm), Denied: r.denials.record},
	}
	for _, c := range []struct{ name, method, path, body string }{
		{"GetPendingJobExecutions", http.MethodGet, "/things/lamp/jobs", ""},
		{"UpdateJobExecution", http.MethodPost, "/things/lamp/jobs/job", `{"status":"IN_PROGRESS"}`},
	} {
		for _, guard := range []string{"allow-all", "policies"} {
			plane := &devicehttp.Plane{Service: r.service(), Guard: guards[guard], Realm: realm, Log: slog.New(slog.DiscardHandler)}
			mux := plane.Mux()
			b.Run(fmt.Sprintf("%s/%s", c.name, guard), func(b *testing.B) {
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

func pemOf(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
