package service

import (
	"context"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// GetEffectivePoliciesInput names a device: by its principal, by its thing, or by both. Principal is the zero value for none.
type GetEffectivePoliciesInput struct {
	Principal registry.PolicyTarget
	Thing     registry.ThingName
}

// GetEffectivePolicies lists, by name, the policies that a device is judged by (CTRL-3.5.20): those of a certificate, and if it is attached to the
// thing those of the thing's groups; without a certificate those of the thing's groups, or of a group and of the groups above it.
func (s *Service) GetEffectivePolicies(ctx context.Context, in GetEffectivePoliciesInput) (policies []registry.EffectivePolicy, err error) {
	if in.Principal == (registry.PolicyTarget{}) && in.Thing == "" {
		return nil, jobs.Errorf(jobs.InvalidRequest, "Either principal or thingName must be specified.")
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		names, err := effective(tx, in)
		policies = nil
		for _, name := range names {
			document, err := defaultDocument(tx, name)
			if err != nil {
				return err
			}
			policies = append(policies, registry.EffectivePolicy{Name: name, Document: document})
		}
		return err
	})
	return policies, err
}

func effective(tx store.ReadTx, in GetEffectivePoliciesInput) (names []registry.PolicyName, err error) {
	var thing *registry.Thing
	if in.Thing != "" {
		view, err := tx.Thing(in.Thing)
		if err != nil {
			return nil, err
		}
		if thing = view.Thing; thing == nil {
			return nil, thingNotFound(in.Thing)
		}
	}
	switch {
	case in.Principal.Certificate != "":
		if _, err := existingCertificate(tx, in.Principal.Certificate); err != nil {
			return nil, err
		}
		attached, err := attachedThing(tx, in.Principal.Certificate, in.Thing)
		if err != nil {
			return nil, err
		}
		return policiesOf(tx, in.Principal.Certificate, attached)
	case in.Principal.Group != "":
		group, err := existingGroup(tx, in.Principal.Group)
		if err != nil {
			return nil, err
		}
		if names, err = policiesOfGroup(tx, group); err != nil || thing == nil {
			return names, err
		}
	}
	ofThing, err := policiesOfGroups(tx, thing)
	return union(names, ofThing), err
}
