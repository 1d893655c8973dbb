package service

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"
	"time"
	"unicode"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// CreateRoleInput is a new role. A MaxSession of zero is the default.
type CreateRoleInput struct {
	Name        registry.RoleName
	Description string
	MaxSession  time.Duration
}

const maxRoleName = 64

// CreateRole makes a role without policies, which therefore may do nothing.
func (s *Service) CreateRole(ctx context.Context, in CreateRoleInput) (*registry.Role, error) {
	if in.MaxSession == 0 {
		in.MaxSession = registry.DefaultSessionDuration
	}
	switch {
	case !isIAMName(string(in.Name), maxRoleName):
		return nil, jobs.Errorf(jobs.InvalidRequest, "The name of a role is 1 to %d letters, digits and characters of _+=,.@-, and not only dots.", maxRoleName)
	case in.MaxSession < registry.MinSessionDuration || in.MaxSession > registry.MaxSessionDuration || in.MaxSession%time.Second != 0:
		return nil, jobs.Errorf(jobs.InvalidRequest, "The maximum session duration of a role is %s to %s, in whole seconds; %s is not executed.",
			registry.MinSessionDuration, registry.MaxSessionDuration, in.MaxSession)
	case strings.ContainsFunc(in.Description, unicode.IsControl):
		return nil, jobs.Errorf(jobs.InvalidRequest, "The description of a role has no control characters.")
	}
	role := &registry.Role{Name: in.Name, ID: newRoleID(), Description: in.Description, MaxSession: in.MaxSession, CreatedAt: s.Now()}
	err := s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		taken, err := readRecord[registry.Role](tx, store.RoleRecord, roleKey(in.Name))
		if err != nil {
			return err
		}
		if taken != nil {
			return jobs.Errorf(jobs.ResourceAlreadyExists, "There is a role %s already.", taken.Name)
		}
		change.Everybody = true // that there is none of this name may be known
		return putRecord(tx, store.RoleRecord, roleKey(in.Name), role)
	})
	if err != nil {
		return nil, err
	}
	return role, nil
}

// ListRoles lists all roles, by name.
func (s *Service) ListRoles(ctx context.Context) (roles []*registry.Role, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		roles = nil
		for after := ""; ; {
			page, err := tx.Records(store.RoleRecord, after, MaxPageSize)
			if err != nil {
				return err
			}
			for _, record := range page {
				role, err := readRecord[registry.Role](tx, store.RoleRecord, record.ID)
				if err != nil {
					return err
				}
				roles, after = append(roles, role), record.ID
			}
			if len(page) < MaxPageSize {
				return nil
			}
		}
	})
	return roles, err
}

// RoleDescription is a role with all that is its own.
type RoleDescription struct {
	Role     *registry.Role
	Policies []registry.RolePolicy
}

// DescribeRole shows a role.
func (s *Service) DescribeRole(ctx context.Context, name registry.RoleName) (out RoleDescription, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		if out.Role, err = existingRole(tx, name); err != nil {
			return err
		}
		out.Policies, err = policiesOfRole(tx, out.Role.ID)
		return err
	})
	return out, err
}

// DeleteRole deletes a role, and its policies with it. From the answer on, credentials that were given out for it are refused; role aliases that name it
// stay, and give out none (HTTP-10.5).
func (s *Service) DeleteRole(ctx context.Context, name registry.RoleName) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		role, err := existingRole(tx, name)
		if err != nil {
			return err
		}
		policies, err := policiesOfRole(tx, role.ID)
		if err != nil {
			return err
		}
		change.Everybody = true
		for _, p := range policies {
			err = errors.Join(err, tx.DeleteRecord(store.RolePolicyRecord, rolePolicyID(role.ID, p.Name)))
		}
		return errors.Join(err, tx.DeleteRecord(store.RoleRecord, roleKey(name)))
	})
}

// readRole finds a role by its name as it is written; nil if there is none.
func readRole(tx store.ReadTx, name registry.RoleName) (*registry.Role, error) {
	role, err := readRecord[registry.Role](tx, store.RoleRecord, roleKey(name))
	if err != nil || role == nil || role.Name != name {
		return nil, err
	}
	return role, nil
}

// existingRole finds a role or refuses.
func existingRole(tx store.ReadTx, name registry.RoleName) (*registry.Role, error) {
	role, err := readRole(tx, name)
	if err == nil && role == nil {
		err = jobs.Errorf(jobs.ResourceNotFound, "Role %s cannot be found.", name)
	}
	return role, err
}

// roleKey: two names that differ by case only would be taken for each other by people.
func roleKey(name registry.RoleName) string { return strings.ToLower(string(name)) }

// newRoleID looks like AWS's.
func newRoleID() registry.RoleID {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return registry.RoleID("AROA" + base32.StdEncoding.EncodeToString(b[:]))
}
