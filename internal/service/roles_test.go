package service_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

const allowJobs = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iotjobsdata:*","Resource":"*"}]}`

func (w *world) role(name registry.RoleName, policies ...string) *registry.Role {
	w.t.Helper()
	role, err := w.CreateRole(w.t.Context(), service.CreateRoleInput{Name: name})
	w.must(err)
	for i, document := range policies {
		w.must(w.PutRolePolicy(w.t.Context(), service.RolePolicyInput{Role: name, Name: registry.PolicyName(fmt.Sprintf("p%d", i)), Document: document}))
	}
	return role
}

func TestRoles(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	made, err := w.CreateRole(ctx, service.CreateRoleInput{Name: "Device+1", Description: "lamps", MaxSession: 20 * time.Minute})
	w.must(err)
	if made.MaxSession != 20*time.Minute || !strings.HasPrefix(string(made.ID), "AROA") || len(made.ID) != 20 || !made.CreatedAt.Equal(w.Now()) {
		t.Errorf("made %+v", made)
	}
	if other := w.role("a"); other.MaxSession != time.Hour || other.ID == made.ID {
		t.Errorf("made %+v", other)
	}
	roles, err := w.ListRoles(ctx)
	w.must(err)
	if len(roles) != 2 || roles[0].Name != "a" || roles[1].Name != "Device+1" || *roles[1] != *made {
		t.Errorf("listed %+v", roles)
	}
	w.must(w.PutRolePolicy(ctx, service.RolePolicyInput{Role: "Device+1", Name: "b", Document: allowJobs}))
	w.must(w.PutRolePolicy(ctx, service.RolePolicyInput{Role: "Device+1", Name: "a", Document: allowAll}))
	w.must(w.PutRolePolicy(ctx, service.RolePolicyInput{Role: "Device+1", Name: "a", Document: allowJobs})) // another document
	described := func(want ...registry.RolePolicy) {
		t.Helper()
		got, err := w.DescribeRole(ctx, "Device+1")
		w.must(err)
		if *got.Role != *made || !slices.Equal(got.Policies, want) {
			t.Errorf("described %+v with %+v, want %+v", got.Role, got.Policies, want)
		}
	}
	a, b := registry.RolePolicy{Name: "a", Document: allowJobs}, registry.RolePolicy{Name: "b", Document: allowJobs}
	described(a, b)
	w.must(w.DeleteRolePolicy(ctx, service.RolePolicyInput{Role: "Device+1", Name: "a"}))
	described(b)
	w.must(w.DeleteRole(ctx, "Device+1"))
	made, err = w.CreateRole(ctx, service.CreateRoleInput{Name: "Device+1"})
	w.must(err)
	described() // the policies of the one before are gone with it
}

func TestRoleRefusals(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	w.role("device", allowJobs)
	const names = "The name of a role is 1 to 64 letters, digits and characters of _+=,.@-, and not only dots."
	create := func(in service.CreateRoleInput) error {
		_, err := w.CreateRole(ctx, in)
		return err
	}
	for _, name := range []registry.RoleName{"", "a b", "a/b", ".", "..", registry.RoleName(strings.Repeat("a", 65)), "ü"} {
		refused(t, create(service.CreateRoleInput{Name: name}), jobs.InvalidRequest, names)
	}
	refused(t, create(service.CreateRoleInput{Name: "DEVICE"}), jobs.ResourceAlreadyExists, "There is a role device already.")
	refused(t, create(service.CreateRoleInput{Name: "x", Description: "a\nb"}), jobs.InvalidRequest, "The description of a role has no control characters.")
	for _, max := range []time.Duration{-1, 14 * time.Minute, time.Hour + time.Second, 15*time.Minute + time.Millisecond} {
		wantCode(t, create(service.CreateRoleInput{Name: "x", MaxSession: max}), jobs.InvalidRequest)
	}
	_, err := w.DescribeRole(ctx, "Device")
	refused(t, err, jobs.ResourceNotFound, "Role Device cannot be found.")
	refused(t, w.DeleteRole(ctx, "other"), jobs.ResourceNotFound, "Role other cannot be found.")
	put := func(in service.RolePolicyInput) error { return w.PutRolePolicy(ctx, in) }
	refused(t, put(service.RolePolicyInput{Role: "other", Name: "p", Document: allowJobs}), jobs.ResourceNotFound, "Role other cannot be found.")
	refused(t, put(service.RolePolicyInput{Role: "device", Name: "a/b", Document: allowJobs}), jobs.InvalidRequest,
		"The name of a policy is 1 to 128 letters, digits and characters of _+=,.@-, and not only dots.")
	wantCode(t, put(service.RolePolicyInput{Role: "device", Name: "p", Document: `{"Statement":[]`}), jobs.MalformedPolicy)
	for i := range registry.MaxPoliciesOfRole - 1 {
		w.must(put(service.RolePolicyInput{Role: "device", Name: registry.PolicyName(fmt.Sprintf("q%d", i)), Document: allowJobs}))
	}
	refused(t, put(service.RolePolicyInput{Role: "device", Name: "r", Document: allowJobs}), jobs.LimitExceeded,
		"Role device has 10 policies already, the most that a role may have.")
	w.must(put(service.RolePolicyInput{Role: "device", Name: "q0", Document: allowJobs})) // it is there
	refused(t, w.DeleteRolePolicy(ctx, service.RolePolicyInput{Role: "device", Name: "r"}), jobs.ResourceNotFound, "Role device has no policy r.")
	refused(t, w.DeleteRolePolicy(ctx, service.RolePolicyInput{Role: "other", Name: "r"}), jobs.ResourceNotFound, "Role other cannot be found.")
}

// What credentials may do follows their certificate, thing and role, whatever has been looked at before (HTTP-10.9, HTTP-10.11).
func TestSessionAuthorityFollows(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	_, err := w.CreateThingType(ctx, service.CreateThingTypeInput{Name: "bulb"})
	w.must(err)
	_, err = w.CreateThing(ctx, service.CreateThingInput{Name: "lamp", Type: "bulb"})
	w.must(err)
	id := w.issued()
	w.must(w.AttachThingPrincipal(ctx, service.ThingPrincipalInput{Thing: "lamp", Certificate: id}))
	role := w.role("device", allowJobs)
	session := &registry.Session{Role: "device", RoleID: role.ID, Certificate: id, Thing: "lamp"}
	read := func(s *registry.Session) (service.SessionAuthority, bool) {
		t.Helper()
		a, alive, err := w.SessionAuthority(ctx, s)
		w.must(err)
		return a, alive
	}
	alive := func(want bool) {
		t.Helper()
		for range 2 { // from the store, then from memory
			if a, alive := read(session); alive != want || alive && len(a.Policies) != 1 {
				t.Errorf("alive %t with %d policies, want alive %t", alive, len(a.Policies), want)
			}
		}
	}
	value := func(s *registry.Session, key, want string) {
		t.Helper()
		a, _ := read(s)
		other := func(key string) []string { return []string{"other " + key} }
		if got := strings.Join(a.Context(other)(policy.ContextKey(key)), "|"); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	alive(true)
	value(session, "credentials-iot:ThingName", "lamp")
	value(session, "credentials-iot:ThingTypeName", "bulb")
	value(session, "credentials-iot:AwsCertificateId", string(id))
	value(session, "credentials-iot:Another", "")
	value(session, "aws:SourceIp", "other aws:sourceip")
	nameless := *session
	nameless.Thing = ""
	value(&nameless, "credentials-iot:ThingName", "")
	value(&nameless, "credentials-iot:ThingTypeName", "")
	value(&nameless, "credentials-iot:AwsCertificateId", string(id))
	if a, _ := read(session); a.Context(nil)("aws:sourceip") != nil {
		t.Error("a key has a value that nobody gave it")
	}

	w.must(w.DetachThingPrincipal(ctx, service.ThingPrincipalInput{Thing: "lamp", Certificate: id}))
	alive(true)
	value(session, "credentials-iot:ThingName", "")
	w.must(w.AttachThingPrincipal(ctx, service.ThingPrincipalInput{Thing: "lamp", Certificate: id}))
	value(session, "credentials-iot:ThingName", "lamp")

	for _, status := range []registry.CertificateStatus{registry.CertificateInactive, registry.CertificateRevoked} {
		w.setStatus(id, status)
		alive(false)
		w.setStatus(id, registry.CertificateActive)
		alive(true)
	}
	w.must(w.DeleteRolePolicy(ctx, service.RolePolicyInput{Role: "device", Name: "p0"}))
	if a, alive := read(session); !alive || len(a.Policies) != 0 {
		t.Errorf("alive %t with %d policies, want none", alive, len(a.Policies))
	}
	w.must(w.PutRolePolicy(ctx, service.RolePolicyInput{Role: "device", Name: "p0", Document: allowJobs}))
	alive(true)
	w.must(w.DeleteRole(ctx, "device"))
	alive(false)
	w.role("device", allowJobs)
	alive(false) // it is another role

	session.Certificate = registry.CertificateID(strings.Repeat("0", 64))
	alive(false)
}

func TestRoleAliases(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	first, second := w.role("first"), w.role("second")
	made, err := w.CreateRoleAlias(ctx, service.CreateRoleAliasInput{Name: "camera", Role: "first"})
	w.must(err)
	if made.Duration != time.Hour || !made.CreatedAt.Equal(w.Now()) {
		t.Errorf("made %+v", made)
	}
	got, err := w.AssumeRole(ctx, "camera")
	w.must(err)
	if got.Role.ID != first.ID || got.Duration != time.Hour {
		t.Errorf("assumed %+v", got)
	}
	w.clock.Set(w.Now().Add(time.Minute))
	for _, c := range []struct {
		in   service.UpdateRoleAliasInput
		want registry.RoleAlias
	}{
		{service.UpdateRoleAliasInput{}, *made},
		{
			service.UpdateRoleAliasInput{Duration: 15 * time.Minute},
			registry.RoleAlias{Name: "camera", Role: "first", Duration: 15 * time.Minute, CreatedAt: made.CreatedAt, ModifiedAt: w.Now()},
		},
		{
			service.UpdateRoleAliasInput{Role: "second"},
			registry.RoleAlias{Name: "camera", Role: "second", Duration: 15 * time.Minute, CreatedAt: made.CreatedAt, ModifiedAt: w.Now()},
		},
	} {
		c.in.Name = "camera"
		updated, err := w.UpdateRoleAlias(ctx, c.in)
		w.must(err)
		described, err := w.DescribeRoleAlias(ctx, "camera")
		w.must(err)
		if *updated != c.want || *described != c.want {
			t.Errorf("updated to %+v, described as %+v, want %+v", updated, described, c.want)
		}
	}
	if got, err = w.AssumeRole(ctx, "camera"); err != nil || got.Role.ID != second.ID || got.Duration != 15*time.Minute {
		t.Errorf("assumed %+v, %v", got, err)
	}
	w.must(w.DeleteRoleAlias(ctx, "camera"))
	_, err = w.AssumeRole(ctx, "camera")
	refused(t, err, jobs.ResourceNotFound, "Role alias does not exist")
}

func TestRoleAliasRefusals(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	w.role("device")
	_, err := w.CreateRole(ctx, service.CreateRoleInput{Name: "short", MaxSession: 15 * time.Minute})
	w.must(err)
	create := func(in service.CreateRoleAliasInput) error {
		_, err := w.CreateRoleAlias(ctx, in)
		return err
	}
	update := func(in service.UpdateRoleAliasInput) error {
		_, err := w.UpdateRoleAlias(ctx, in)
		return err
	}
	const gone = "Role alias camera cannot be found."
	refused(t, update(service.UpdateRoleAliasInput{Name: "camera"}), jobs.ResourceNotFound, gone)
	refused(t, w.DeleteRoleAlias(ctx, "camera"), jobs.ResourceNotFound, gone)
	_, err = w.DescribeRoleAlias(ctx, "camera")
	refused(t, err, jobs.ResourceNotFound, gone)

	const tooLong = "A credentialDurationSeconds of 3601 is not executed by this version: credentials live 3600 seconds at most."
	const beyondRole = "The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role"
	refused(t, create(service.CreateRoleAliasInput{Name: "camera", Role: "none"}), jobs.InvalidRequest, "Role none does not exist.")
	refused(t, create(service.CreateRoleAliasInput{Name: "camera", Role: "device", Duration: time.Hour + time.Second}), jobs.InvalidRequest, tooLong)
	refused(t, create(service.CreateRoleAliasInput{Name: "camera", Role: "short"}), jobs.InvalidRequest, beyondRole)
	w.must(create(service.CreateRoleAliasInput{Name: "camera", Role: "device"}))
	refused(t, create(service.CreateRoleAliasInput{Name: "camera", Role: "device"}), jobs.ResourceAlreadyExists, "Role alias camera already exists.")
	refused(t, update(service.UpdateRoleAliasInput{Name: "camera", Role: "short"}), jobs.InvalidRequest, beyondRole)
	refused(t, update(service.UpdateRoleAliasInput{Name: "camera", Role: "none"}), jobs.InvalidRequest, "Role none does not exist.")
	refused(t, update(service.UpdateRoleAliasInput{Name: "camera", Duration: time.Hour + time.Second}), jobs.InvalidRequest, tooLong)
	w.must(create(service.CreateRoleAliasInput{Name: "Camera", Role: "device"})) // names are case-sensitive

	// The role goes, or comes back with less: the alias stays, and gives out nothing.
	w.must(w.DeleteRole(ctx, "device"))
	_, err = w.AssumeRole(ctx, "camera")
	refused(t, err, jobs.InvalidRequest, "Unable to assume the role, or the role to assume does not exist")
	_, err = w.CreateRole(ctx, service.CreateRoleInput{Name: "device", MaxSession: 15 * time.Minute})
	w.must(err)
	_, err = w.AssumeRole(ctx, "camera")
	refused(t, err, jobs.InvalidRequest, beyondRole)

	for i := range registry.MaxRoleAliases - 2 {
		w.must(create(service.CreateRoleAliasInput{Name: registry.RoleAliasName(fmt.Sprintf("a%d", i)), Role: "short", Duration: 15 * time.Minute}))
	}
	refused(t, create(service.CreateRoleAliasInput{Name: "b", Role: "short", Duration: 15 * time.Minute}), jobs.LimitExceeded,
		"There are 100 role aliases, the most that an account may have.")
}

func TestListRoleAliases(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	w.role("device")
	for _, name := range []registry.RoleAliasName{"c", "a", "B", "e", "d"} {
		_, err := w.CreateRoleAlias(ctx, service.CreateRoleAliasInput{Name: name, Role: "device"})
		w.must(err)
	}
	for ascending, want := range map[bool][]registry.RoleAliasName{true: {"B", "a", "c", "d", "e"}, false: {"e", "d", "c", "a", "B"}} {
		for size := 1; size <= 6; size++ {
			var got []registry.RoleAliasName
			pages, token := 0, ""
			for {
				out, err := w.ListRoleAliases(ctx, service.OrderedPage{Page: service.Page{MaxResults: size, NextToken: token}, Ascending: ascending})
				w.must(err)
				got, token = append(got, out.Names...), out.NextToken
				if pages++; token == "" || pages > 10 {
					break
				}
			}
			if !slices.Equal(got, want) || pages != (len(want)+size-1)/size {
				t.Errorf("ascending %t, %d a page: %v in %d pages, want %v", ascending, size, got, pages, want)
			}
		}
	}
	_, err := w.ListRoleAliases(ctx, service.OrderedPage{Page: service.Page{NextToken: "garbage"}})
	refused(t, err, jobs.InvalidRequest, "Next token is invalid.")
}

// A role that was read while it was changed must not come back.
func TestARoleReadBeforeAChangeIsNotKept(t *testing.T) {
	w, _ := newIdentityWorld(t)
	id := w.issued()
	role := w.role("device", allowJobs)
	session := &registry.Session{Role: "device", RoleID: role.ID, Certificate: id}
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, _, err := w.SessionAuthority(ctx, session); err != nil && ctx.Err() == nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range 200 {
		w.must(w.DeleteRolePolicy(t.Context(), service.RolePolicyInput{Role: "device", Name: "p0"}))
		if a, _, err := w.SessionAuthority(t.Context(), session); err != nil || len(a.Policies) != 0 {
			t.Fatalf("%d policies after the last one was deleted, %v", len(a.Policies), err)
		}
		w.must(w.PutRolePolicy(t.Context(), service.RolePolicyInput{Role: "device", Name: "p0", Document: allowJobs}))
	}
	cancel()
	w.must(<-done)
}
