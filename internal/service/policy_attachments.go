package service

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// PolicyAttachmentInput names a policy and what it is attached to.
type PolicyAttachmentInput struct {
	Policy registry.PolicyName
	Target registry.PolicyTarget
}

// AttachPolicy attaches a policy to a certificate or a thing group. Again is success.
func (s *Service) AttachPolicy(ctx context.Context, in PolicyAttachmentInput) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		if _, err := existingPolicy(tx, in.Policy); err != nil {
			return err
		}
		key, err := attachableTarget(tx, in.Target)
		if err != nil {
			return err
		}
		attached, err := allUnder(tx, store.TargetPolicyRecord, key+"/")
		if err != nil {
			return err
		}
		for _, record := range attached {
			if part(record, key+"/") == string(in.Policy) {
				return nil
			}
		}
		if len(attached) >= registry.MaxPoliciesOfTarget {
			return jobs.Errorf(jobs.LimitExceeded, "%d policies are attached to the target, which is the most.", len(attached))
		}
		number, err := tx.NextNumber()
		if err != nil {
			return err
		}
		change.target(in.Target)
		return errors.Join(
			targetsOf(in.Policy).add(tx, number, key),
			tx.PutRecord(store.TargetPolicyRecord, key+"/"+string(in.Policy), strconv.AppendUint(nil, number, 10)),
		)
	})
}

// DetachPolicy detaches a policy. What is not attached, or does not exist, is success: AWS's model knows no ResourceNotFound here.
func (s *Service) DetachPolicy(ctx context.Context, in PolicyAttachmentInput) error {
	return s.detachPolicy(ctx, in, nil)
}

// DetachPrincipalPolicy is the older operation, which does not take a policy or a principal that does not exist for success.
func (s *Service) DetachPrincipalPolicy(ctx context.Context, in PolicyAttachmentInput) error {
	return s.detachPolicy(ctx, in, func(tx store.ReadTx) error {
		if _, err := existingPolicy(tx, in.Policy); err != nil {
			return err
		}
		_, err := existingTarget(tx, in.Target)
		return err
	})
}

func (s *Service) detachPolicy(ctx context.Context, in PolicyAttachmentInput, check func(store.ReadTx) error) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		if check != nil {
			if err := check(tx); err != nil {
				return err
			}
		}
		key, err := targetKey(tx, in.Target)
		if err != nil || key == "" {
			return err
		}
		change.target(in.Target)
		return detach(tx, key, in.Policy)
	})
}

func (c *IdentityChange) target(t registry.PolicyTarget) {
	if t.Group != "" {
		c.Everybody = true
		return
	}
	c.certificate(t.Certificate)
}

// detach takes a policy off a target; one that is not attached stays so.
func detach(tx store.Tx, key string, name registry.PolicyName) error {
	id := key + "/" + string(name)
	raw, err := tx.Record(store.TargetPolicyRecord, id)
	if err != nil || raw == nil {
		return err
	}
	number, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil {
		return fmt.Errorf("decode attachment %s: %w", id, err)
	}
	return errors.Join(targetsOf(name).remove(tx, number), tx.DeleteRecord(store.TargetPolicyRecord, id))
}

// detachAll takes all policies off a target that is about to go.
func detachAll(tx store.Tx, key string) error {
	names, err := attachedPolicies(tx, key)
	for _, name := range names {
		err = errors.Join(err, detach(tx, key, name))
	}
	return err
}
