package main

import (
	"context"
	"crypto/x509"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/pki"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/session"
	"iotjobs/internal/wire"
)

// identities shows the service to package auth: which certificates and sessions there are and what principals may do.
type identities struct {
	*service.Service

	certs    *pki.Current
	sessions *session.Keeper
	signed   *auth.Signed
}

// identities are those of the directory in an account and region.
func (d *directory) identities(realm wire.Realm) identities {
	return identities{d.service, d.certs, d.sessions, signedIn(realm)}
}

func signedIn(realm wire.Realm) *auth.Signed {
	return &auth.Signed{Account: realm.Account, Region: realm.Region, ARN: principalARN(realm), RoleARN: realm.RoleARN, Now: time.Now}
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

// SessionKey knows temporary credentials as long as their certificate and their role are there.
func (i identities) SessionKey(ctx context.Context, accessKeyID, token string) (*registry.Credential, error) {
	opened := i.sessions.Open(accessKeyID, token)
	if opened == nil {
		return nil, nil //nolint:nilnil // as auth.Sessions wants it
	}
	_, alive, err := i.SessionAuthority(ctx, opened.Session)
	if err != nil || !alive {
		return nil, err
	}
	return opened, nil
}

// Authority: certificates have the policies that are attached to them, users their own, sessions those of their role; the account's keys and the
// emulator are bound by none.
func (i identities) Authority(ctx context.Context, who auth.Principal, as registry.ThingName) (auth.Authority, error) {
	switch {
	case who.User != nil:
		policies, err := i.UserAuthority(ctx, who.User.ID)
		return auth.Authority{Policies: policies, Context: i.signed.Context(who)}, err
	case who.Session != nil:
		authority, alive, err := i.SessionAuthority(ctx, who.Session)
		if err != nil || !alive {
			return auth.Authority{}, err
		}
		return i.sessionAuthority(authority, who), nil
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

// sessionAuthority lets the policies of a role know the device and the signed request.
func (i identities) sessionAuthority(of service.SessionAuthority, who auth.Principal) auth.Authority {
	signed := i.signed.Context(who)
	return auth.Authority{Policies: of.Policies, Context: func(more policy.Context) policy.Context { return of.Context(signed(more)) }}
}

// principalARN names a principal as AWS does. Access keys without a user belong to the account itself.
func principalARN(realm wire.Realm) func(auth.Principal) string {
	return func(who auth.Principal) string {
		switch {
		case who.User != nil:
			return realm.UserARN(who.User.Name)
		case who.Session != nil:
			return realm.AssumedRoleARN(who.Session)
		case who.CertificateID == "":
			return realm.RootARN()
		}
		return realm.CertificateARN(who.CertificateID)
	}
}

// principalID is the id that goes with the ARN.
func principalID(realm wire.Realm) func(auth.Principal) string {
	return func(who auth.Principal) string {
		switch {
		case who.User != nil:
			return string(who.User.ID)
		case who.Session != nil:
			return string(who.Session.RoleID) + ":" + string(who.Session.Certificate)
		}
		return realm.Account
	}
}
