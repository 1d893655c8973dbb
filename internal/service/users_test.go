package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/faultstore"
)

const jobsOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*Job*","Resource":"*"}]}`

func (w *world) user(name registry.UserName) *registry.User {
	w.t.Helper()
	user, err := w.CreateUser(w.t.Context(), name)
	w.must(err)
	return user
}

func (w *world) key(user registry.UserName) (id string) {
	w.t.Helper()
	key, _, err := w.CreateAccessKey(w.t.Context(), service.CreateAccessKeyInput{User: user})
	w.must(err)
	return key.ID
}

// mayCreateJobs asks a user's policies.
func (w *world) mayCreateJobs(user *registry.User) bool {
	w.t.Helper()
	policies, err := w.UserAuthority(w.t.Context(), user.ID)
	w.must(err)
	return policy.Evaluate(policies, policy.Request{Action: "iot:CreateJob", Resource: "*"}).Allowed
}

func TestUsers(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	ana := w.user("ana")
	if !strings.HasPrefix(string(ana.ID), "AIDA") || len(ana.ID) != 20 || !ana.CreatedAt.Equal(w.Now()) {
		t.Errorf("created %+v", ana)
	}
	w.user("Bob")
	for _, name := range []registry.UserName{"", "a/b", "a b", "ä", "*", ".", "..", registry.UserName(strings.Repeat("x", 65))} {
		_, err := w.CreateUser(ctx, name)
		wantCode(t, err, jobs.InvalidRequest)
	}
	_, err := w.CreateUser(ctx, "ANA")
	refused(t, err, jobs.ResourceAlreadyExists, "User ana exists already; names of users differ by more than case.")
	users, err := w.ListUsers(ctx)
	w.must(err)
	if len(users) != 2 || *users[0] != *ana || users[1].Name != "Bob" {
		t.Errorf("users %+v", users)
	}
	w.must(w.PutUserPolicy(ctx, service.UserPolicyInput{User: "ana", Name: "p", Document: jobsOnly}))
	key := w.key("ana")
	found, err := w.DescribeUser(ctx, "ana")
	w.must(err)
	if *found.User != *ana || len(found.Policies) != 1 || found.Policies[0] != (registry.UserPolicy{Name: "p", Document: jobsOnly}) ||
		len(found.Keys) != 1 || found.Keys[0].ID != key || found.Keys[0].User != "ana" {
		t.Errorf("found %+v", found)
	}
	refused(t, w.DeleteUser(ctx, "ana"), jobs.DeleteConflict, "User ana has the access key "+key+"; revoke the user's keys first.")
	w.must(w.RevokeAccessKey(ctx, key))
	w.must(w.DeleteUser(ctx, "ana"))
	for _, err := range []error{
		w.DeleteUser(ctx, "ana"), w.DeleteUser(ctx, "bob"), // as it is written
		w.PutUserPolicy(ctx, service.UserPolicyInput{User: "ana", Name: "p", Document: jobsOnly}),
		w.DeleteUserPolicy(ctx, service.UserPolicyInput{User: "ana", Name: "p"}),
	} {
		wantCode(t, err, jobs.ResourceNotFound)
	}
	_, _, err = w.CreateAccessKey(ctx, service.CreateAccessKeyInput{User: "ana"})
	wantCode(t, err, jobs.ResourceNotFound)
	// A later user of the name is another one, and has nothing of the first.
	again := w.user("ana")
	if again.ID == ana.ID || w.mayCreateJobs(again) || w.mayCreateJobs(ana) {
		t.Error("what the first ana could do is still there")
	}
}

func TestUserPolicies(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	ana, bob := w.user("ana"), w.user("bob")
	put := func(name registry.PolicyName, document string) error {
		return w.PutUserPolicy(ctx, service.UserPolicyInput{User: "ana", Name: name, Document: document})
	}
	expect := func(step string, want bool) {
		t.Helper()
		for range 2 { // read, then kept
			if got := w.mayCreateJobs(ana); got != want {
				t.Errorf("%s: ana may create jobs: %v, want %v", step, got, want)
			}
		}
		if w.mayCreateJobs(bob) {
			t.Errorf("%s: bob may create jobs", step)
		}
	}
	expect("without policies", false)
	epoch := w.AuthEpoch()
	w.must(put("p", jobsOnly))
	if w.AuthEpoch() != epoch+1 {
		t.Error("the epoch did not change")
	}
	expect("with a policy", true)
	w.must(put("q", strings.ReplaceAll(jobsOnly, "Allow", "Deny")))
	expect("with a Deny beside it", false)
	w.must(w.DeleteUserPolicy(ctx, service.UserPolicyInput{User: "ana", Name: "q"}))
	expect("without the Deny", true)
	w.must(put("p", strings.ReplaceAll(jobsOnly, "Job", "Thing")))
	expect("with another document", false)
	wantCode(t, w.DeleteUserPolicy(ctx, service.UserPolicyInput{User: "ana", Name: "q"}), jobs.ResourceNotFound)

	for _, name := range []registry.PolicyName{"", "a/b", registry.PolicyName(strings.Repeat("x", 129))} {
		wantCode(t, put(name, jobsOnly), jobs.InvalidRequest)
	}
	for document, place := range map[string]string{
		`{"Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*","Principal":"*"}]}`: "Statement[0].Principal, line 1, column 65: ",
		`{"Statement":[{"Effect":"Allow","Action":"iot:*"}]}`:                                "Statement[0], line 1, column 15: ",
		`{`: "line 1, column 1: ",
		`{"Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"` + "arn:aws:iot:::" + strings.Repeat("x", policy.MaxIAMSize) + `"}]}`: "line 1, column 1: ",
	} {
		err := put("bad", document)
		wantCode(t, err, jobs.MalformedPolicy)
		if err != nil && !strings.HasPrefix(err.Error(), "Policy document is malformed: "+place) {
			t.Errorf("%.80s: %v, want the place %q", document, err, place)
		}
	}
	for i := range registry.MaxPoliciesOfUser - 1 {
		w.must(put(registry.PolicyName(fmt.Sprint("n", i)), jobsOnly))
	}
	wantCode(t, put("one-more", jobsOnly), jobs.LimitExceeded)
	w.must(put("p", jobsOnly)) // one that is there is no more
}

// Keys of a user are his, at most two, and may rest; whatever changes them holds at once.
func TestKeysOfUsers(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ctx := t.Context()
	ana := w.user("ana")
	first, second := w.key("ana"), w.key("ana")
	_, _, err := w.CreateAccessKey(ctx, service.CreateAccessKeyInput{User: "ana"})
	wantCode(t, err, jobs.LimitExceeded)
	expect := func(id string, good bool) {
		t.Helper()
		for range 2 {
			key, err := w.AccessKey(ctx, id)
			w.must(err)
			if good != (key != nil) || good && (key.User == nil || *key.User != *ana) {
				t.Errorf("key %s: %+v, want it good: %v", id, key, good)
			}
		}
	}
	expect(first, true)
	w.must(w.UpdateAccessKey(ctx, first, false))
	expect(first, false)
	expect(second, true)
	w.must(w.UpdateAccessKey(ctx, first, true))
	expect(first, true)
	w.must(w.RevokeAccessKey(ctx, first))
	expect(first, false)
	expect(w.key("ana"), true) // there is room again
	wantCode(t, w.UpdateAccessKey(ctx, first, true), jobs.ResourceNotFound)
	owner, err := w.OwnerOfKey(ctx, second)
	w.must(err)
	if *owner != *ana {
		t.Errorf("owner %+v", owner)
	}
	_, err = w.OwnerOfKey(ctx, first)
	wantCode(t, err, jobs.ResourceNotFound)
}

// A key from before there were users is the account's, as it is stored.
func TestKeysFromBeforeUsers(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.must(w.Store.Update(ctx, func(tx store.Tx) error {
		return tx.PutRecord(store.AccessKeyRecord, "AKIAOLD",
			[]byte(`{"accessKeyId":"AKIAOLD","description":"old","createdAt":"2025-01-02T03:04:05Z","sealedSecret":"c2VjcmV0"}`))
	}))
	key, err := w.AccessKey(ctx, "AKIAOLD")
	w.must(err)
	if key == nil || key.Secret != "secret" || key.User != nil {
		t.Errorf("key %+v, want the account's", key)
	}
	if owner, err := w.OwnerOfKey(ctx, "AKIAOLD"); owner != nil || err != nil {
		t.Errorf("owner %+v, %v", owner, err)
	}
}

func TestLastUse(t *testing.T) {
	w, faults := newIdentityWorld(t)
	ctx := t.Context()
	w.user("ana")
	id, revoked := w.key("ana"), w.key("")
	use := registry.KeyUse{At: day, Service: "iot", Region: "us-east-1"}
	last := func() *registry.KeyUse {
		t.Helper()
		found, err := w.DescribeUser(ctx, "ana")
		w.must(err)
		return found.Keys[0].LastUse
	}
	w.NoteKeyUse(id, use)
	w.NoteKeyUse(revoked, use)
	if got := last(); got != nil {
		t.Errorf("a request wrote %+v", got)
	}
	w.must(w.RevokeAccessKey(ctx, revoked))
	w.must(w.FlushKeyUses(ctx))
	if got := last(); got == nil || *got != use {
		t.Errorf("last use %+v, want %+v", got, use)
	}
	w.must(w.Store.View(ctx, func(tx store.ReadTx) error {
		raw, err := tx.Record(store.AccessKeyUseRecord, revoked)
		if raw != nil {
			t.Error("the use of a revoked key was written")
		}
		return err
	}))
	// Within five minutes nothing is noted, whatever the service.
	w.NoteKeyUse(id, registry.KeyUse{At: day.Add(5*time.Minute - 1), Service: "sts", Region: "us-east-1"})
	w.must(w.FlushKeyUses(ctx))
	if got := last(); *got != use {
		t.Errorf("last use %+v, want %+v still", got, use)
	}
	later := registry.KeyUse{At: day.Add(5 * time.Minute), Service: "iot-jobs-data", Region: "us-east-1"}
	w.NoteKeyUse(id, later)
	faults.FailNext(1, faultstore.AndNotPersist)
	if err := w.FlushKeyUses(ctx); err == nil {
		t.Fatal("the fault did not show")
	}
	keys, err := w.ListAccessKeys(ctx) // which writes what is noted first
	w.must(err)
	if len(keys) != 1 || *keys[0].LastUse != later {
		t.Errorf("keys %+v, want the last use %+v", keys, later)
	}
	// Another node, which has noted an earlier use, comes later.
	other := &service.Service{Store: w.Store, Now: w.Now}
	other.NoteKeyUse(id, use)
	w.must(other.FlushKeyUses(ctx))
	if got := last(); *got != later {
		t.Errorf("last use %+v, want %+v still", got, later)
	}
	w.must(w.RevokeAccessKey(ctx, id))
	w.must(w.Store.View(ctx, func(tx store.ReadTx) error {
		left, err := tx.Records(store.AccessKeyUseRecord, "", 1)
		if len(left) != 0 {
			t.Errorf("left behind: %+v", left)
		}
		return err
	}))
}
