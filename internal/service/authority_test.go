package service_test

import (
	"context"
	"slices"
	"testing"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/faultstore"
)

// wantAuthority checks the policies in force for a certificate that acts as a thing, and whether it is attached to it.
func (w *world) wantAuthority(id registry.CertificateID, thing registry.ThingName, attached bool, want ...string) {
	w.t.Helper()
	a, err := w.Authority(w.t.Context(), id, thing)
	w.must(err)
	var got []string
	for _, p := range a.Policies {
		got = append(got, p.Name)
	}
	if !slices.Equal(got, want) || (a.Thing != nil) != attached {
		w.t.Errorf("as %q: policies %q, attached %v; want %q, %v", thing, got, a.Thing != nil, want, attached)
	}
}

// TestAuthorityFollows changes everything that an authority depends on; each answer before the change is one that was kept.
func TestAuthorityFollows(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.things("a", "b")
	w.group("root", "")
	w.group("leaf", "root")
	w.group("other", "")
	for _, name := range []registry.PolicyName{"own", "of-leaf", "of-root", "of-other"} {
		w.policy(name, allowAll)
	}
	w.attach("of-leaf", onGroup("leaf"))
	w.attach("of-root", onGroup("root"))
	w.attach("own", onGroup("root")) // each once
	w.attach("of-other", onGroup("other"))
	id := w.issued()

	w.wantAuthority(id, "a", false)
	w.attach("own", onCertificate(id))
	w.wantAuthority(id, "a", false, "own")
	w.attachThing("a", id)
	w.attachThing("b", id)
	w.wantAuthority(id, "a", true, "own")
	w.join("leaf", "a")
	w.join("other", "b")
	w.wantAuthority(id, "a", true, "of-leaf", "of-root", "own")
	w.wantAuthority(id, "b", true, "of-other", "own") // b is not in a's groups, nor a in b's
	w.wantAuthority(id, "", false, "own")
	w.wantAuthority(id, "no thing/at all", false, "own")
	w.must(w.DetachPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "of-root", Target: onGroup("root")}))
	w.wantAuthority(id, "a", true, "of-leaf", "own")
	w.must(w.DeleteThingGroup(t.Context(), "leaf", nil))
	w.wantAuthority(id, "a", true, "own")
	w.leave("other", "b")
	w.wantAuthority(id, "b", true, "own")
	_, err := w.ImportThings(t.Context(), service.ImportThingsInput{Things: []service.ThingImport{
		{CreateThingInput: service.CreateThingInput{Name: "b"}, Groups: []registry.GroupName{"other"}},
	}})
	w.must(err)
	w.wantAuthority(id, "b", true, "of-other", "own")
	w.must(w.DetachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: "b", Certificate: id}))
	w.wantAuthority(id, "b", false, "own")

	decides := func() bool {
		a, err := w.Authority(t.Context(), id, "")
		w.must(err)
		return policy.Evaluate(a.Policies, policy.Request{Action: "iot:Connect", Resource: "*"}).Allowed
	}
	if !decides() {
		t.Error("the policy does not allow")
	}
	_, err = w.CreatePolicyVersion(t.Context(), service.CreatePolicyVersionInput{Name: "own", Document: denyAll, Default: true})
	w.must(err)
	if decides() {
		t.Error("the new version is not in force")
	}
	w.must(w.SetDefaultPolicyVersion(t.Context(), service.PolicyVersionInput{Name: "own", Version: 1}))
	if !decides() {
		t.Error("the old version is not in force again")
	}

	status := func() registry.CertificateStatus {
		a, err := w.Authority(t.Context(), id, "")
		w.must(err)
		if a.Certificate == nil {
			return "none"
		}
		return a.Certificate.Status
	}
	for _, want := range []registry.CertificateStatus{registry.CertificateActive, registry.CertificateRevoked, registry.CertificateInactive} {
		w.setStatus(id, want)
		if got := status(); got != want {
			t.Errorf("got status %s, want %s", got, want)
		}
	}
	w.must(w.DetachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: "a", Certificate: id}))
	w.must(w.DeleteCertificate(t.Context(), service.DeleteCertificateInput{ID: id, Force: true}))
	if got := status(); got != "none" {
		t.Errorf("the deleted certificate is %s", got)
	}
}

// TestPolicyAgain: a policy that is made again under its name is another one.
func TestPolicyAgain(t *testing.T) {
	w, _ := newIdentityWorld(t)
	id := w.issued()
	for _, c := range []struct {
		document string
		allowed  bool
	}{{allowAll, true}, {denyAll, false}} {
		w.policy("p", c.document)
		w.attach("p", onCertificate(id))
		a, err := w.Authority(t.Context(), id, "")
		w.must(err)
		if got := policy.Evaluate(a.Policies, policy.Request{Action: "iot:Connect", Resource: "*"}).Allowed; got != c.allowed {
			t.Errorf("allowed %v, want %v", got, c.allowed)
		}
		w.must(w.DetachPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "p", Target: onCertificate(id)}))
		w.must(w.DeletePolicy(t.Context(), "p"))
	}
}

func TestAuthorityContext(t *testing.T) {
	w, _ := newIdentityWorld(t)
	_, err := w.CreateThingType(t.Context(), service.CreateThingTypeInput{Name: "lamp"})
	w.must(err)
	_, err = w.CreateThing(t.Context(), service.CreateThingInput{Name: "a", Type: "lamp", Attributes: map[string]string{"Model": "m1"}})
	w.must(err)
	id := w.issued()
	w.attachThing("a", id)
	more := func(key string) []string {
		if key == "iot:clientid" {
			return []string{"client"}
		}
		return nil
	}
	value := func(thing registry.ThingName, key string) string {
		t.Helper()
		a, err := w.Authority(t.Context(), id, thing)
		w.must(err)
		values := a.Context(more)(policy.ContextKey(key))
		if len(values) == 0 {
			return ""
		}
		return values[0]
	}
	for key, want := range map[string][2]string{ // for the attached thing a, and for another one
		"iot:Connection.Thing.ThingName":         {"a", ""},
		"iot:Connection.Thing.ThingTypeName":     {"lamp", ""},
		"iot:Connection.Thing.IsAttached":        {"true", "false"},
		"iot:Connection.Thing.Attributes[Model]": {"m1", ""},
		"iot:Connection.Thing.Attributes[model]": {"", ""},
		"iot:Connection.Thing.Other":             {"", ""},
		"iot:ClientId":                           {"client", "client"},
		"aws:SourceIp":                           {"", ""},
	} {
		if got := [2]string{value("a", key), value("b", key)}; got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	w.must(w.UpdateThing(t.Context(), service.UpdateThingInput{Name: "a", Payload: &registry.AttributePayload{Attributes: map[string]string{"Model": "m2"}}}))
	if got := value("a", "iot:Connection.Thing.Attributes[Model]"); got != "m2" {
		t.Errorf("after the change the attribute is %q", got)
	}
}

// TestIdentityChanges: whoever keeps something hears of each change, before its answer, and finds a new epoch.
func TestIdentityChanges(t *testing.T) {
	w, faults := newIdentityWorld(t)
	w.things("a")
	w.group("g", "")
	w.policy("p", allowAll)
	id := w.issued()
	w.attachThing("a", id)

	var heard []service.IdentityChange
	w.OnIdentityChange = func(c service.IdentityChange) { heard = append(heard, c) }
	one, all := service.IdentityChange{Certificates: []registry.CertificateID{id}}, service.IdentityChange{Everybody: true}
	expect := func(name string, want service.IdentityChange, change func()) {
		t.Helper()
		heard = nil
		epoch := w.AuthEpoch()
		change()
		if len(heard) != 1 || heard[0].Everybody != want.Everybody || !want.Everybody && !slices.Equal(heard[0].Certificates, want.Certificates) {
			t.Errorf("%s: heard %+v, want %+v", name, heard, want)
		}
		if w.AuthEpoch() != epoch+1 {
			t.Errorf("%s: the epoch went from %d to %d", name, epoch, w.AuthEpoch())
		}
	}
	ended := func(name string, want ...registry.CertificateID) {
		t.Helper()
		if got := heard[0].Ended; !slices.Equal(got, want) {
			t.Errorf("%s: ended %v, want %v", name, got, want)
		}
	}
	expect("revoke", one, func() { w.setStatus(id, registry.CertificateRevoked) })
	ended("revoke", id)
	expect("activate", one, func() { w.setStatus(id, registry.CertificateActive) })
	ended("activate")
	expect("attach a policy", one, func() { w.attach("p", onCertificate(id)) })
	expect("attach a policy to a group", all, func() { w.attach("p", onGroup("g")) })
	expect("join", one, func() { w.join("g", "a") })
	expect("update the thing", one, func() { w.must(w.UpdateThing(t.Context(), service.UpdateThingInput{Name: "a"})) })
	expect("detach the thing", one, func() {
		w.must(w.DetachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: "a", Certificate: id}))
	})
	expect("delete the group", all, func() { w.must(w.DeleteThingGroup(t.Context(), "g", nil)) })

	// A change of which nobody knows whether it happened concerns as one that did; a failed one does not.
	faults.Rerun(false)
	expect("unknown outcome", one, func() {
		faults.FailNext(1, faultstore.ButPersist)
		err := w.UpdateCertificate(t.Context(), service.UpdateCertificateInput{ID: id, Status: registry.CertificateInactive})
		if err == nil {
			t.Error("no error")
		}
	})
	ended("unknown outcome", id)
	if a, err := w.Authority(t.Context(), id, ""); err != nil || a.Certificate.Status != registry.CertificateInactive {
		t.Errorf("after the unknown outcome: got %+v, %v", a.Certificate, err)
	}
	heard = nil
	faults.FailNext(1, faultstore.AndNotPersist)
	if err := w.UpdateCertificate(t.Context(), service.UpdateCertificateInput{ID: id, Status: registry.CertificateActive}); err == nil || len(heard) != 0 {
		t.Errorf("a change that failed: error %v, heard %+v", err, heard)
	}
	w.setStatus(id, registry.CertificateInactive) // no change
	if len(heard) != 0 {
		t.Errorf("nothing changed, heard %+v", heard)
	}
	expect("delete", one, func() { w.must(w.DeleteCertificate(t.Context(), service.DeleteCertificateInput{ID: id, Force: true})) })
	ended("delete", id)
}

// TestNoStaleAuthority: an answer that was read before a change, and comes back to its reader only after the change was acknowledged, is not kept.
func TestNoStaleAuthority(t *testing.T) {
	w, _ := newIdentityWorld(t)
	id := w.issued()
	watched := &watchedStore{Store: w.Store}
	w.Store = watched
	watched.afterView = func() {
		watched.afterView = nil
		w.setStatus(id, registry.CertificateRevoked)
	}
	if a, err := w.Authority(t.Context(), id, ""); err != nil || a.Certificate.Status != registry.CertificateActive {
		t.Errorf("the first answer is from before the change: got %+v, %v", a.Certificate, err)
	}
	if a, err := w.Authority(t.Context(), id, ""); err != nil || a.Certificate.Status != registry.CertificateRevoked {
		t.Errorf("after the change: got %+v, %v", a.Certificate, err)
	}
}

// TestNoStalePolicy is the same for a policy, which other certificates have too.
func TestNoStalePolicy(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.policy("p", allowAll)
	_, err := w.CreatePolicyVersion(t.Context(), service.CreatePolicyVersionInput{Name: "p", Document: denyAll})
	w.must(err)
	first, second := w.issued(), w.issued()
	w.attach("p", onCertificate(first))
	w.attach("p", onCertificate(second))
	watched := &watchedStore{Store: w.Store}
	w.Store = watched
	watched.afterView = func() {
		watched.afterView = nil
		w.must(w.SetDefaultPolicyVersion(t.Context(), service.PolicyVersionInput{Name: "p", Version: 2}))
	}
	for i, id := range []registry.CertificateID{first, first, second} {
		a, err := w.Authority(t.Context(), id, "")
		w.must(err)
		got, want := policy.Evaluate(a.Policies, policy.Request{Action: "iot:Connect", Resource: "*"}).Allowed, i == 0
		if got != want {
			t.Errorf("question %d: allowed %v, want %v", i, got, want)
		}
	}
}

// TestAuthorityIsKept: the second question does not ask the store.
func TestAuthorityIsKept(t *testing.T) {
	w, _ := newIdentityWorld(t)
	id := w.issued()
	watched := &watchedStore{Store: w.Store}
	w.Store = watched
	w.wantAuthority(id, "a", false)
	before := watched.views
	w.wantAuthority(id, "a", false)
	if watched.views != before || before == 0 {
		t.Errorf("the store was asked %d times, then %d times", before, watched.views-before)
	}
}

// watchedStore counts views, and does something between a view and its answer.
type watchedStore struct {
	store.Store

	views     int
	afterView func()
}

func (s *watchedStore) View(ctx context.Context, fn func(store.ReadTx) error) error {
	s.views++
	err := s.Store.View(ctx, fn)
	if s.afterView != nil {
		s.afterView()
	}
	return err
}
