package service

import (
	"context"
	"errors"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// CreatePolicyVersionInput is a new version of a policy.
type CreatePolicyVersionInput struct {
	Name     registry.PolicyName
	Document string
	// Default puts the version in force at once.
	Default bool
}

// CreatePolicyVersion gives a policy a further version, of at most registry.MaxPolicyVersions.
func (s *Service) CreatePolicyVersion(ctx context.Context, in CreatePolicyVersionInput) (out PolicyDescription, err error) {
	if err := wellFormed(in.Document); err != nil {
		return out, err
	}
	now := s.Now()
	err = s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		found, err := existingPolicy(tx, in.Name)
		if err != nil {
			return err
		}
		if n := len(found.Versions); n >= registry.MaxPolicyVersions {
			return jobs.Errorf(jobs.VersionsLimitExceeded, "The policy %s already has the maximum number of versions (%d)", in.Name, registry.MaxPolicyVersions)
		}
		found.LastVersion++
		version := registry.PolicyVersion{ID: found.LastVersion, CreatedAt: now}
		found.Versions, found.ModifiedAt = append(found.Versions, version), now
		if in.Default {
			found.Default, change.Everybody = version.ID, true
		}
		out = PolicyDescription{Policy: found, Version: version, Document: in.Document}
		return errors.Join(putPolicy(tx, found), putDocument(tx, in.Name, version.ID, in.Document))
	})
	return out, err
}

// PolicyVersionInput names a version of a policy.
type PolicyVersionInput struct {
	Name    registry.PolicyName
	Version registry.PolicyVersionID
}

// GetPolicyVersion shows a version of a policy.
func (s *Service) GetPolicyVersion(ctx context.Context, in PolicyVersionInput) (out PolicyDescription, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		found, err := existingPolicy(tx, in.Name)
		if err != nil {
			return err
		}
		out, err = describeVersion(tx, found, in.Version)
		return err
	})
	return out, err
}

// ListPolicyVersions shows a policy with its versions, the oldest first.
func (s *Service) ListPolicyVersions(ctx context.Context, name registry.PolicyName) (found *registry.Policy, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		found, err = existingPolicy(tx, name)
		return err
	})
	return found, err
}

// SetDefaultPolicyVersion puts a version in force, from the answer on.
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, in PolicyVersionInput) error {
	now := s.Now()
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		found, err := existingPolicy(tx, in.Name)
		if err != nil {
			return err
		}
		if _, err := existingVersion(found, in.Version); err != nil {
			return err
		}
		found.Default, found.ModifiedAt, change.Everybody = in.Version, now, true
		return putPolicy(tx, found)
	})
}

// DeletePolicyVersion deletes a version that is not in force.
func (s *Service) DeletePolicyVersion(ctx context.Context, in PolicyVersionInput) error {
	now := s.Now()
	return s.update(ctx, func(tx store.Tx) error {
		found, err := existingPolicy(tx, in.Name)
		if err != nil {
			return err
		}
		if _, err := existingVersion(found, in.Version); err != nil {
			return err
		}
		if in.Version == found.Default {
			return jobs.Errorf(jobs.DeleteConflict, "Cannot delete the default version of a policy (name=%s, version=%d)", in.Name, in.Version)
		}
		found.Versions = slices.DeleteFunc(found.Versions, func(v registry.PolicyVersion) bool { return v.ID == in.Version })
		found.ModifiedAt = now
		return errors.Join(putPolicy(tx, found), tx.DeleteRecord(store.PolicyDocumentRecord, documentID(in.Name, in.Version)))
	})
}
