package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"iotjobs/internal/jobs"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// CreatePolicyInput is a new policy.
type CreatePolicyInput struct {
	Name     registry.PolicyName
	Document string
}

// CreatePolicy makes a policy with one version, which is in force. The same name again is a conflict, whatever the document.
func (s *Service) CreatePolicy(ctx context.Context, in CreatePolicyInput) (PolicyDescription, error) {
	if err := wellFormed(in.Document); err != nil {
		return PolicyDescription{}, err
	}
	now, generation := s.Now(), s.newID()
	created := &registry.Policy{
		Name: in.Name, GenerationID: generation, Default: 1, LastVersion: 1,
		Versions: []registry.PolicyVersion{{ID: 1, CreatedAt: now}}, CreatedAt: now, ModifiedAt: now,
	}
	err := s.update(ctx, func(tx store.Tx) error {
		found, err := readPolicy(tx, in.Name)
		if err != nil {
			return err
		}
		if found != nil {
			return &jobs.Error{
				Code: jobs.ResourceAlreadyExists, Resource: string(in.Name),
				Message: fmt.Sprintf("Policy cannot be created - name already exists (name=%s)", in.Name),
			}
		}
		if created.Number, err = tx.NextNumber(); err != nil {
			return err
		}
		if err := policiesMade.add(tx, created.Number, string(in.Name)); err != nil {
			return err
		}
		return errors.Join(putPolicy(tx, created), putDocument(tx, in.Name, 1, in.Document))
	})
	return PolicyDescription{Policy: created, Version: created.Versions[0], Document: in.Document}, err
}

// wellFormed refuses documents that are no IoT Core policy, with the place.
func wellFormed(document string) error {
	if _, err := policy.Parse([]byte(document), policy.IoTCore); err != nil {
		return jobs.Errorf(jobs.MalformedPolicy, "Policy document is malformed: %s", sentence(err.Error()))
	}
	return nil
}

func sentence(text string) string { return strings.TrimSuffix(text, ".") + "." }

// PolicyDescription is a policy with one of its versions.
type PolicyDescription struct {
	Policy   *registry.Policy
	Version  registry.PolicyVersion
	Document string
}

// IsDefault tells whether the version is the one in force.
func (d PolicyDescription) IsDefault() bool { return d.Version.ID == d.Policy.Default }

// GetPolicy shows a policy with the version that is in force.
func (s *Service) GetPolicy(ctx context.Context, name registry.PolicyName) (out PolicyDescription, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		found, err := existingPolicy(tx, name)
		if err != nil {
			return err
		}
		out, err = describeVersion(tx, found, found.Default)
		return err
	})
	return out, err
}

func describeVersion(tx store.ReadTx, p *registry.Policy, id registry.PolicyVersionID) (PolicyDescription, error) {
	version, err := existingVersion(p, id)
	if err != nil {
		return PolicyDescription{}, err
	}
	document, err := tx.Record(store.PolicyDocumentRecord, documentID(p.Name, id))
	return PolicyDescription{Policy: p, Version: version, Document: string(document)}, err
}

// ListPoliciesOutput is one page.
type ListPoliciesOutput struct {
	Policies  []registry.PolicyName
	NextToken string
}

// ListPolicies lists policies in the order of their creation.
func (s *Service) ListPolicies(ctx context.Context, in OrderedPage) (out ListPoliciesOutput, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		row := func(name string) (*registry.PolicyName, error) { return new(registry.PolicyName(name)), nil }
		names, token, err := page(tx, policiesMade, in, row)
		out = ListPoliciesOutput{NextToken: token}
		for _, name := range names {
			out.Policies = append(out.Policies, *name)
		}
		return err
	})
	return out, err
}

// DeletePolicy deletes a policy that is attached to nothing and has no version but the one in force, which goes with it (CTRL-3.5.19).
func (s *Service) DeletePolicy(ctx context.Context, name registry.PolicyName) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		found, err := existingPolicy(tx, name)
		if err != nil {
			return err
		}
		if len(found.Versions) > 1 {
			return jobs.Errorf(jobs.DeleteConflict, "Cannot delete the policy because it has one or more policy versions attached to it (name=%s)", name)
		}
		targets, err := recordsUnder(tx, store.CreationOrderRecord, string(targetsOf(name)), "", 1)
		if err != nil {
			return err
		}
		if len(targets) > 0 {
			return jobs.Errorf(jobs.DeleteConflict, "The policy cannot be deleted as the policy is attached to one or more principals (name=%s)", name)
		}
		change.Everybody = true // a later policy may have the name
		return errors.Join(
			policiesMade.remove(tx, found.Number),
			tx.DeleteRecord(store.PolicyDocumentRecord, documentID(name, found.Default)),
			tx.DeleteRecord(store.PolicyRecord, string(name)),
		)
	})
}

// readPolicy finds a policy; nil if there is none.
func readPolicy(tx store.ReadTx, name registry.PolicyName) (*registry.Policy, error) {
	return readRecord[registry.Policy](tx, store.PolicyRecord, string(name))
}

// existingPolicy finds a policy or refuses.
func existingPolicy(tx store.ReadTx, name registry.PolicyName) (*registry.Policy, error) {
	found, err := readPolicy(tx, name)
	if err == nil && found == nil {
		err = jobs.Errorf(jobs.ResourceNotFound, "Policy %s cannot be found.", name)
	}
	return found, err
}

func existingVersion(p *registry.Policy, id registry.PolicyVersionID) (registry.PolicyVersion, error) {
	version, ok := p.Version(id)
	if !ok {
		return version, jobs.Errorf(jobs.ResourceNotFound, "Policy %s version %d cannot be found.", p.Name, id)
	}
	return version, nil
}

func putPolicy(tx store.Tx, p *registry.Policy) error {
	return putRecord(tx, store.PolicyRecord, string(p.Name), p)
}

func documentID(name registry.PolicyName, id registry.PolicyVersionID) string {
	return fmt.Sprintf("%s/%d", name, id)
}

func putDocument(tx store.Tx, name registry.PolicyName, id registry.PolicyVersionID, document string) error {
	return tx.PutRecord(store.PolicyDocumentRecord, documentID(name, id), []byte(document))
}

// defaultDocument is the text of the version in force.
func defaultDocument(tx store.ReadTx, name registry.PolicyName) (string, error) {
	found, err := existingPolicy(tx, name)
	if err != nil {
		return "", err
	}
	described, err := describeVersion(tx, found, found.Default)
	return described.Document, err
}
