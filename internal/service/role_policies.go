package service

import (
	"context"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// RolePolicyInput names a policy of a role; Document is for putting it.
type RolePolicyInput struct {
	Role     registry.RoleName
	Name     registry.PolicyName
	Document string
}

// PutRolePolicy gives a role a policy, or another document to the one of this name. It holds from the answer on, also for credentials that were given
// out before.
func (s *Service) PutRolePolicy(ctx context.Context, in RolePolicyInput) error {
	if err := checkInlinePolicy(in.Name, in.Document); err != nil {
		return err
	}
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		role, err := existingRole(tx, in.Role)
		if err != nil {
			return err
		}
		policies, err := policiesOfRole(tx, role.ID)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(policies, func(p registry.RolePolicy) bool { return p.Name == in.Name })
		if !known && len(policies) >= registry.MaxPoliciesOfRole {
			return jobs.Errorf(jobs.LimitExceeded, "Role %s has %d policies already, the most that a role may have.", in.Role, len(policies))
		}
		change.Everybody = true
		return tx.PutRecord(store.RolePolicyRecord, rolePolicyID(role.ID, in.Name), []byte(in.Document))
	})
}

// DeleteRolePolicy takes a policy from a role.
func (s *Service) DeleteRolePolicy(ctx context.Context, in RolePolicyInput) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		role, err := existingRole(tx, in.Role)
		if err != nil {
			return err
		}
		id := rolePolicyID(role.ID, in.Name)
		document, err := tx.Record(store.RolePolicyRecord, id)
		if err != nil {
			return err
		}
		if document == nil {
			return jobs.Errorf(jobs.ResourceNotFound, "Role %s has no policy %s.", in.Role, in.Name)
		}
		change.Everybody = true
		return tx.DeleteRecord(store.RolePolicyRecord, id)
	})
}

// policiesOfRole are its policies, by name.
func policiesOfRole(tx store.ReadTx, id registry.RoleID) ([]registry.RolePolicy, error) {
	prefix := rolePolicyID(id, "")
	records, err := allUnder(tx, store.RolePolicyRecord, prefix)
	policies := make([]registry.RolePolicy, len(records))
	for i, record := range records {
		policies[i] = registry.RolePolicy{Name: registry.PolicyName(part(record, prefix)), Document: string(record.Value)}
	}
	return policies, err
}

func rolePolicyID(id registry.RoleID, name registry.PolicyName) string {
	return string(id) + "/" + string(name)
}
