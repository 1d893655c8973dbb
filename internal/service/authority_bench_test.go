package service_test

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"testing"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store/pebble"
)

// BenchmarkAuthority is what a request of a device pays to know its policies: when they are kept, and when they are read from the embedded store.
func BenchmarkAuthority(b *testing.B) {
	store, err := pebble.Open(b.TempDir(), pebble.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	s := &service.Service{Store: store, Now: func() time.Time { return day }, Quotas: service.DefaultQuotas()}
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	ctx := b.Context()
	_, err = s.CreateThingGroup(ctx, service.CreateThingGroupInput{Name: "g"})
	check(err)
	for _, name := range []registry.PolicyName{"own", "of-group"} {
		_, err := s.CreatePolicy(ctx, service.CreatePolicyInput{Name: name, Document: allowAll})
		check(err)
	}
	check(s.AttachPolicy(ctx, service.PolicyAttachmentInput{Policy: "of-group", Target: onGroup("g")}))
	const devices = 100
	ids := make([]registry.CertificateID, devices)
	names := make([]registry.ThingName, devices)
	for i := range devices {
		names[i] = registry.ThingName(fmt.Sprint("thing-", i))
		_, err := s.CreateThing(ctx, service.CreateThingInput{Name: names[i]})
		check(err)
		check(s.AddThingToThingGroup(ctx, service.ThingGroupMemberInput{Thing: names[i], Group: "g"}))
		cert := must(x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1))}, &x509.Certificate{}, ecKey().Public(), ecKey()))
		c, err := s.RegisterCertificateWithoutCA(ctx, service.RegisterCertificateWithoutCAInput{PEM: registry.EncodeCertificate(must(x509.ParseCertificate(cert)))})
		check(err)
		ids[i] = c.ID
		check(s.AttachPolicy(ctx, service.PolicyAttachmentInput{Policy: "own", Target: onCertificate(c.ID)}))
		check(s.AttachThingPrincipal(ctx, service.ThingPrincipalInput{Thing: names[i], Certificate: c.ID}))
	}
	ask := func(i int) {
		if a, err := s.Authority(ctx, ids[i%devices], names[i%devices]); err != nil || len(a.Policies) != 2 {
			b.Fatalf("got %+v, %v", a, err)
		}
	}
	b.Run("kept", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			ask(i)
		}
	})
	b.Run("read", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			service.ForgetAuthority(s, ids[i%devices])
			ask(i)
		}
	})
}
