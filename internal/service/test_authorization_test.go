package service_test

import (
	"reflect"
	"slices"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

const (
	ownTopics = `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iot:Connect","Resource":"arn:aws:iot:us-east-1:123456789012:client/${iot:Connection.Thing.ThingName}"},
		{"Effect":"Allow","Action":"iot:Publish","Resource":["arn:aws:iot:us-east-1:123456789012:topic/${iot:ClientId}/*","arn:aws:iot:us-east-1:123456789012:topic/${iot:Certificate.Subject.CommonName}"]}]}`
	noSecrets = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iot:*","Resource":"arn:aws:iot:us-east-1:123456789012:topic/*/secret"}]}`
)

func TestTestAuthorization(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.things("a")
	w.policy("own", ownTopics)
	w.policy("secrets", noSecrets)
	w.policy("all", allowAll)
	id := w.issued() // CN=lamp
	w.attachThing("a", id)
	w.attach("own", onCertificate(id))
	w.attach("secrets", onCertificate(id))
	topic := func(names ...string) registry.AuthorizationQuestion {
		q := registry.AuthorizationQuestion{Action: "iot:Publish"}
		for _, name := range names {
			q.Resources = append(q.Resources, "arn:aws:iot:us-east-1:123456789012:topic/"+name)
		}
		return q
	}
	connect := registry.AuthorizationQuestion{Action: "iot:Connect", Resources: []string{"arn:aws:iot:us-east-1:123456789012:client/a"}}
	type names = []registry.PolicyName
	for name, c := range map[string]struct {
		in   service.TestAuthorizationInput
		want registry.AuthorizationAnswer
	}{
		"own topic": {
			service.TestAuthorizationInput{ClientID: "a", Asked: []registry.AuthorizationQuestion{topic("a/x")}},
			registry.AuthorizationAnswer{Decision: registry.AuthAllowed, Allow: names{"own"}, NoMatch: names{"secrets"}},
		},
		"topic of the certificate": {
			service.TestAuthorizationInput{ClientID: "a", Asked: []registry.AuthorizationQuestion{topic("lamp")}},
			registry.AuthorizationAnswer{Decision: registry.AuthAllowed, Allow: names{"own"}, NoMatch: names{"secrets"}},
		},
		"somebody's topic": {
			service.TestAuthorizationInput{ClientID: "a", Asked: []registry.AuthorizationQuestion{topic("b/x")}},
			registry.AuthorizationAnswer{Decision: registry.AuthImplicitDeny, NoMatch: names{"own", "secrets"}},
		},
		"one of two": {
			service.TestAuthorizationInput{ClientID: "a", Asked: []registry.AuthorizationQuestion{topic("b/x", "a/x")}},
			registry.AuthorizationAnswer{Decision: registry.AuthImplicitDeny, Allow: names{"own"}, NoMatch: names{"own", "secrets"}},
		},
		"secret": {
			service.TestAuthorizationInput{ClientID: "a", Asked: []registry.AuthorizationQuestion{topic("a/x", "a/secret")}},
			registry.AuthorizationAnswer{Decision: registry.AuthExplicitDeny, Allow: names{"own"}, NoMatch: names{"secrets"}, Deny: names{"secrets"}},
		},
		"secret without its policy": {
			service.TestAuthorizationInput{ClientID: "a", Skip: names{"secrets"}, Asked: []registry.AuthorizationQuestion{topic("a/secret")}},
			registry.AuthorizationAnswer{Decision: registry.AuthAllowed, Allow: names{"own"}},
		},
		"with another policy": {
			service.TestAuthorizationInput{ClientID: "a", Add: names{"all", "own"}, Asked: []registry.AuthorizationQuestion{topic("b/x")}},
			registry.AuthorizationAnswer{Decision: registry.AuthAllowed, Allow: names{"all"}, NoMatch: names{"own", "secrets"}},
		},
		"connect as the thing": {
			service.TestAuthorizationInput{ClientID: "a", Asked: []registry.AuthorizationQuestion{connect}},
			registry.AuthorizationAnswer{Decision: registry.AuthAllowed, Allow: names{"own"}, NoMatch: names{"secrets"}},
		},
		"no client id": {
			service.TestAuthorizationInput{Asked: []registry.AuthorizationQuestion{connect}},
			registry.AuthorizationAnswer{
				Decision: registry.AuthImplicitDeny, NoMatch: names{"own", "secrets"}, MissingContext: []string{"iot:Connection.Thing.ThingName"},
			},
		},
	} {
		c.in.Certificate, c.want.Asked = id, c.in.Asked[0]
		got, err := w.TestAuthorization(t.Context(), c.in)
		w.must(err)
		if len(got) != 1 || !reflect.DeepEqual(got[0], c.want) {
			t.Errorf("%s\n got %+v\nwant %+v", name, got, c.want)
		}
	}

	got, err := w.TestAuthorization(t.Context(), service.TestAuthorizationInput{Add: names{"own"}, ClientID: "c", Asked: []registry.AuthorizationQuestion{topic("c/x"), topic("lamp")}})
	w.must(err)
	if len(got) != 2 || got[0].Decision != registry.AuthAllowed || got[1].Decision != registry.AuthImplicitDeny {
		t.Errorf("without a certificate: got %+v", got)
	}
	_, err = w.TestAuthorization(t.Context(), service.TestAuthorizationInput{Certificate: "none", Asked: []registry.AuthorizationQuestion{connect}})
	refused(t, err, jobs.ResourceNotFound, "Certificate none cannot be found.")
	_, err = w.TestAuthorization(t.Context(), service.TestAuthorizationInput{Certificate: id, Add: names{"none"}, Asked: []registry.AuthorizationQuestion{connect}})
	refused(t, err, jobs.ResourceNotFound, "Policy none cannot be found.")
}

func TestGetEffectivePolicies(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.things("a", "b")
	w.group("root", "")
	w.group("leaf", "root")
	w.group("other", "")
	for _, name := range []registry.PolicyName{"own", "of-leaf", "of-root", "of-other"} {
		w.policy(name, allowAll)
	}
	id := w.issued()
	w.attach("own", onCertificate(id))
	w.attach("of-leaf", onGroup("leaf"))
	w.attach("of-root", onGroup("root"))
	w.attach("of-other", onGroup("other"))
	w.attachThing("a", id)
	w.join("leaf", "a")
	w.join("other", "b")
	for name, c := range map[string]struct {
		in   service.GetEffectivePoliciesInput
		want []registry.PolicyName
	}{
		"certificate":                     {service.GetEffectivePoliciesInput{Principal: onCertificate(id)}, []registry.PolicyName{"own"}},
		"certificate and its thing":       {service.GetEffectivePoliciesInput{Principal: onCertificate(id), Thing: "a"}, []registry.PolicyName{"of-leaf", "of-root", "own"}},
		"certificate and another's thing": {service.GetEffectivePoliciesInput{Principal: onCertificate(id), Thing: "b"}, []registry.PolicyName{"own"}},
		"thing":                           {service.GetEffectivePoliciesInput{Thing: "a"}, []registry.PolicyName{"of-leaf", "of-root"}},
		"group":                           {service.GetEffectivePoliciesInput{Principal: onGroup("leaf")}, []registry.PolicyName{"of-leaf", "of-root"}},
		"group and thing":                 {service.GetEffectivePoliciesInput{Principal: onGroup("root"), Thing: "b"}, []registry.PolicyName{"of-other", "of-root"}},
	} {
		got, err := w.GetEffectivePolicies(t.Context(), c.in)
		w.must(err)
		var names []registry.PolicyName
		for _, p := range got {
			if names = append(names, p.Name); p.Document != allowAll {
				t.Errorf("%s: %s has the document %q", name, p.Name, p.Document)
			}
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%s: got %q, want %q", name, names, c.want)
		}
	}
	for _, c := range []struct {
		in      service.GetEffectivePoliciesInput
		code    jobs.Code
		message string
	}{
		{service.GetEffectivePoliciesInput{}, jobs.InvalidRequest, "Either principal or thingName must be specified."},
		{service.GetEffectivePoliciesInput{Thing: "none"}, jobs.ResourceNotFound, "Thing none cannot be found."},
		{service.GetEffectivePoliciesInput{Principal: onCertificate("none")}, jobs.ResourceNotFound, "Certificate none cannot be found."},
		{service.GetEffectivePoliciesInput{Principal: onGroup("none")}, jobs.ResourceNotFound, "Thing group none cannot be found."},
	} {
		_, err := w.GetEffectivePolicies(t.Context(), c.in)
		refused(t, err, c.code, c.message)
	}
}
