package service

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// ListAttachedPoliciesInput names a target. Recursive adds, for a thing group, the policies of the groups above it.
type ListAttachedPoliciesInput struct {
	Target    registry.PolicyTarget
	Recursive bool
	Page      Page
}

// ListAttachedPolicies lists the policies of a certificate or a thing group by name.
func (s *Service) ListAttachedPolicies(ctx context.Context, in ListAttachedPoliciesInput) (out ListPoliciesOutput, err error) {
	after, err := cursorOf[registry.PolicyName](in.Page)
	if err != nil {
		return out, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		key, err := existingTarget(tx, in.Target)
		if err != nil {
			return err
		}
		names, err := attachedPolicies(tx, key)
		if err != nil {
			return err
		}
		if in.Recursive && in.Target.Group != "" {
			group, err := existingGroup(tx, in.Target.Group)
			if err != nil {
				return err
			}
			if names, err = policiesOfGroup(tx, group); err != nil {
				return err
			}
		}
		names = slices.DeleteFunc(names, func(name registry.PolicyName) bool { return name <= after })
		out = ListPoliciesOutput{Policies: names[:min(len(names), in.Page.size())]}
		if len(out.Policies) < len(names) {
			out.NextToken, err = tokenOf(out.Policies[len(out.Policies)-1])
		}
		return err
	})
	return out, err
}

// ListPrincipalPoliciesInput names a target.
type ListPrincipalPoliciesInput struct {
	Target registry.PolicyTarget
	Page   OrderedPage
}

// ListPrincipalPolicies is the older ListAttachedPolicies: in the order in which the policies were attached. They are few; paging cuts them all
// the same.
func (s *Service) ListPrincipalPolicies(ctx context.Context, in ListPrincipalPoliciesInput) (out ListPoliciesOutput, err error) {
	skip, err := cursorOf[int](in.Page.Page)
	if err != nil {
		return out, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		key, err := existingTarget(tx, in.Target)
		if err != nil {
			return err
		}
		attached, err := allUnder(tx, store.TargetPolicyRecord, key+"/")
		if err != nil {
			return err
		}
		slices.SortFunc(attached, func(a, b store.Record) int {
			order := cmp.Or(cmp.Compare(len(a.Value), len(b.Value)), bytes.Compare(a.Value, b.Value)) // numbers
			if in.Page.Ascending {
				return order
			}
			return -order
		})
		attached = attached[min(max(skip, 0), len(attached)):]
		shown := attached[:min(len(attached), in.Page.size())]
		out = ListPoliciesOutput{}
		for _, record := range shown {
			out.Policies = append(out.Policies, registry.PolicyName(part(record, key+"/")))
		}
		if len(shown) < len(attached) {
			out.NextToken, err = tokenOf(skip + len(shown))
		}
		return err
	})
	return out, err
}

// ListTargetsForPolicyInput names a policy. Certificates leaves out the thing groups.
type ListTargetsForPolicyInput struct {
	Policy       registry.PolicyName
	Certificates bool
	Page         OrderedPage
}

// ListTargetsForPolicyOutput is one page.
type ListTargetsForPolicyOutput struct {
	Targets   []registry.PolicyTarget
	NextToken string
}

// ListTargetsForPolicy lists what a policy is attached to, in the order in which it was.
func (s *Service) ListTargetsForPolicy(ctx context.Context, in ListTargetsForPolicyInput) (out ListTargetsForPolicyOutput, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		if _, err := existingPolicy(tx, in.Policy); err != nil {
			return err
		}
		row := func(key string) (*registry.PolicyTarget, error) {
			target, err := targetOf(tx, key)
			if err != nil || in.Certificates && target.Certificate == "" {
				return nil, err
			}
			return &target, nil
		}
		targets, token, err := page(tx, targetsOf(in.Policy), in.Page, row)
		out = ListTargetsForPolicyOutput{NextToken: token}
		for _, target := range targets {
			out.Targets = append(out.Targets, *target)
		}
		return err
	})
	return out, err
}
