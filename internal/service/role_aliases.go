package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// CreateRoleAliasInput is a new role alias. A Duration of zero is the default.
type CreateRoleAliasInput struct {
	Name     registry.RoleAliasName
	Role     registry.RoleName
	Duration time.Duration
}

// CreateRoleAlias makes a name under which devices ask for credentials of a role.
func (s *Service) CreateRoleAlias(ctx context.Context, in CreateRoleAliasInput) (*registry.RoleAlias, error) {
	now := s.Now()
	created := &registry.RoleAlias{
		Name: in.Name, Role: in.Role, Duration: cmp.Or(in.Duration, registry.DefaultSessionDuration), CreatedAt: now, ModifiedAt: now,
	}
	err := s.update(ctx, func(tx store.Tx) error {
		taken, err := readRoleAlias(tx, in.Name)
		if err != nil {
			return err
		}
		if taken != nil {
			return &jobs.Error{Code: jobs.ResourceAlreadyExists, Resource: string(in.Name), Message: "Role alias " + string(in.Name) + " already exists."}
		}
		if err := canGiveOut(tx, created); err != nil {
			return err
		}
		all, err := tx.Records(store.RoleAliasRecord, "", registry.MaxRoleAliases)
		if err != nil {
			return err
		}
		if len(all) >= registry.MaxRoleAliases {
			return jobs.Errorf(jobs.LimitExceeded, "There are %d role aliases, the most that an account may have.", len(all))
		}
		return putRecord(tx, store.RoleAliasRecord, string(in.Name), created)
	})
	if err != nil {
		return nil, err
	}
	return created, nil
}

// canGiveOut refuses an alias under which no credentials could be had (CTRL-3.6.7).
func canGiveOut(tx store.ReadTx, a *registry.RoleAlias) error {
	if a.Duration > registry.MaxSessionDuration {
		return jobs.Errorf(jobs.InvalidRequest, "A credentialDurationSeconds of %d is not executed by this version: credentials live %d seconds at most.",
			int64(a.Duration/time.Second), int64(registry.MaxSessionDuration/time.Second))
	}
	role, err := readRole(tx, a.Role)
	switch {
	case err != nil:
		return err
	case role == nil:
		return jobs.Errorf(jobs.InvalidRequest, "Role %s does not exist.", a.Role)
	case a.Duration > role.MaxSession:
		return jobs.Errorf(jobs.InvalidRequest, durationExceedsRole)
	}
	return nil
}

// durationExceedsRole is AWS's text (HTTP-10.6).
const durationExceedsRole = "The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role"

// DescribeRoleAlias shows a role alias.
func (s *Service) DescribeRoleAlias(ctx context.Context, name registry.RoleAliasName) (found *registry.RoleAlias, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		found, err = existingRoleAlias(tx, name)
		return err
	})
	return found, err
}

// UpdateRoleAliasInput changes a role alias. What is zero stays as it is.
type UpdateRoleAliasInput struct {
	Name     registry.RoleAliasName
	Role     registry.RoleName
	Duration time.Duration
}

// UpdateRoleAlias gives a role alias another role or duration. Credentials that were given out before keep theirs (HTTP-10.11).
func (s *Service) UpdateRoleAlias(ctx context.Context, in UpdateRoleAliasInput) (updated *registry.RoleAlias, err error) {
	now := s.Now()
	err = s.update(ctx, func(tx store.Tx) error {
		if updated, err = existingRoleAlias(tx, in.Name); err != nil {
			return err
		}
		if in.Role == "" && in.Duration == 0 {
			return nil
		}
		updated.Role, updated.Duration, updated.ModifiedAt = cmp.Or(in.Role, updated.Role), cmp.Or(in.Duration, updated.Duration), now
		if err := canGiveOut(tx, updated); err != nil {
			return err
		}
		return putRecord(tx, store.RoleAliasRecord, string(in.Name), updated)
	})
	return updated, err
}

// DeleteRoleAlias deletes a role alias.
func (s *Service) DeleteRoleAlias(ctx context.Context, name registry.RoleAliasName) error {
	return s.update(ctx, func(tx store.Tx) error {
		if _, err := existingRoleAlias(tx, name); err != nil {
			return err
		}
		return tx.DeleteRecord(store.RoleAliasRecord, string(name))
	})
}

// ListRoleAliasesOutput is one page.
type ListRoleAliasesOutput struct {
	Names     []registry.RoleAliasName
	NextToken string
}

// ListRoleAliases lists names, in alphabetical order or from the end of the alphabet. There are few, so each page reads all of them.
func (s *Service) ListRoleAliases(ctx context.Context, in OrderedPage) (out ListRoleAliasesOutput, err error) {
	after, err := cursorOf[registry.RoleAliasName](in.Page)
	if err != nil {
		return ListRoleAliasesOutput{}, err
	}
	var names []registry.RoleAliasName
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		records, err := tx.Records(store.RoleAliasRecord, "", registry.MaxRoleAliases)
		names = make([]registry.RoleAliasName, len(records))
		for i, record := range records {
			names[i] = registry.RoleAliasName(record.ID)
		}
		return err
	})
	if err != nil {
		return ListRoleAliasesOutput{}, err
	}
	if !in.Ascending {
		slices.Reverse(names)
	}
	names = slices.DeleteFunc(names, func(name registry.RoleAliasName) bool {
		return after != "" && (name == after || (name < after) == in.Ascending)
	})
	if size := in.size(); len(names) > size {
		names = names[:size]
		out.NextToken, err = tokenOf(names[size-1])
	}
	out.Names = names
	return out, err
}

func readRoleAlias(tx store.ReadTx, name registry.RoleAliasName) (*registry.RoleAlias, error) {
	return readRecord[registry.RoleAlias](tx, store.RoleAliasRecord, string(name))
}

// existingRoleAlias finds a role alias or refuses.
func existingRoleAlias(tx store.ReadTx, name registry.RoleAliasName) (*registry.RoleAlias, error) {
	found, err := readRoleAlias(tx, name)
	if err == nil && found == nil {
		err = jobs.Errorf(jobs.ResourceNotFound, "Role alias %s cannot be found.", name)
	}
	return found, err
}
