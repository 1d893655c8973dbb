package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// Whoever may not come in reads AWS's error, and the operator finds the reason in the log.
func TestCertificatesThatAreRefused(t *testing.T) {
	r := newRunning(t)
	r.policy("all", allowAll)
	factory := newAuthority(t, "factory")
	registered := func(change func(*x509.Certificate), status registry.CertificateStatus) *tls.Certificate {
		cert, leaf := factory.device(change)
		id := r.register(leaf, registry.CertificateActive)
		r.attach("all", id)
		if status != registry.CertificateActive {
			r.setStatus(id, status)
		}
		return cert
	}
	stranger, _ := newAuthority(t, "stranger").device(nil)
	deleted, deletedID := r.device("deleted")
	r.setStatus(deletedID, registry.CertificateInactive)
	if err := r.service().DetachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: "deleted", Certificate: deletedID}); err != nil {
		t.Fatal(err)
	}
	if err := r.service().DeleteCertificate(t.Context(), service.DeleteCertificateInput{ID: deletedID}); err != nil {
		t.Fatal(err)
	}
	active := registry.CertificateActive
	for _, c := range []struct {
		name   string
		cert   *tls.Certificate
		status int
		kind   string
		reason string
	}{
		{"expired", registered(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, active), 400, "CertificateValidationException", "expired at"},
		{"not yet valid", registered(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }, active), 400, "CertificateValidationException", "is not valid before"},
		{
			"for servers", registered(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, active), 400,
			"CertificateValidationException", "lacks clientAuth",
		},
		{
			"for signing certificates", registered(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }, active), 400,
			"CertificateValidationException", "lacks digitalSignature",
		},
		{"of an unknown CA", stranger, 400, "CertificateValidationException", "no CA that is known here signed it"},
		{"of this server, deleted", deleted, 400, "CertificateValidationException", "signed by the CA of this server"},
		{"revoked", registered(nil, registry.CertificateRevoked), 403, "ForbiddenException", "is REVOKED, not ACTIVE"},
		{"inactive", registered(nil, registry.CertificateInactive), 403, "ForbiddenException", "is INACTIVE, not ACTIVE"},
		{"none", nil, 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, _ := r.call(r.client(c.cert), "GET /things/lamp/jobs", "", c.status, c.kind)
			if !strings.Contains(text, c.reason) {
				t.Errorf("the client reads %s, want %q in it", text, c.reason)
			}
			if r.log.line("request refused", c.reason) == "" {
				t.Errorf("the log has no line with %q", c.reason)
			}
		})
	}
	// The same, good: of this server, of a registered certificate without its CA, and without any words about its use.
	own, _ := r.device("lamp", "all")
	for name, cert := range map[string]*tls.Certificate{
		"own": own, "without CA": registered(nil, active),
		"without usages": registered(func(c *x509.Certificate) { c.KeyUsage, c.ExtKeyUsage = 0, nil }, active),
	} {
		if text, _ := r.call(r.client(cert), "GET /things/lamp/jobs", "", 200, ""); text != `{"inProgressJobs":[],"queuedJobs":[]}` {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// A CA with auto registration makes its devices known, and an operator lets them in (CTRL-3.5.24).
func TestCertificatesOfARegisteredCA(t *testing.T) {
	r := newRunning(t)
	r.policy("all", allowAll)
	if _, err := r.service().CreateThing(t.Context(), service.CreateThingInput{Name: "lamp"}); err != nil {
		t.Fatal(err)
	}
	factory := newAuthority(t, "factory")
	ca, err := r.service().RegisterCACertificate(t.Context(), service.RegisterCACertificateInput{
		PEM: registry.EncodeCertificate(factory.cert), Mode: registry.CertificateModeSNIOnly, Active: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	cert, leaf := factory.device(nil)
	text, _ := r.call(r.client(cert), "GET /things/lamp/jobs", "", 400, "CertificateValidationException")
	if !strings.Contains(text, "not registered; it was signed by the registered CA "+string(ca.ID)) {
		t.Errorf("without auto registration: %s", text)
	}
	auto := true
	if err := r.service().UpdateCACertificate(t.Context(), service.UpdateCACertificateInput{ID: ca.ID, AutoRegistration: &auto}); err != nil {
		t.Fatal(err)
	}
	for _, reason := range []string{"it was registered by this connection", "is PENDING_ACTIVATION, not ACTIVE"} {
		if text, _ := r.call(r.client(cert), "GET /things/lamp/jobs", "", 403, "ForbiddenException"); !strings.Contains(text, reason) {
			t.Errorf("%s, want %q in it", text, reason)
		}
	}
	id := registry.IDOfCertificate(leaf)
	r.setStatus(id, registry.CertificateActive)
	r.attach("all", id)
	r.call(r.client(cert), "GET /things/lamp/jobs", "", 200, "")
}

// What a certificate may do is asked for each request: on an open connection, and where a TLS session is resumed.
func TestARevokedCertificateIsRefusedAtItsNextCall(t *testing.T) {
	r := newRunning(t)
	r.policy("all", allowAll)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		name := registry.ThingName(strings.ReplaceAll(tls.VersionName(version), " ", "-"))
		name = registry.ThingName(strings.ReplaceAll(string(name), ".", "_"))
		cert, id := r.device(name, "all")
		client := r.client(cert)
		client.Transport.(*http.Transport).TLSClientConfig.MaxVersion = version
		request := "GET /things/" + string(name) + "/jobs"
		r.call(client, request, "", 200, "")
		client.CloseIdleConnections()
		if _, resumed := r.call(client, request, "", 200, ""); !resumed {
			t.Fatal("the second connection did not resume the session of the first: nothing is shown")
		}
		r.setStatus(id, registry.CertificateRevoked)
		r.call(client, request, "", 403, "ForbiddenException") // on the open connection, unless that is closed already
		if _, resumed := r.call(client, request, "", 403, "ForbiddenException"); !resumed {
			t.Error("the third connection did not resume the session: nothing is shown")
		}
		r.setStatus(id, registry.CertificateActive)
		r.call(client, request, "", 200, "")
	}
}

// A certificate does not open the control plane, and paths of it do not exist for its owner.
func TestACertificateAloneMeansTheDevicePlane(t *testing.T) {
	r := newRunning(t)
	r.policy("all", allowAll)
	cert, _ := r.device("lamp", "all")
	r.call(r.client(cert), "GET /things/lamp", "", 404, "UnknownOperationException")
	r.call(r.client(cert), "POST /things/other", "", 404, "UnknownOperationException")
}
