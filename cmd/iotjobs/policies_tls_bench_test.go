package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/auth"
	"iotjobs/internal/devicehttp"
	"iotjobs/internal/frontdoor"
	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
	"iotjobs/internal/stshttp"
	"iotjobs/internal/wire"
)

// benchCall is what a device calls.
type benchCall struct {
	name, method, path, body string
	turn                     int // calls of a turn: so few that both sides meet the same disturbances
}

// benchTurns of each side make one measurement.
const benchTurns = 200

// BenchmarkPoliciesOverTLS compares device calls over TLS with the policy that most fleets have, and with a guard that lets everybody do everything, in turns:
// the goal is a ratio of at most 1.1. Beside it, the same calls with a signature in place of the certificate.
func BenchmarkPoliciesOverTLS(b *testing.B) {
	r := newRunning(b)
	r.policy("own-thing", strings.ReplaceAll(ownThing, "Deny", "Allow"))
	cert, _ := r.device("lamp", "own-thing")
	config := jobs.Config{TargetSelection: jobs.Snapshot, Document: "{}", Targets: []jobs.Target{{Kind: jobs.ThingTarget, Name: "lamp"}}}
	if _, err := r.service().CreateJob(b.Context(), service.CreateJobInput{ID: "job", Config: config}); err != nil {
		b.Fatal(err)
	}
	key, secret, err := r.service().CreateAccessKey(b.Context(), service.CreateAccessKeyInput{Description: "benchmark"})
	if err != nil {
		b.Fatal(err)
	}
	realm := wire.Realm{Region: r.config.Region, Account: r.config.AccountID}
	known := r.dir.identities(realm)
	open := r.benchServer(allowed{})
	guarded := r.benchServer(&auth.Authorizer{Authorities: known, ARN: principalARN(realm), Denied: r.denials.record})
	for _, c := range []benchCall{
		{"GetPendingJobExecutions", http.MethodGet, "/things/lamp/jobs", "", 50},
		{"UpdateJobExecution", http.MethodPost, "/things/lamp/jobs/job", `{"status":"IN_PROGRESS"}`, 10},
	} {
		b.Run(c.name, func(b *testing.B) {
			allowAll, policies := c.turns(b, open, r.client(cert), nil), c.turns(b, guarded, r.client(cert), nil)
			signed := c.turns(b, open, r.client(nil), c.signature(b, open, r.config.Region, key.ID, secret))
			var base, ofPolicies, ofSignature []float64
			for b.Loop() {
				for i := range benchTurns {
					var a, p, s float64
					if i%2 == 0 {
						a, p, s = allowAll(), policies(), signed()
					} else { // who comes first does not matter
						s, p, a = signed(), policies(), allowAll()
					}
					base, ofPolicies, ofSignature = append(base, a), append(ofPolicies, p/a), append(ofSignature, s/a)
				}
			}
			b.ReportMetric(median(ofPolicies), "policies/allow-all")
			b.ReportMetric(median(ofSignature), "signature/certificate")
			b.ReportMetric(median(base)/1e3, "µs/call")
		})
	}
}

// benchServer is a TLS listener with the door of a server, and another guard behind it.
func (r *running) benchServer(guard devicehttp.Guard) (address string) {
	r.t.Helper()
	realm := wire.Realm{Region: r.config.Region, Account: r.config.AccountID}
	plane := &devicehttp.Plane{Service: r.service(), Guard: guard, Realm: realm, Log: slog.New(slog.DiscardHandler)}
	authenticator := auth.NewVerifying(r.service(), r.config.Region, frontdoor.Scopes(), time.Now)
	authenticator.AcceptCertificates(r.dir.identities(realm))
	connections := &auth.Connections{}
	s := httptest.NewUnstartedServer(frontdoor.New(frontdoor.Config{
		Auth: authenticator, Device: plane.Mux(), DeviceOperations: plane.Operations(), Control: http.NewServeMux(), Identity: http.NewServeMux(),
		IdentityRefusal: stshttp.Refuse, Log: slog.New(slog.DiscardHandler), Metrics: frontdoor.NewMetrics(prometheus.NewRegistry()), Now: time.Now,
	}))
	s.Config.ConnContext, s.Config.ConnState = connections.ConnContext, connections.ConnState
	s.TLS = r.tls.TLSConfig()
	s.TLS.Certificates = []tls.Certificate{*r.mustCertificate()} // or httptest shows its own
	s.StartTLS()
	r.t.Cleanup(s.Close)
	return s.URL
}

func (r *running) mustCertificate() *tls.Certificate {
	r.t.Helper()
	cert, err := r.tls.GetCertificate(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return cert
}

// turns returns what plays a turn and gives the time of a call in it, in nanoseconds.
func (c benchCall) turns(b *testing.B, address string, client *http.Client, header http.Header) func() float64 {
	b.Helper()
	return func() float64 {
		start := time.Now()
		for range c.turn {
			q := c.request(b, address)
			if header != nil {
				q.Header = header
			}
			answer, err := client.Do(q)
			if err != nil {
				b.Fatal(err)
			}
			text, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != http.StatusOK {
				b.Fatalf("%d %s, %v", answer.StatusCode, text, err)
			}
			_ = answer.Body.Close() // it was read to its end
		}
		return float64(time.Since(start)) / float64(c.turn)
	}
}

func (c benchCall) request(b *testing.B, address string) *http.Request {
	b.Helper()
	q, err := http.NewRequestWithContext(b.Context(), c.method, address+c.path, strings.NewReader(c.body))
	if err != nil {
		b.Fatal(err)
	}
	return q
}

// signature is made once: the client's own work is none of the server's.
func (c benchCall) signature(b *testing.B, address, region, id, secret string) http.Header {
	b.Helper()
	q, hash := c.request(b, address), sha256.Sum256([]byte(c.body))
	keys := aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}
	if err := v4.NewSigner().SignHTTP(b.Context(), keys, q, hex.EncodeToString(hash[:]), frontdoor.DeviceScope, region, time.Now()); err != nil {
		b.Fatal(err)
	}
	return q.Header
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
