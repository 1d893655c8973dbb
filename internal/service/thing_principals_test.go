package service_test

import (
	"slices"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func TestThingPrincipals(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.things("a", "a-b", "b")
	first, second := w.issued(), w.issued()
	w.attachThing("a", first)
	w.attachThing("a", first) // again is success
	w.attachThing("b", first)
	w.attachThing("a-b", second)
	w.wantPrincipals("a", first)
	w.wantThings(first, "a", "b")
	w.wantThings(second, "a-b")

	refused(t, w.DeleteThing(t.Context(), "a", nil), jobs.InvalidRequest, "Cannot delete. Thing a is still attached to one or more principals")
	w.must(w.DetachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: "a", Certificate: first}))
	w.must(w.DetachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: "a", Certificate: first}))
	w.wantPrincipals("a")
	w.wantThings(first, "b")
	w.must(w.DeleteThing(t.Context(), "a", nil))
}

func (w *world) wantPrincipals(thing registry.ThingName, want ...registry.CertificateID) {
	w.t.Helper()
	out, err := w.ListThingPrincipals(w.t.Context(), service.ListThingPrincipalsInput{Thing: thing})
	w.must(err)
	var got []registry.CertificateID
	for _, p := range out.Attached {
		got = append(got, p.Certificate)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("thing %s has %q, want %q", thing, got, want)
	}
}

func (w *world) wantThings(id registry.CertificateID, want ...registry.ThingName) {
	w.t.Helper()
	var got []registry.ThingName
	for page := (service.Page{MaxResults: 1}); ; {
		out, err := w.ListPrincipalThings(w.t.Context(), service.ListPrincipalThingsInput{Certificate: id, Page: page})
		w.must(err)
		for _, p := range out.Attached {
			got = append(got, p.Thing)
		}
		if page.NextToken = out.NextToken; out.NextToken == "" || len(got) > 10 {
			break
		}
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("certificate %s has %q, want %q", id, got, want)
	}
}

func TestThingPrincipalRefusals(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.things("a")
	id := w.issued()
	for _, op := range []func(in service.ThingPrincipalInput) error{
		func(in service.ThingPrincipalInput) error { return w.AttachThingPrincipal(t.Context(), in) },
		func(in service.ThingPrincipalInput) error { return w.DetachThingPrincipal(t.Context(), in) },
	} {
		refused(t, op(service.ThingPrincipalInput{Thing: "none", Certificate: id}), jobs.ResourceNotFound, "Thing none cannot be found.")
		refused(t, op(service.ThingPrincipalInput{Thing: "a", Certificate: "none"}), jobs.ResourceNotFound, "Certificate none cannot be found.")
	}
	_, err := w.ListThingPrincipals(t.Context(), service.ListThingPrincipalsInput{Thing: "none"})
	refused(t, err, jobs.ResourceNotFound, "Failed to list principals for thing none because the thing does not exist in your account")
	_, err = w.ListPrincipalThings(t.Context(), service.ListPrincipalThingsInput{Certificate: "none"})
	refused(t, err, jobs.ResourceNotFound, "Certificate none cannot be found.")
	_, err = w.ListPrincipalThings(t.Context(), service.ListPrincipalThingsInput{Certificate: id, Page: service.Page{NextToken: "garbage!"}})
	refused(t, err, jobs.InvalidRequest, "Next token is invalid.")
}

func TestExclusiveThing(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.things("a", "b", "c")
	id := w.issued()
	attach := func(thing registry.ThingName, kind registry.ThingPrincipalType) error {
		return w.AttachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: thing, Certificate: id, Type: kind})
	}
	w.must(attach("a", registry.ExclusiveThing))
	refused(t, attach("b", ""), jobs.InvalidRequest,
		"Certificate "+string(id)+" is attached to thing a, so that it cannot have the thing b with thingPrincipalType NON_EXCLUSIVE_THING.")
	w.must(attach("a", registry.NonExclusiveThing)) // the type changes
	w.must(attach("b", ""))
	for _, thing := range []registry.ThingName{"a", "b", "c"} {
		wantCode(t, attach(thing, registry.ExclusiveThing), jobs.InvalidRequest)
	}
	only := func(kind registry.ThingPrincipalType) int {
		out, err := w.ListPrincipalThings(t.Context(), service.ListPrincipalThingsInput{Certificate: id, Type: kind})
		w.must(err)
		return len(out.Attached)
	}
	if only(registry.ExclusiveThing) != 0 || only(registry.NonExclusiveThing) != 2 {
		t.Error("the lists by type are wrong")
	}
}
