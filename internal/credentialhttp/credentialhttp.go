// Package credentialhttp is the credential provider: a device shows its certificate and gets temporary credentials of a role, with which it signs
// requests as any AWS client does. It has one operation; the rules are in service and session.
package credentialhttp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/session"
	"iotjobs/internal/wire"
)

// Service is what the plane needs of package service.
type Service interface {
	Authority(context.Context, registry.CertificateID, registry.ThingName) (service.Authority, error)
	AssumeRole(context.Context, registry.RoleAliasName) (service.AssumedRole, error)
}

// Guard decides whether the caller may make a call; its refusals are *auth.Refusal.
type Guard interface {
	Authorize(context.Context, auth.Call) error
}

// Issuer makes credentials.
type Issuer interface {
	Issue(s registry.Session, life time.Duration, notAfter time.Time) (session.Credentials, error)
}

// Plane is the credential provider. Set the fields, then take its Mux.
type Plane struct {
	Service Service
	Guard   Guard
	Issuer  Issuer
	// Realm is where all ARNs live.
	Realm wire.Realm
	// Issued hears of all credentials that are given out, never of their secrets.
	Issued func(*http.Request, registry.Session)
	Log    *slog.Logger
}

const (
	operation = "AssumeRoleWithCertificate"
	pattern   = "GET /role-aliases/{roleAlias}/credentials"
)

// Operations names the operation of the one pattern of the Mux.
func Operations() map[string]string { return map[string]string{pattern: operation} }

// Mux makes the handler.
func (p *Plane) Mux() *http.ServeMux {
	api := &httpapi.API{Log: p.Log, Exception: wire.ControlException, ErrorReply: errorReply}
	m := http.NewServeMux()
	// Called by each device that uses temporary credentials, some minutes before those that it has expire: once an hour or so.
	m.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		made, err := p.serve(r)
		if err != nil {
			api.WriteError(w, r, err)
			return
		}
		wire.WriteJSON(w, http.StatusOK, wire.CredentialsReply{Credentials: wire.Credentials{
			AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey, SessionToken: made.Token,
			Expiration: made.Session.ExpiresAt.Format(time.RFC3339),
		}})
	})
	return m
}

// serve looks at thing, policy, alias and role in AWS's order (HTTP-10.2 to HTTP-10.6).
func (p *Plane) serve(r *http.Request) (session.Credentials, error) {
	ctx := r.Context()
	who, ok := auth.PrincipalOf(ctx)
	if !ok || who.CertificateID == "" {
		return session.Credentials{}, fmt.Errorf("%s: nobody was authenticated by a certificate", operation)
	}
	thing, err := thingOf(r)
	if err != nil {
		return session.Credentials{}, err
	}
	device, err := p.Service.Authority(ctx, who.CertificateID, thing)
	if err != nil {
		return session.Credentials{}, err
	}
	if device.Certificate == nil || thing != "" && device.Thing == nil {
		return session.Credentials{}, wrongThing()
	}
	alias := registry.RoleAliasName(r.PathValue("roleAlias"))
	if err := p.Guard.Authorize(ctx, auth.Call{Action: "iot:" + operation, Resource: p.Realm.RoleAliasARN(alias), Thing: thing}); err != nil {
		return session.Credentials{}, accessDenied(err)
	}
	assumed, err := p.Service.AssumeRole(ctx, alias)
	if err != nil {
		return session.Credentials{}, err
	}
	wanted := registry.Session{Role: assumed.Role.Name, RoleID: assumed.Role.ID, Certificate: who.CertificateID, Thing: thing}
	made, err := p.Issuer.Issue(wanted, assumed.Duration, device.Certificate.NotAfter)
	if err != nil {
		return session.Credentials{}, err
	}
	p.Issued(r, made.Session)
	return made, nil
}

// thingOf is the thing that the device names; empty if it names none.
func thingOf(r *http.Request) (registry.ThingName, error) {
	const longest = 128 // HTTP-2
	names := r.Header.Values("x-amzn-iot-thingname")
	switch {
	case len(names) == 0:
		return "", nil
	case len(names) > 1, len(names[0]) > longest:
		return "", wrongThing()
	}
	return registry.ThingName(names[0]), nil
}

// wrongThing: which things there are is not told to those who guess.
func wrongThing() error { return refusal("Invalid thing name passed") }

// accessDenied answers a denied call in the two words that AWS has for it here. The log says which statement decided.
func accessDenied(err error) error {
	if _, denied := errors.AsType[*auth.Refusal](err); denied {
		return refusal("Access Denied")
	}
	return err
}

func refusal(text string) *auth.Refusal {
	return &auth.Refusal{Type: "AccessDeniedException", Status: http.StatusForbidden, Message: text}
}

func errorReply(_ *http.Request, e *jobs.Error) any { return wire.ErrorReply{Message: e.Message} }
