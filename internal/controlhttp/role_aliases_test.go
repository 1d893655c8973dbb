package controlhttp_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func (r *recorder) CreateRoleAlias(_ context.Context, in service.CreateRoleAliasInput) (out *registry.RoleAlias, err error) {
	return out, r.keep(named{"CreateRoleAlias", in})
}

func (r *recorder) DescribeRoleAlias(_ context.Context, in registry.RoleAliasName) (out *registry.RoleAlias, err error) {
	return out, r.keep(named{"DescribeRoleAlias", in})
}

func (r *recorder) UpdateRoleAlias(_ context.Context, in service.UpdateRoleAliasInput) (out *registry.RoleAlias, err error) {
	return out, r.keep(named{"UpdateRoleAlias", in})
}

func (r *recorder) DeleteRoleAlias(_ context.Context, in registry.RoleAliasName) error {
	return r.keep(named{"DeleteRoleAlias", in})
}

func (r *recorder) ListRoleAliases(_ context.Context, in service.OrderedPage) (out service.ListRoleAliasesOutput, err error) {
	return out, r.keep(named{"ListRoleAliases", in})
}

const (
	roleARN  = "arn:aws:iam::123456789012:role/"
	aliasARN = "arn:aws:iot:eu-central-1:123456789012:rolealias/"
)

// TestRoleAliasInputs demands that every member of a request reaches the right operation of the service, in its place.
func TestRoleAliasInputs(t *testing.T) {
	page := service.OrderedPage{Page: service.Page{MaxResults: 7, NextToken: "dG9rZW4="}, Ascending: true}
	for _, c := range []struct {
		request, body, operation string
		want                     any
	}{
		{
			"POST /role-aliases/a=,@-_", `{"roleArn":"` + roleARN + `r+=,.@-","credentialDurationSeconds":900,"tags":[]}`,
			"CreateRoleAlias",
			service.CreateRoleAliasInput{Name: "a=,@-_", Role: "r+=,.@-", Duration: 15 * time.Minute},
		},
		{"POST /role-aliases/a", `{"roleArn":"` + roleARN + `r"}`, "CreateRoleAlias", service.CreateRoleAliasInput{Name: "a", Role: "r"}},
		{"GET /role-aliases/a", "", "DescribeRoleAlias", registry.RoleAliasName("a")},
		{
			"PUT /role-aliases/a", `{"roleArn":"` + roleARN + `r","credentialDurationSeconds":43200}`,
			"UpdateRoleAlias",
			service.UpdateRoleAliasInput{Name: "a", Role: "r", Duration: 12 * time.Hour},
		},
		{"PUT /role-aliases/a", `{}`, "UpdateRoleAlias", service.UpdateRoleAliasInput{Name: "a"}},
		{"DELETE /role-aliases/a", "", "DeleteRoleAlias", registry.RoleAliasName("a")},
		{"GET /role-aliases?isAscendingOrder=true&pageSize=7&marker=dG9rZW4%3D", "", "ListRoleAliases", page},
	} {
		var got recorder
		if answer := planeOn(t, &got).call(c.request, c.body); answer.status != 410 {
			t.Errorf("%s %s: got %d %s, want the recorder's refusal", c.request, c.body, answer.status, answer.body)
		}
		if want := (named{c.operation, c.want}); !reflect.DeepEqual(got.input, want) {
			t.Errorf("%s %s\n got %#v\nwant %#v", c.request, c.body, got.input, want)
		}
	}
}

func TestRoleAliasViolations(t *testing.T) {
	p := newPlane(t)
	const (
		namePattern   = `satisfy regular expression pattern: [\w=,@-]+`
		markerPattern = `satisfy regular expression pattern: [A-Za-z0-9+/]+={0,2}`
	)
	long := strings.Repeat("a", 129)
	for _, c := range []struct {
		request, body string
		want          []string
	}{
		{"POST /role-aliases/a.b", `{}`, []string{violation("'a.b'", "roleAlias", namePattern), violation("null", "roleArn", "not be null")}},
		{"GET /role-aliases/" + long, "", []string{violation("'"+long+"'", "roleAlias", "have length less than or equal to 128")}},
		{"DELETE /role-aliases/a.b", "", []string{violation("'a.b'", "roleAlias", namePattern)}},
		{
			"PUT /role-aliases/a", `{"roleArn":"short","credentialDurationSeconds":899}`,
			[]string{
				violation("'short'", "roleArn", "have length greater than or equal to 20"),
				violation("'899'", "credentialDurationSeconds", "have value greater than or equal to 900"),
			},
		},
		{
			"POST /role-aliases/a", `{"roleArn":"` + roleARN + `r","credentialDurationSeconds":43201,"tags":[{"Value":"v"}]}`,
			[]string{
				violation("'43201'", "credentialDurationSeconds", "have value less than or equal to 43200"),
				violation("null", "tags.1.member.key", "not be null"),
			},
		},
		{
			"GET /role-aliases?pageSize=251&marker=%21", "",
			[]string{violation("'251'", "pageSize", "have value less than or equal to 250"), violation("'!'", "marker", markerPattern)},
		},
	} {
		p.refused(c.request, c.body, 400, invalid, violations(c.want...))
	}
	for _, arn := range []string{
		"arn:aws:iam::999999999999:role/r", "arn:aws:iam::123456789012:user/someone", roleARN + "path/r", "arn:aws:iam::123456789012:role/", roleARN + strings.Repeat("r", 65),
	} {
		for _, method := range []string{"POST", "PUT"} {
			p.refused(method+" /role-aliases/a", `{"roleArn":"`+arn+`"}`, 400, invalid,
				"'"+arn+"' is not the ARN of a role of this account: "+roleARN+" and a name, without a path.")
		}
	}
	p.refused("POST /role-aliases/a", `{"roleArn":"`+roleARN+`r","tags":[{"Key":"k"}]}`, 400, invalid,
		"tags is not executed by this version: it waits for tags. Nothing was changed.")
}

// TestRoleAliasDocuments walks through the life of a role alias.
func TestRoleAliasDocuments(t *testing.T) {
	p := newPlane(t)
	if _, err := p.service.CreateRole(t.Context(), service.CreateRoleInput{Name: "r"}); err != nil {
		t.Fatal(err)
	}
	show := func(request, body, want string) {
		t.Helper()
		if got := p.ok(request, body); got != want {
			t.Errorf("%s\n got %s\nwant %s", request, got, want)
		}
	}
	const named = `{"roleAlias":"a","roleAliasArn":"` + aliasARN + `a"}`
	show("POST /role-aliases/a", `{"roleArn":"`+roleARN+`r"}`, named)
	described := func(seconds string) {
		t.Helper()
		got := p.object("GET /role-aliases/a", "", "roleAliasDescription").(map[string]any)
		text := p.ok("GET /role-aliases/a", "")
		if len(got) != 7 || got["roleAlias"] != "a" || got["roleAliasArn"] != aliasARN+"a" || got["roleArn"] != roleARN+"r" || got["owner"] != "123456789012" ||
			!strings.Contains(text, `"credentialDurationSeconds":`+seconds+`,"creationDate":`) {
			t.Errorf("described as %s", text)
		}
	}
	described("3600")
	show("PUT /role-aliases/a", `{"credentialDurationSeconds":900}`, named)
	described("900")
	p.refused("PUT /role-aliases/a", `{"credentialDurationSeconds":43200}`, 400, invalid,
		"A credentialDurationSeconds of 43200 is not executed by this version: credentials live 3600 seconds at most.")
	described("900")
	got := p.call("POST /role-aliases/a", `{"roleArn":"`+roleARN+`r"}`)
	if want := `{"message":"Role alias a already exists.","resourceId":"a","resourceArn":"` + aliasARN + `a"}`; got.status != 409 || got.body != want {
		t.Errorf("taken: %d %s, want %s", got.status, got.body, want)
	}
	show("GET /role-aliases", "", `{"roleAliases":["a"],"nextMarker":null}`)
	p.silent("DELETE /role-aliases/a", "")
	show("GET /role-aliases", "", `{"roleAliases":[],"nextMarker":null}`)
	p.refused("GET /role-aliases/a", "", 404, notFound, "Role alias a cannot be found.")
}
