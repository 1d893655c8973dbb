package main

import (
	"context"
	"net/http"
	"net/url"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// roleCommands serves iotjobs roles.
func (s *server) roleCommands(m *http.ServeMux) {
	roles := s.dir.service
	name := func(r *http.Request) registry.RoleName { return registry.RoleName(r.PathValue("name")) }
	policyOf := func(r *http.Request) service.RolePolicyInput {
		return service.RolePolicyInput{Role: name(r), Name: registry.PolicyName(r.PathValue("policy"))}
	}
	m.HandleFunc("GET /roles", func(w http.ResponseWriter, r *http.Request) {
		list, err := roles.ListRoles(r.Context())
		answer(w, s.log, list, err)
	})
	m.HandleFunc("POST /roles", s.audited("CreateRole", func(w http.ResponseWriter, r *http.Request) {
		var in service.CreateRoleInput
		if s.decoded(w, r, &in) {
			role, err := roles.CreateRole(r.Context(), in)
			answer(w, s.log, role, err)
		}
	}))
	m.HandleFunc("GET /roles/{name}", func(w http.ResponseWriter, r *http.Request) {
		role, err := roles.DescribeRole(r.Context(), name(r))
		answer(w, s.log, role, err)
	})
	m.HandleFunc("DELETE /roles/{name}", s.audited("DeleteRole", func(w http.ResponseWriter, r *http.Request) {
		answer(w, s.log, struct{}{}, roles.DeleteRole(r.Context(), name(r)))
	}))
	m.HandleFunc("PUT /roles/{name}/policies/{policy}", s.audited("PutRolePolicy", func(w http.ResponseWriter, r *http.Request) {
		var in policyText
		if s.decoded(w, r, &in) {
			put := policyOf(r)
			put.Document = in.Document
			answer(w, s.log, struct{}{}, roles.PutRolePolicy(r.Context(), put))
		}
	}))
	m.HandleFunc("DELETE /roles/{name}/policies/{policy}", s.audited("DeleteRolePolicy", func(w http.ResponseWriter, r *http.Request) {
		answer(w, s.log, struct{}{}, roles.DeleteRolePolicy(r.Context(), policyOf(r)))
	}))
}

func (c *socketClient) CreateRole(ctx context.Context, in service.CreateRoleInput) (role *registry.Role, err error) {
	err = c.call(ctx, http.MethodPost, "/roles", in, &role)
	return role, err
}

func (c *socketClient) ListRoles(ctx context.Context) (roles []*registry.Role, err error) {
	err = c.call(ctx, http.MethodGet, "/roles", nil, &roles)
	return roles, err
}

func (c *socketClient) DescribeRole(ctx context.Context, name registry.RoleName) (role service.RoleDescription, err error) {
	err = c.call(ctx, http.MethodGet, rolePath(name), nil, &role)
	return role, err
}

func (c *socketClient) DeleteRole(ctx context.Context, name registry.RoleName) error {
	return c.call(ctx, http.MethodDelete, rolePath(name), nil, &struct{}{})
}

func (c *socketClient) PutRolePolicy(ctx context.Context, in service.RolePolicyInput) error {
	return c.call(ctx, http.MethodPut, rolePolicyPath(in), policyText{in.Document}, &struct{}{})
}

func (c *socketClient) DeleteRolePolicy(ctx context.Context, in service.RolePolicyInput) error {
	return c.call(ctx, http.MethodDelete, rolePolicyPath(in), nil, &struct{}{})
}

func rolePath(name registry.RoleName) string { return "/roles/" + url.PathEscape(string(name)) }

func rolePolicyPath(in service.RolePolicyInput) string {
	return rolePath(in.Role) + "/policies/" + url.PathEscape(string(in.Name))
}
