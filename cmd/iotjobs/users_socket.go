package main

import (
	"context"
	"net/http"
	"net/url"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

type newUser struct {
	Name registry.UserName `json:"userName"`
}

type policyText struct {
	Document string `json:"policyDocument"`
}

// userCommands serves iotjobs users.
func (s *server) userCommands(m *http.ServeMux) {
	users := s.dir.service
	name := func(r *http.Request) registry.UserName { return registry.UserName(r.PathValue("name")) }
	policyOf := func(r *http.Request) service.UserPolicyInput {
		return service.UserPolicyInput{User: name(r), Name: registry.PolicyName(r.PathValue("policy"))}
	}
	m.HandleFunc("GET /users", func(w http.ResponseWriter, r *http.Request) {
		list, err := users.ListUsers(r.Context())
		answer(w, s.log, list, err)
	})
	m.HandleFunc("POST /users", s.audited("CreateUser", func(w http.ResponseWriter, r *http.Request) {
		var in newUser
		if s.decoded(w, r, &in) {
			user, err := users.CreateUser(r.Context(), in.Name)
			answer(w, s.log, user, err)
		}
	}))
	m.HandleFunc("GET /users/{name}", func(w http.ResponseWriter, r *http.Request) {
		if err := users.FlushKeyUses(r.Context()); err != nil { // so that it shows the last use
			answer(w, s.log, nil, err)
			return
		}
		user, err := users.DescribeUser(r.Context(), name(r))
		answer(w, s.log, user, err)
	})
	m.HandleFunc("DELETE /users/{name}", s.audited("DeleteUser", func(w http.ResponseWriter, r *http.Request) {
		answer(w, s.log, struct{}{}, users.DeleteUser(r.Context(), name(r)))
	}))
	m.HandleFunc("PUT /users/{name}/policies/{policy}", s.audited("PutUserPolicy", func(w http.ResponseWriter, r *http.Request) {
		var in policyText
		if s.decoded(w, r, &in) {
			put := policyOf(r)
			put.Document = in.Document
			answer(w, s.log, struct{}{}, users.PutUserPolicy(r.Context(), put))
		}
	}))
	m.HandleFunc("DELETE /users/{name}/policies/{policy}", s.audited("DeleteUserPolicy", func(w http.ResponseWriter, r *http.Request) {
		answer(w, s.log, struct{}{}, users.DeleteUserPolicy(r.Context(), policyOf(r)))
	}))
}

func (c *socketClient) CreateUser(ctx context.Context, name registry.UserName) (user *registry.User, err error) {
	err = c.call(ctx, http.MethodPost, "/users", newUser{name}, &user)
	return user, err
}

func (c *socketClient) ListUsers(ctx context.Context) (users []*registry.User, err error) {
	err = c.call(ctx, http.MethodGet, "/users", nil, &users)
	return users, err
}

func (c *socketClient) DescribeUser(ctx context.Context, name registry.UserName) (user service.UserDescription, err error) {
	err = c.call(ctx, http.MethodGet, userPath(name), nil, &user)
	return user, err
}

func (c *socketClient) DeleteUser(ctx context.Context, name registry.UserName) error {
	return c.call(ctx, http.MethodDelete, userPath(name), nil, &struct{}{})
}

func (c *socketClient) PutUserPolicy(ctx context.Context, in service.UserPolicyInput) error {
	return c.call(ctx, http.MethodPut, policyPath(in), policyText{in.Document}, &struct{}{})
}

func (c *socketClient) DeleteUserPolicy(ctx context.Context, in service.UserPolicyInput) error {
	return c.call(ctx, http.MethodDelete, policyPath(in), nil, &struct{}{})
}

func userPath(name registry.UserName) string { return "/users/" + url.PathEscape(string(name)) }

func policyPath(in service.UserPolicyInput) string {
	return userPath(in.User) + "/policies/" + url.PathEscape(string(in.Name))
}
