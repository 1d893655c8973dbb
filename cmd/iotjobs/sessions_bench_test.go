package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iotjobs/internal/auth"
	"iotjobs/internal/frontdoor"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// BenchmarkSessions compares what it costs to know a caller, and to ask what it may do: one with temporary credentials beside one with an access key.
func BenchmarkSessions(b *testing.B) {
	r := newRunning(b)
	_, id := r.device("lamp")
	r.assumable("camera")
	role, err := r.service().DescribeRole(b.Context(), "device")
	if err != nil {
		b.Fatal(err)
	}
	key, secret, err := r.service().CreateAccessKey(b.Context(), service.CreateAccessKeyInput{})
	if err != nil {
		b.Fatal(err)
	}
	given, err := r.dir.sessions.Issue(registry.Session{Role: "device", RoleID: role.Role.ID, Certificate: id, Thing: "lamp"}, time.Hour, time.Now().AddDate(1, 0, 0))
	if err != nil {
		b.Fatal(err)
	}
	realm := r.realm()
	known := r.dir.identities(realm)
	authenticator := auth.NewVerifying(r.service(), realm.Region, frontdoor.Scopes(), time.Now)
	authenticator.AcceptSessions(known)
	guard := &auth.Authorizer{Authorities: known, ARN: principalARN(realm), Denied: r.denials.record}
	call := auth.Call{Action: "iotjobsdata:GetPendingJobExecutions", Resource: realm.ThingARN("lamp"), Thing: "lamp"}
	none := sha256.Sum256(nil)
	for name, credentials := range map[string]aws.Credentials{
		"key":     {AccessKeyID: key.ID, SecretAccessKey: secret},
		"session": {AccessKeyID: given.AccessKeyID, SecretAccessKey: given.SecretAccessKey, SessionToken: given.Token},
	} {
		b.Run(name, func(b *testing.B) {
			request := httptest.NewRequestWithContext(b.Context(), "GET", "/things/lamp/jobs", nil)
			request.URL.Host, request.URL.Scheme = request.Host, "http"
			if err := v4.NewSigner().SignHTTP(b.Context(), credentials, request, hex.EncodeToString(none[:]), frontdoor.DeviceScope, realm.Region, time.Now()); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				claim, err := authenticator.Claim(request)
				if err != nil {
					b.Fatal(err)
				}
				who, err := authenticator.Authenticate(request, claim, nil)
				if err == nil {
					err = guard.Authorize(auth.WithCaller(b.Context(), who, ""), call)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
