package service

import (
	"context"
	"maps"
	"slices"
	"strings"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// TestAuthorizationInput asks what would be decided, without doing it.
type TestAuthorizationInput struct {
	// Certificate is empty for a caller that has the policies in Add and no others.
	Certificate registry.CertificateID
	// ClientID is that of the MQTT connection, and names its thing; empty for none.
	ClientID string
	Asked    []registry.AuthorizationQuestion
	// Add and Skip are policies that are taken for attached, and for not attached.
	Add, Skip []registry.PolicyName
}

// TestAuthorization evaluates the policies that a device would have with this certificate and client id. The state of the certificate is not
// asked: it decides before any policy does.
func (s *Service) TestAuthorization(ctx context.Context, in TestAuthorizationInput) (answers []registry.AuthorizationAnswer, err error) {
	generation := s.authorities.current()
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		authority, about, err := s.testedAuthority(tx, in, generation)
		if err != nil {
			return err
		}
		added, err := s.inForce(tx, in.Add, generation)
		if err != nil {
			return err
		}
		policies := withPolicies(authority.Policies, added, in.Skip)
		answers = nil
		for _, asked := range in.Asked {
			answers = append(answers, answer(policies, asked, authority.Context(about)))
		}
		return nil
	})
	return answers, err
}

// testedAuthority is what the certificate may do, and what policies may know of it beside its thing.
func (s *Service) testedAuthority(tx store.ReadTx, in TestAuthorizationInput, generation int) (Authority, policy.Context, error) {
	keys := map[string][]string{}
	var authority Authority
	if in.Certificate != "" {
		found, err := existingCertificate(tx, in.Certificate)
		if err != nil {
			return authority, nil, err
		}
		if err := readPEM(tx, found); err != nil {
			return authority, nil, err
		}
		cert, err := registry.ParseCertificate(found.PEM)
		if err != nil {
			return authority, nil, err
		}
		maps.Copy(keys, policy.CertificateContext(cert))
		if authority, err = s.readAuthority(tx, in.Certificate, registry.ThingName(in.ClientID), generation); err != nil {
			return authority, nil, err
		}
	}
	if in.ClientID != "" {
		keys["iot:clientid"] = []string{in.ClientID}
	}
	return authority, func(key string) []string { return keys[key] }, nil
}

// withPolicies adds and skips policies, each once, by name.
func withPolicies(attached, added []policy.Named, skip []registry.PolicyName) []policy.Named {
	all := slices.Concat(attached, added)
	slices.SortStableFunc(all, func(a, b policy.Named) int { return strings.Compare(a.Name, b.Name) })
	all = slices.CompactFunc(all, func(a, b policy.Named) bool { return a.Name == b.Name })
	return slices.DeleteFunc(all, func(p policy.Named) bool { return slices.Contains(skip, registry.PolicyName(p.Name)) })
}

func answer(policies []policy.Named, asked registry.AuthorizationQuestion, context policy.Context) registry.AuthorizationAnswer {
	missing := map[string]bool{}
	recording := func(key string) []string {
		values := context(key)
		if len(values) == 0 {
			missing[variableName(key)] = true
		}
		return values
	}
	a := registry.AuthorizationAnswer{Asked: asked, Decision: registry.AuthAllowed}
	for _, resource := range asked.Resources {
		request := policy.Request{Action: asked.Action, Resource: resource, Context: recording}
		a.Decision = worse(a.Decision, decisionOf(policy.Evaluate(policies, request)))
		for _, one := range policies {
			// Each alone, to say which part it has.
			switch list := []policy.Named{one}; decisionOf(policy.Evaluate(list, request)) {
			case registry.AuthAllowed:
				a.Allow = append(a.Allow, registry.PolicyName(one.Name))
			case registry.AuthExplicitDeny:
				a.Deny = append(a.Deny, registry.PolicyName(one.Name))
			case registry.AuthImplicitDeny:
				a.NoMatch = append(a.NoMatch, registry.PolicyName(one.Name))
			}
		}
	}
	a.Allow, a.NoMatch, a.Deny = union(a.Allow, nil), union(a.NoMatch, nil), union(a.Deny, nil)
	a.MissingContext = slices.Sorted(maps.Keys(missing))
	return a
}

func decisionOf(d policy.Decision) registry.AuthDecision {
	switch {
	case d.Allowed:
		return registry.AuthAllowed
	case d.ExplicitDeny:
		return registry.AuthExplicitDeny
	default:
		return registry.AuthImplicitDeny
	}
}

func worse(a, b registry.AuthDecision) registry.AuthDecision {
	order := []registry.AuthDecision{registry.AuthAllowed, registry.AuthImplicitDeny, registry.AuthExplicitDeny}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// variableName spells a context key as AWS's documentation does, where it is one of the common ones; policy asks in lower case.
func variableName(key string) string {
	for _, name := range []string{
		"iot:ClientId", "iot:DomainName", "aws:SourceIp", "iot:Connection.Thing.ThingName", "iot:Connection.Thing.ThingTypeName",
	} {
		if strings.EqualFold(name, key) {
			return name
		}
	}
	if attribute, ok := strings.CutPrefix(key, "iot:connection.thing.attributes"); ok {
		return "iot:Connection.Thing.Attributes" + attribute
	}
	return key
}
