package service

import (
	"context"
	"errors"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// ThingPrincipalInput names a thing and a certificate. Type is NON_EXCLUSIVE_THING when it is empty; detaching does not look at it.
type ThingPrincipalInput struct {
	Thing       registry.ThingName
	Certificate registry.CertificateID
	Type        registry.ThingPrincipalType
}

// AttachThingPrincipal attaches a certificate to a thing. Again is success, also with another type, which then holds (CTRL-3.5.18).
func (s *Service) AttachThingPrincipal(ctx context.Context, in ThingPrincipalInput) error {
	if in.Type == "" {
		in.Type = registry.NonExclusiveThing
	}
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		if err := existingThingAndCertificate(tx, in); err != nil {
			return err
		}
		if err := checkExclusive(tx, in); err != nil {
			return err
		}
		change.certificate(in.Certificate)
		return errors.Join(
			tx.PutRecord(store.ThingPrincipalRecord, thingPrincipalID(in.Thing, in.Certificate), []byte(in.Type)),
			tx.PutRecord(store.PrincipalThingRecord, principalThingID(in.Certificate, in.Thing), []byte(in.Type)),
		)
	})
}

// checkExclusive refuses a second thing beside one that is the certificate's only one, or is to be.
func checkExclusive(tx store.ReadTx, in ThingPrincipalInput) error {
	const self, other = 1, 1
	things, err := recordsUnder(tx, store.PrincipalThingRecord, principalThingID(in.Certificate, ""), "", self+other)
	if err != nil {
		return err
	}
	for _, record := range things {
		if record.ID == principalThingID(in.Certificate, in.Thing) {
			continue
		}
		if in.Type == registry.ExclusiveThing || string(record.Value) == string(registry.ExclusiveThing) {
			return jobs.Errorf(jobs.InvalidRequest, "Certificate %s is attached to thing %s, so that it cannot have the thing %s with thingPrincipalType %s.",
				in.Certificate, part(record, principalThingID(in.Certificate, "")), in.Thing, in.Type)
		}
	}
	return nil
}

// DetachThingPrincipal detaches a certificate from a thing. One that is not attached is success.
func (s *Service) DetachThingPrincipal(ctx context.Context, in ThingPrincipalInput) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		if err := existingThingAndCertificate(tx, in); err != nil {
			return err
		}
		change.certificate(in.Certificate)
		return errors.Join(
			tx.DeleteRecord(store.ThingPrincipalRecord, thingPrincipalID(in.Thing, in.Certificate)),
			tx.DeleteRecord(store.PrincipalThingRecord, principalThingID(in.Certificate, in.Thing)),
		)
	})
}

func existingThingAndCertificate(tx store.ReadTx, in ThingPrincipalInput) error {
	view, err := tx.Thing(in.Thing)
	if err != nil {
		return err
	}
	if view.Thing == nil {
		return thingNotFound(in.Thing)
	}
	_, err = existingCertificate(tx, in.Certificate)
	return err
}

// ListThingPrincipalsInput names a thing. Type is empty for all.
type ListThingPrincipalsInput struct {
	Thing registry.ThingName
	Type  registry.ThingPrincipalType
	Page  Page
}

// ListThingPrincipalsOutput is one page.
type ListThingPrincipalsOutput struct {
	Attached  []registry.ThingPrincipal
	NextToken string
}

// ListThingPrincipals lists the certificates of a thing by id.
func (s *Service) ListThingPrincipals(ctx context.Context, in ListThingPrincipalsInput) (out ListThingPrincipalsOutput, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		view, err := tx.Thing(in.Thing)
		if err != nil {
			return err
		}
		if view.Thing == nil {
			return jobs.Errorf(jobs.ResourceNotFound, "Failed to list principals for thing %s because the thing does not exist in your account", in.Thing)
		}
		prefix := thingPrincipalID(in.Thing, "")
		records, token, err := attachments(tx, store.ThingPrincipalRecord, prefix, in.Type, in.Page)
		out = ListThingPrincipalsOutput{NextToken: token}
		for _, record := range records {
			out.Attached = append(out.Attached, registry.ThingPrincipal{
				Thing: in.Thing, Certificate: registry.CertificateID(part(record, prefix)), Type: registry.ThingPrincipalType(record.Value),
			})
		}
		return err
	})
	return out, err
}

// ListPrincipalThingsInput names a certificate. Type is empty for all.
type ListPrincipalThingsInput struct {
	Certificate registry.CertificateID
	Type        registry.ThingPrincipalType
	Page        Page
}

// ListPrincipalThings lists the things of a certificate by name.
func (s *Service) ListPrincipalThings(ctx context.Context, in ListPrincipalThingsInput) (out ListThingPrincipalsOutput, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		if _, err := existingCertificate(tx, in.Certificate); err != nil {
			return err
		}
		prefix := principalThingID(in.Certificate, "")
		records, token, err := attachments(tx, store.PrincipalThingRecord, prefix, in.Type, in.Page)
		out = ListThingPrincipalsOutput{NextToken: token}
		for _, record := range records {
			out.Attached = append(out.Attached, registry.ThingPrincipal{
				Thing: registry.ThingName(part(record, prefix)), Certificate: in.Certificate, Type: registry.ThingPrincipalType(record.Value),
			})
		}
		return err
	})
	return out, err
}

func attachments(tx store.ReadTx, kind store.RecordKind, prefix string, only registry.ThingPrincipalType, in Page) ([]store.Record, string, error) {
	after, err := cursorOf[string](in)
	if err != nil {
		return nil, "", err
	}
	list := func(after string, limit int) ([]store.Record, error) {
		return recordsUnder(tx, kind, prefix, after, limit)
	}
	match := func(r store.Record) bool { return only == "" || string(r.Value) == string(only) }
	return scan(in.size(), after, match, list, func(r store.Record) string { return r.ID })
}

// principalsOfThing are the certificates that are attached to a thing, by id.
func principalsOfThing(tx store.ReadTx, thing registry.ThingName) (ids []registry.CertificateID, err error) {
	prefix := thingPrincipalID(thing, "")
	records, err := allUnder(tx, store.ThingPrincipalRecord, prefix)
	for _, record := range records {
		ids = append(ids, registry.CertificateID(part(record, prefix)))
	}
	return ids, err
}

// notAttached refuses to delete a thing that has principals.
func notAttached(tx store.ReadTx, thing registry.ThingName) error {
	attached, err := recordsUnder(tx, store.ThingPrincipalRecord, thingPrincipalID(thing, ""), "", 1)
	if err == nil && len(attached) > 0 {
		err = jobs.Errorf(jobs.InvalidRequest, "Cannot delete. Thing %s is still attached to one or more principals", thing)
	}
	return err
}

// The ids of attachments; without the second part they are what the others begin with.
func thingPrincipalID(thing registry.ThingName, id registry.CertificateID) string {
	return string(thing) + "/" + string(id)
}

func principalThingID(id registry.CertificateID, thing registry.ThingName) string {
	return string(id) + "/" + string(thing)
}
