package service

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// Authority is what a certificate may do as things are now, when it acts as a certain thing. It is shared: nobody changes what is in it.
type Authority struct {
	// Certificate has no PEM here; nil when no such certificate is registered, and then nothing else is set. Whoever asks looks at its Status.
	Certificate *registry.Certificate
	// Thing is the thing itself, for policy variables; nil unless the certificate is attached to it.
	Thing *registry.Thing
	// Policies are those in force, by name, each once: those of the certificate and, if it is attached to the thing, those of the thing's
	// groups and the groups above them (CTRL-3.5.20). They are default versions, ready for policy.Evaluate.
	Policies []policy.Named
}

// Context tells policies about the thing of the connection (HTTP-8.6), and leaves all other keys to more, which may be nil. A thing that the
// certificate is not attached to has no name here, as AWS documents it: only that it is not attached is known.
func (a Authority) Context(more policy.Context) policy.Context {
	return func(key string) []string {
		name, ofThing := strings.CutPrefix(key, "iot:connection.thing.")
		switch {
		case !ofThing && more == nil:
			return nil
		case !ofThing:
			return more(key)
		case name == "isattached":
			return []string{strconv.FormatBool(a.Thing != nil)}
		case a.Thing == nil:
			return nil
		case name == "thingname":
			return []string{string(a.Thing.Name)}
		case name == "thingtypename":
			return one(string(a.Thing.Type))
		}
		attribute, found := strings.CutPrefix(name, "attributes[")
		if !found {
			return nil
		}
		return one(a.Thing.Attributes[strings.TrimSuffix(attribute, "]")])
	}
}

// one is no value for an empty text.
func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// Authority reads what a certificate may do as a thing: the one that a path names, or that is called like an MQTT client id; any other text and
// none are as good as an unattached thing. It is cheap enough for every request: answers are kept in memory until a change concerns them,
// and none is older than the last change that was acknowledged.
func (s *Service) Authority(ctx context.Context, id registry.CertificateID, thing registry.ThingName) (Authority, error) {
	if err := s.identityFresh(); err != nil {
		return Authority{}, err
	}
	authority, ok, generation := s.authorities.get(id, thing)
	if ok {
		return authority, nil
	}
	err := s.Store.View(ctx, func(tx store.ReadTx) (err error) {
		authority, err = s.readAuthority(tx, id, thing, generation)
		return err
	})
	if err == nil {
		s.authorities.put(id, thing, authority, generation)
	}
	return authority, err
}

func (s *Service) readAuthority(tx store.ReadTx, id registry.CertificateID, name registry.ThingName, generation int) (a Authority, err error) {
	if a.Certificate, err = certificate(tx, id); err != nil || a.Certificate == nil {
		return Authority{}, err
	}
	if a.Thing, err = attachedThing(tx, id, name); err != nil {
		return Authority{}, err
	}
	names, err := policiesOf(tx, id, a.Thing)
	if err != nil {
		return Authority{}, err
	}
	a.Policies, err = s.inForce(tx, names, generation)
	return a, err
}

// attachedThing is the thing, if the certificate is attached to it; nil without an error if it is not.
func attachedThing(tx store.ReadTx, id registry.CertificateID, name registry.ThingName) (*registry.Thing, error) {
	attached, err := tx.Record(store.PrincipalThingRecord, principalThingID(id, name))
	if err != nil || attached == nil {
		return nil, err
	}
	view, err := tx.Thing(name)
	if err != nil {
		return nil, err
	}
	return view.Thing.Clone(), nil // a thing that is attached cannot be deleted
}

// policiesOf are those of a certificate and of the groups of its thing, which may be nil.
func policiesOf(tx store.ReadTx, id registry.CertificateID, thing *registry.Thing) ([]registry.PolicyName, error) {
	names, err := attachedPolicies(tx, certificateKey(id))
	if err != nil || thing == nil {
		return names, err
	}
	ofGroups, err := policiesOfGroups(tx, thing)
	return union(names, ofGroups), err
}

// policiesOfGroups are the policies of the groups that a thing is in and of those above them. A group that is being deleted no longer counts,
// whatever its things still say.
func policiesOfGroups(tx store.ReadTx, thing *registry.Thing) (names []registry.PolicyName, err error) {
	direct, err := groupsNumbered(tx, thing.DirectGroups())
	if err != nil {
		return nil, err
	}
	for _, group := range direct {
		attached, err := policiesOfGroup(tx, group)
		if err != nil {
			return nil, err
		}
		names = union(names, attached)
	}
	return names, nil
}

// policiesOfGroup are those of a group and of the groups above it.
func policiesOfGroup(tx store.ReadTx, group *registry.ThingGroup) (names []registry.PolicyName, err error) {
	for _, number := range append(slices.Clone(group.Path), group.Number) {
		attached, err := attachedPolicies(tx, groupKey(number))
		if err != nil {
			return nil, err
		}
		names = union(names, attached)
	}
	return names, nil
}

// union is by name, each once.
func union(a, b []registry.PolicyName) []registry.PolicyName {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// inForce reads the default versions of policies, compiled.
func (s *Service) inForce(tx store.ReadTx, names []registry.PolicyName, generation int) ([]policy.Named, error) {
	policies := make([]policy.Named, len(names))
	for i, name := range names {
		if known, ok := s.authorities.policy(name); ok {
			policies[i] = known
			continue
		}
		text, err := defaultDocument(tx, name)
		if err != nil {
			return nil, err
		}
		document, err := policy.Parse([]byte(text), policy.IoTCore)
		if err != nil {
			return nil, fmt.Errorf("compile policy %s: %w", name, err)
		}
		policies[i] = policy.Named{Name: string(name), Document: document}
		s.authorities.putPolicy(policies[i], generation)
	}
	return policies, nil
}
