package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// AssumedRole is what a role alias stands for at this moment.
type AssumedRole struct {
	Role     *registry.Role
	Duration time.Duration
}

// AssumeRole finds what a device gets under a role alias. Whether it may have it is asked elsewhere, before. The refusals are AWS's (HTTP-10.4 to HTTP-10.6).
func (s *Service) AssumeRole(ctx context.Context, alias registry.RoleAliasName) (out AssumedRole, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		found, err := readRoleAlias(tx, alias)
		if err != nil {
			return err
		}
		if found == nil {
			return jobs.Errorf(jobs.ResourceNotFound, "Role alias does not exist")
		}
		role, err := readRole(tx, found.Role)
		switch {
		case err != nil:
			return err
		case role == nil:
			return jobs.Errorf(jobs.InvalidRequest, "Unable to assume the role, or the role to assume does not exist")
		case found.Duration > role.MaxSession:
			return jobs.Errorf(jobs.InvalidRequest, durationExceedsRole)
		}
		out = AssumedRole{Role: role, Duration: found.Duration}
		return nil
	})
	return out, err
}

// SessionAuthority is what temporary credentials may do as things are now. It is shared: nobody changes what is in it.
type SessionAuthority struct {
	// Policies are those of the role, by name, ready for policy.Evaluate.
	Policies []policy.Named

	session *registry.Session
	thing   *registry.Thing // nil if the device named none, or it is not attached any more
}

// Context tells policies about the device behind the session (HTTP-10.9), and leaves all other keys to more, which may be nil. The thing is looked at
// anew for each request: one that was detached since has no name here.
func (a SessionAuthority) Context(more policy.Context) policy.Context {
	return func(key string) []string {
		name, ofDevice := strings.CutPrefix(key, "credentials-iot:")
		switch {
		case !ofDevice && more == nil:
			return nil
		case !ofDevice:
			return more(key)
		case name == "awscertificateid":
			return one(string(a.session.Certificate))
		case a.thing == nil:
			return nil
		case name == "thingname":
			return one(string(a.thing.Name))
		case name == "thingtypename":
			return one(string(a.thing.Type))
		default:
			return nil
		}
	}
}

// SessionAuthority reads what temporary credentials may do; alive is false if they are refused, because their certificate is not ACTIVE or their role is
// no more (HTTP-10.11). When they expire is not looked at. It is as cheap and as fresh as Authority.
func (s *Service) SessionAuthority(ctx context.Context, session *registry.Session) (a SessionAuthority, alive bool, err error) {
	device, err := s.Authority(ctx, session.Certificate, session.Thing)
	if err != nil {
		return SessionAuthority{}, false, err
	}
	role, err := s.role(ctx, session.Role)
	if err != nil || role.id == "" || role.id != session.RoleID {
		return SessionAuthority{}, false, err
	}
	alive = device.Certificate != nil && device.Certificate.Status == registry.CertificateActive
	return SessionAuthority{Policies: role.policies, session: session, thing: device.Thing}, alive, nil
}

// role reads a role with its policies, compiled; one that is not there has no id.
func (s *Service) role(ctx context.Context, name registry.RoleName) (compiledRole, error) {
	if err := s.identityFresh(); err != nil {
		return compiledRole{}, err
	}
	known, ok, generation := s.roles.get(name)
	if ok {
		return known, nil
	}
	var compiled compiledRole
	err := s.Store.View(ctx, func(tx store.ReadTx) error {
		compiled = compiledRole{}
		role, err := readRole(tx, name)
		if err != nil || role == nil {
			return err
		}
		policies, err := policiesOfRole(tx, role.ID)
		if err != nil {
			return err
		}
		compiled = compiledRole{id: role.ID, policies: make([]policy.Named, len(policies))}
		for i, p := range policies {
			document, err := policy.Parse([]byte(p.Document), policy.IAM)
			if err != nil {
				return fmt.Errorf("compile policy %s of role %s: %w", p.Name, name, err)
			}
			compiled.policies[i] = policy.Named{Name: string(p.Name), Document: document}
		}
		return nil
	})
	if err == nil {
		s.roles.put(name, compiled, generation)
	}
	return compiled, err
}
