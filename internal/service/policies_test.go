package service_test

import (
	"fmt"
	"slices"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func TestPolicyVersions(t *testing.T) {
	w, _ := newIdentityWorld(t)
	document := func(n int) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"v%d","Effect":"Allow","Action":"*","Resource":"*"}]}`, n)
	}
	w.policy("p", document(1))
	version := func(n int, isDefault bool) error {
		_, err := w.CreatePolicyVersion(t.Context(), service.CreatePolicyVersionInput{Name: "p", Document: document(n), Default: isDefault})
		return err
	}
	want := func(n registry.PolicyVersionID, versions ...registry.PolicyVersionID) {
		t.Helper()
		got, err := w.GetPolicy(t.Context(), "p")
		w.must(err)
		if got.Policy.Default != n || got.Document != document(int(n)) {
			t.Errorf("version %d is in force with %s, want %d", got.Policy.Default, got.Document, n)
		}
		var ids []registry.PolicyVersionID
		for _, v := range got.Policy.Versions {
			ids = append(ids, v.ID)
		}
		if !slices.Equal(ids, versions) {
			t.Errorf("there are versions %v, want %v", ids, versions)
		}
	}
	want(1, 1)
	w.must(version(2, false))
	want(1, 1, 2)
	w.must(version(3, true))
	want(3, 1, 2, 3)
	w.must(w.SetDefaultPolicyVersion(t.Context(), service.PolicyVersionInput{Name: "p", Version: 2}))
	want(2, 1, 2, 3)
	w.must(version(4, false))
	w.must(version(5, false))
	refused(t, version(6, false), jobs.VersionsLimitExceeded, "The policy p already has the maximum number of versions (5)")
	remove := func(n registry.PolicyVersionID) error {
		return w.DeletePolicyVersion(t.Context(), service.PolicyVersionInput{Name: "p", Version: n})
	}
	refused(t, remove(2), jobs.DeleteConflict, "Cannot delete the default version of a policy (name=p, version=2)")
	w.must(remove(5))
	w.must(version(6, false)) // no id comes again
	want(2, 1, 2, 3, 4, 6)
	refused(t, remove(5), jobs.ResourceNotFound, "Policy p version 5 cannot be found.")
	refused(t, w.SetDefaultPolicyVersion(t.Context(), service.PolicyVersionInput{Name: "p", Version: 5}), jobs.ResourceNotFound, "Policy p version 5 cannot be found.")
	for _, n := range []registry.PolicyVersionID{0, 5} {
		_, err := w.GetPolicyVersion(t.Context(), service.PolicyVersionInput{Name: "p", Version: n})
		refused(t, err, jobs.ResourceNotFound, fmt.Sprintf("Policy p version %d cannot be found.", n))
	}
	got, err := w.GetPolicyVersion(t.Context(), service.PolicyVersionInput{Name: "p", Version: 4})
	w.must(err)
	if got.IsDefault() || got.Document != document(4) {
		t.Errorf("got %+v", got)
	}

	refused(t, w.DeletePolicy(t.Context(), "p"), jobs.DeleteConflict, "Cannot delete the policy because it has one or more policy versions attached to it (name=p)")
	for _, n := range []registry.PolicyVersionID{1, 3, 4, 6} {
		w.must(remove(n))
	}
	w.must(w.DeletePolicy(t.Context(), "p"))
	w.policy("p", document(1))
	want(1, 1)
}

func TestPolicyRefusals(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.policy("p", allowAll)
	_, err := w.CreatePolicy(t.Context(), service.CreatePolicyInput{Name: "p", Document: allowAll})
	refused(t, err, jobs.ResourceAlreadyExists, "Policy cannot be created - name already exists (name=p)")
	const malformed = `{"Version":"2012-10-17","Statement":[{"Effect":"Alow","Action":"*","Resource":"*"}]}`
	const where = `Policy document is malformed: Statement[0].Effect, line 1, column 48: must be "Allow" or "Deny", not "Alow".`
	_, err = w.CreatePolicy(t.Context(), service.CreatePolicyInput{Name: "q", Document: malformed})
	refused(t, err, jobs.MalformedPolicy, where)
	_, err = w.CreatePolicyVersion(t.Context(), service.CreatePolicyVersionInput{Name: "p", Document: malformed})
	refused(t, err, jobs.MalformedPolicy, where)
	_, err = w.CreatePolicy(t.Context(), service.CreatePolicyInput{Name: "q", Document: `{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}`})
	wantCode(t, err, jobs.MalformedPolicy)

	in := service.PolicyVersionInput{Name: "none", Version: 1}
	describe := func(_ service.PolicyDescription, err error) error { return err }
	list := func(_ *registry.Policy, err error) error { return err }
	for _, err := range []error{
		describe(w.GetPolicy(t.Context(), "none")),
		describe(w.GetPolicyVersion(t.Context(), in)),
		describe(w.CreatePolicyVersion(t.Context(), service.CreatePolicyVersionInput{Name: "none", Document: allowAll})),
		list(w.ListPolicyVersions(t.Context(), "none")),
		w.SetDefaultPolicyVersion(t.Context(), in),
		w.DeletePolicyVersion(t.Context(), in),
		w.DeletePolicy(t.Context(), "none"),
		w.AttachPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "none", Target: onCertificate("c")}),
		w.DetachPrincipalPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "none", Target: onCertificate("c")}),
		func() error {
			_, err := w.ListTargetsForPolicy(t.Context(), service.ListTargetsForPolicyInput{Policy: "none"})
			return err
		}(),
	} {
		refused(t, err, jobs.ResourceNotFound, "Policy none cannot be found.")
	}
}

func TestListPolicies(t *testing.T) {
	w, _ := newIdentityWorld(t)
	for _, name := range []registry.PolicyName{"z", "a", "m"} {
		w.policy(name, allowAll)
	}
	for ascending, want := range map[bool][]registry.PolicyName{true: {"z", "a", "m"}, false: {"m", "a", "z"}} {
		var got []registry.PolicyName
		page := service.OrderedPage{Page: service.Page{MaxResults: 2}, Ascending: ascending}
		for {
			out, err := w.ListPolicies(t.Context(), page)
			w.must(err)
			if got = append(got, out.Policies...); out.NextToken == "" || len(got) > 10 {
				break
			}
			page.NextToken = out.NextToken
		}
		if !slices.Equal(got, want) {
			t.Errorf("ascending %v: got %q, want %q", ascending, got, want)
		}
	}
}

func TestAttachPolicy(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.group("root", "")
	w.group("leaf", "root")
	id := w.issued()
	for _, name := range []registry.PolicyName{"p", "q", "of-root"} {
		w.policy(name, allowAll)
	}
	w.attach("q", onCertificate(id))
	w.attach("p", onCertificate(id))
	w.attach("p", onCertificate(id)) // again is success
	w.attach("p", onGroup("leaf"))
	w.attach("of-root", onGroup("root"))
	w.attach("p", onGroup("root"))

	w.wantAttached(onCertificate(id), false, "p", "q")
	w.wantAttached(onCertificate(id), true, "p", "q")
	w.wantAttached(onGroup("leaf"), false, "p")
	w.wantAttached(onGroup("leaf"), true, "of-root", "p")
	w.wantTargets("p", false, onCertificate(id), onGroup("leaf"), onGroup("root"))
	w.wantTargets("p", true, onCertificate(id))
	for ascending, want := range map[bool][]registry.PolicyName{true: {"q", "p"}, false: {"p", "q"}} {
		var got []registry.PolicyName
		page := service.OrderedPage{Page: service.Page{MaxResults: 1}, Ascending: ascending}
		for {
			out, err := w.ListPrincipalPolicies(t.Context(), service.ListPrincipalPoliciesInput{Target: onCertificate(id), Page: page})
			w.must(err)
			if got = append(got, out.Policies...); out.NextToken == "" || len(got) > 10 {
				break
			}
			page.NextToken = out.NextToken
		}
		if !slices.Equal(got, want) {
			t.Errorf("ascending %v: got %q, want %q", ascending, got, want)
		}
	}

	refused(t, w.DeletePolicy(t.Context(), "q"), jobs.DeleteConflict, "The policy cannot be deleted as the policy is attached to one or more principals (name=q)")
	w.must(w.DetachPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "q", Target: onCertificate(id)}))
	w.must(w.DetachPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "q", Target: onCertificate(id)}))
	w.must(w.DetachPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "none", Target: onGroup("none")}))
	w.must(w.DetachPrincipalPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "q", Target: onCertificate(id)}))
	w.wantAttached(onCertificate(id), false, "p")
	w.must(w.DeletePolicy(t.Context(), "q"))

	// A deleted group takes its attachments along, and a later one of its name has none.
	w.must(w.DeleteThingGroup(t.Context(), "leaf", nil))
	w.group("leaf", "root")
	w.wantAttached(onGroup("leaf"), false)
	w.wantTargets("p", false, onCertificate(id), onGroup("root"))
}

func TestAttachPolicyRefusals(t *testing.T) {
	w, _ := newIdentityWorld(t)
	id := w.issued()
	for n := range registry.MaxPoliciesOfTarget + 1 {
		w.policy(registry.PolicyName(fmt.Sprint("p", n)), allowAll)
	}
	attach := func(n int, target registry.PolicyTarget) error {
		return w.AttachPolicy(t.Context(), service.PolicyAttachmentInput{Policy: registry.PolicyName(fmt.Sprint("p", n)), Target: target})
	}
	for n := range registry.MaxPoliciesOfTarget {
		w.must(attach(n, onCertificate(id)))
	}
	refused(t, attach(registry.MaxPoliciesOfTarget, onCertificate(id)), jobs.LimitExceeded, "10 policies are attached to the target, which is the most.")
	w.must(attach(0, onCertificate(id)))
	refused(t, attach(0, onCertificate("none")), jobs.ResourceNotFound, "Certificate none cannot be found.")
	refused(t, attach(0, onGroup("none")), jobs.ResourceNotFound, "Thing group none cannot be found.")
	refused(t, w.DetachPrincipalPolicy(t.Context(), service.PolicyAttachmentInput{Policy: "p0", Target: onCertificate("none")}),
		jobs.ResourceNotFound, "Certificate none cannot be found.")
	_, err := w.ListAttachedPolicies(t.Context(), service.ListAttachedPoliciesInput{Target: onGroup("none")})
	refused(t, err, jobs.ResourceNotFound, "Thing group none cannot be found.")
	_, err = w.ListPrincipalPolicies(t.Context(), service.ListPrincipalPoliciesInput{Target: onCertificate("none")})
	refused(t, err, jobs.ResourceNotFound, "Certificate none cannot be found.")
}

func (w *world) wantAttached(target registry.PolicyTarget, recursive bool, want ...registry.PolicyName) {
	w.t.Helper()
	var got []registry.PolicyName
	for page := (service.Page{MaxResults: 1}); ; {
		out, err := w.ListAttachedPolicies(w.t.Context(), service.ListAttachedPoliciesInput{Target: target, Recursive: recursive, Page: page})
		w.must(err)
		if got = append(got, out.Policies...); out.NextToken == "" || len(got) > 10 {
			break
		}
		page.NextToken = out.NextToken
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("%+v (recursive %v) has %q, want %q", target, recursive, got, want)
	}
}

func (w *world) wantTargets(name registry.PolicyName, certificates bool, want ...registry.PolicyTarget) {
	w.t.Helper()
	out, err := w.ListTargetsForPolicy(w.t.Context(), service.ListTargetsForPolicyInput{
		Policy: name, Certificates: certificates, Page: service.OrderedPage{Ascending: true},
	})
	w.must(err)
	if !slices.Equal(out.Targets, want) {
		w.t.Errorf("policy %s is attached to %+v, want %+v", name, out.Targets, want)
	}
}
