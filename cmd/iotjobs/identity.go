package main

import (
	"context"
	"crypto/x509"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/pki"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// identities shows the service to package auth: which certificates there are and what principals may do.
type identities struct {
	*service.Service

	certs  *pki.Current
	signed *auth.Signed
}

// identities are those of the directory in an account and region.
func (d *directory) identities(realm wire.Realm) identities {
	return identities{d.service, d.certs, signedIn(realm)}
}

func signedIn(realm wire.Realm) *auth.Signed {
	return &auth.Signed{Account: realm.Account, Region: realm.Region, ARN: principalARN(realm), Now: time.Now}
}

func (i identities) CertificateStatus(ctx context.Context, id registry.CertificateID) (registry.CertificateStatus, error) {
	authority, err := i.Service.Authority(ctx, id, "")
	if err != nil || authority.Certificate == nil {
		return "", err
	}
	return authority.Certificate.Status, nil
}

func (i identities) IssuerOf(ctx context.Context, cert *x509.Certificate) (string, error) {
	if i.certs.Signed(cert) {
		return "the CA of this server, so it was deleted here, or made elsewhere with the same CA", nil
	}
	id, err := i.IssuingCA(ctx, cert)
	if err != nil || id == "" {
		return "", err
	}
	return "the registered CA " + string(id), nil
}

// Authority: certificates have the policies that are attached to them, users their own; the account's keys and the emulator are bound by none.
func (i identities) Authority(ctx context.Context, who auth.Principal, as registry.ThingName) (auth.Authority, error) {
	switch {
	case who.User != nil:
		policies, err := i.UserAuthority(ctx, who.User.ID)
		return auth.Authority{Policies: policies, Context: i.signed.Context(who)}, err
	case who.CertificateID == "":
		return auth.Authority{Everything: true}, nil
	}
	authority, err := i.Service.Authority(ctx, who.CertificateID, as)
	if err != nil {
		return auth.Authority{}, err
	}
	return certificateAuthority(authority), nil
}

func certificateAuthority(of service.Authority) auth.Authority {
	return auth.Authority{Policies: of.Policies, Context: of.Context}
}

// endConnections closes the connections of certificates that have stopped to be ACTIVE, or are deleted.
func (s *server) endConnections(change service.IdentityChange) {
	for _, id := range change.Ended {
		if n := s.devices.Close(id); n > 0 {
			s.log.Info("connections closed: their certificate is no longer ACTIVE", "certificateId", id, "connections", n)
		}
	}
}

// principalARN names a principal as AWS does. Access keys without a user belong to the account itself.
func principalARN(realm wire.Realm) func(auth.Principal) string {
	return func(who auth.Principal) string {
		switch {
		case who.User != nil:
			return realm.UserARN(who.User.Name)
		case who.CertificateID == "":
			return realm.RootARN()
		}
		return realm.CertificateARN(who.CertificateID)
	}
}

// principalID is the id that goes with the ARN.
func principalID(realm wire.Realm) func(auth.Principal) string {
	return func(who auth.Principal) string {
		if who.User != nil {
			return string(who.User.ID)
		}
		return realm.Account
	}
}
