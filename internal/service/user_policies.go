package service

import (
	"context"
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// UserPolicyInput names a policy of a user; Document is for putting it.
type UserPolicyInput struct {
	User     registry.UserName
	Name     registry.PolicyName
	Document string
}

// PutUserPolicy gives a user a policy, or another document to the one of this name. It holds from the answer on.
func (s *Service) PutUserPolicy(ctx context.Context, in UserPolicyInput) error {
	if err := checkInlinePolicy(in.Name, in.Document); err != nil {
		return err
	}
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		user, err := existingUser(tx, in.User)
		if err != nil {
			return err
		}
		policies, err := policiesOfUser(tx, user.ID)
		if err != nil {
			return err
		}
		others := 0
		for _, p := range policies {
			if p.Name != in.Name {
				others++
			}
		}
		if others >= registry.MaxPoliciesOfUser {
			return jobs.Errorf(jobs.LimitExceeded, "User %s has %d policies already, the most that a user may have.", in.User, others)
		}
		change.Users = append(change.Users, user.ID)
		return tx.PutRecord(store.UserPolicyRecord, userPolicyID(user.ID, in.Name), []byte(in.Document))
	})
}

// DeleteUserPolicy takes a policy from a user.
func (s *Service) DeleteUserPolicy(ctx context.Context, in UserPolicyInput) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		user, err := existingUser(tx, in.User)
		if err != nil {
			return err
		}
		id := userPolicyID(user.ID, in.Name)
		document, err := tx.Record(store.UserPolicyRecord, id)
		if err != nil {
			return err
		}
		if document == nil {
			return jobs.Errorf(jobs.ResourceNotFound, "User %s has no policy %s.", in.User, in.Name)
		}
		change.Users = append(change.Users, user.ID)
		return tx.DeleteRecord(store.UserPolicyRecord, id)
	})
}

// UserAuthority is what a user's policies say as things are now, by name, ready for policy.Evaluate; nothing of a user that is gone. It is as cheap
// and as fresh as Authority. It is shared: nobody changes what is in it.
func (s *Service) UserAuthority(ctx context.Context, id registry.UserID) ([]policy.Named, error) {
	if err := s.identityFresh(); err != nil {
		return nil, err
	}
	compiled, ok, generation := s.authorities.user(id)
	if ok {
		return compiled, nil
	}
	err := s.Store.View(ctx, func(tx store.ReadTx) error {
		policies, err := policiesOfUser(tx, id)
		if err != nil {
			return err
		}
		compiled = make([]policy.Named, len(policies))
		for i, p := range policies {
			document, err := policy.Parse([]byte(p.Document), policy.IAM)
			if err != nil {
				return fmt.Errorf("compile policy %s of user %s: %w", p.Name, id, err)
			}
			compiled[i] = policy.Named{Name: string(p.Name), Document: document}
		}
		return nil
	})
	if err == nil {
		s.authorities.putUser(id, compiled, generation)
	}
	return compiled, err
}

// policiesOfUser are his policies, by name.
func policiesOfUser(tx store.ReadTx, id registry.UserID) ([]registry.UserPolicy, error) {
	prefix := userPolicyID(id, "")
	records, err := allUnder(tx, store.UserPolicyRecord, prefix)
	policies := make([]registry.UserPolicy, len(records))
	for i, record := range records {
		policies[i] = registry.UserPolicy{Name: registry.PolicyName(part(record, prefix)), Document: string(record.Value)}
	}
	return policies, err
}

func userPolicyID(id registry.UserID, name registry.PolicyName) string {
	return string(id) + "/" + string(name)
}
