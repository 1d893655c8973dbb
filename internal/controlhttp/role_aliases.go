package controlhttp

import (
	"context"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// RoleAliasService is what the plane needs of package service for role aliases.
type RoleAliasService interface {
	CreateRoleAlias(context.Context, service.CreateRoleAliasInput) (*registry.RoleAlias, error)
	DescribeRoleAlias(context.Context, registry.RoleAliasName) (*registry.RoleAlias, error)
	UpdateRoleAlias(context.Context, service.UpdateRoleAliasInput) (*registry.RoleAlias, error)
	DeleteRoleAlias(context.Context, registry.RoleAliasName) error
	ListRoleAliases(context.Context, service.OrderedPage) (service.ListRoleAliasesOutput, error)
}

// roleAliasRoutes are called by those who set up a fleet, a few times in the life of a product.
func (p *Plane) roleAliasRoutes(api *httpapi.API) []route {
	s := p.Service
	return []route{
		{"CreateRoleAlias", "POST /role-aliases/{roleAlias}", httpapi.Handle(api, p.decodeCreateRoleAlias, s.CreateRoleAlias, p.encodeRoleAlias)},
		{"DescribeRoleAlias", "GET /role-aliases/{roleAlias}", httpapi.Handle(api, decodeRoleAliasName, s.DescribeRoleAlias, p.encodeRoleAliasDescription)},
		{"UpdateRoleAlias", "PUT /role-aliases/{roleAlias}", httpapi.Handle(api, p.decodeUpdateRoleAlias, s.UpdateRoleAlias, p.encodeRoleAlias)},
		{"DeleteRoleAlias", "DELETE /role-aliases/{roleAlias}", httpapi.Handle(api, decodeRoleAliasName, httpapi.NoOutput(s.DeleteRoleAlias), httpapi.NoBody)},
		{"ListRoleAliases", "GET /role-aliases", httpapi.Handle(api, decodeListRoleAliases, s.ListRoleAliases, encodeRoleAliases)},
	}
}

func decodeRoleAliasName(q *httpapi.Request) (registry.RoleAliasName, error) {
	return q.RoleAliasName(q.Path("roleAlias")), nil
}

func (p *Plane) decodeCreateRoleAlias(q *httpapi.Request) (in service.CreateRoleAliasInput, err error) {
	in.Name = q.RoleAliasName(q.Path("roleAlias"))
	body := q.CreateRoleAlias()
	if err := notExecuted(q, "CreateRoleAlias"); err != nil {
		return in, err
	}
	in.Duration = body.Duration
	in.Role, err = p.Realm.ParseRole(body.RoleARN)
	return in, err
}

func (p *Plane) decodeUpdateRoleAlias(q *httpapi.Request) (in service.UpdateRoleAliasInput, err error) {
	in.Name = q.RoleAliasName(q.Path("roleAlias"))
	body := q.UpdateRoleAlias()
	in.Duration = body.Duration
	if body.RoleARN != "" {
		in.Role, err = p.Realm.ParseRole(body.RoleARN)
	}
	return in, err
}

func (p *Plane) encodeRoleAlias(a *registry.RoleAlias) any { return p.Realm.RoleAlias(a) }

func (p *Plane) encodeRoleAliasDescription(a *registry.RoleAlias) any {
	return p.Realm.RoleAliasDescription(a)
}

func decodeListRoleAliases(q *httpapi.Request) (service.OrderedPage, error) {
	return orderedPage(q), nil
}

func encodeRoleAliases(out service.ListRoleAliasesOutput) any {
	return wire.RoleAliases(out.Names, out.NextToken)
}
