package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func decodeCreateThingGroup(q *httpapi.Request) (service.CreateThingGroupInput, error) {
	name := q.ThingGroupName(q.Path("thingGroupName"))
	body := q.CreateThingGroup()
	in := service.CreateThingGroupInput{Name: name, Parent: body.Parent, Description: body.Description, Attributes: body.Attributes}
	return in, notExecuted(q, "CreateThingGroup")
}

func (p *Plane) encodeCreatedThingGroup(g *registry.ThingGroup) any {
	return p.Realm.CreatedThingGroup(g)
}

func decodeThingGroupName(q *httpapi.Request) (registry.GroupName, error) {
	return q.ThingGroupName(q.Path("thingGroupName")), nil
}

func (p *Plane) encodeThingGroup(d service.ThingGroupDescription) any {
	return p.Realm.ThingGroup(d.Group, d.Path)
}

func decodeUpdateThingGroup(q *httpapi.Request) (service.UpdateThingGroupInput, error) {
	name := q.ThingGroupName(q.Path("thingGroupName"))
	body := q.UpdateThingGroup()
	return service.UpdateThingGroupInput{Name: name, Description: body.Description, Payload: body.Payload, ExpectedVersion: body.ExpectedVersion}, nil
}

func encodeThingGroupVersion(version int64) any { return wire.ThingGroupVersion{Version: version} }

func decodeDeleteThingGroup(q *httpapi.Request) (deletion[registry.GroupName], error) {
	return deletion[registry.GroupName]{q.ThingGroupName(q.Path("thingGroupName")), expectedVersion(q)}, nil
}

func decodeListThingGroups(q *httpapi.Request) (service.ListThingGroupsInput, error) {
	in := service.ListThingGroupsInput{Page: page(q)}
	in.Parent = queryGroupName(q, "parentGroup")
	in.NamePrefix, _ = q.Query("namePrefixFilter", wire.RegistryNameRules()...)
	in.Recursive = q.QueryBool("recursive", false)
	return in, nil
}

func (p *Plane) encodeThingGroups(out service.ListThingGroupsOutput) any {
	return p.Realm.ThingGroups(out.Groups, out.NextToken)
}

func (p *Plane) decodeAddToGroup(q *httpapi.Request) (service.ThingGroupMemberInput, error) {
	return p.member(q.AddThingToThingGroup())
}

func (p *Plane) decodeRemoveFromGroup(q *httpapi.Request) (service.ThingGroupMemberInput, error) {
	return p.member(q.RemoveThingFromThingGroup())
}

// member finds out which group and which thing a request means.
func (p *Plane) member(m wire.ThingGroupMemberRequest) (in service.ThingGroupMemberInput, err error) {
	if in.Group, err = p.Realm.ThingGroupNamed(m.GroupName, m.GroupARN); err != nil {
		return in, err
	}
	in.Thing, err = p.Realm.ThingNamed(m.ThingName, m.ThingARN)
	in.OverrideDynamicGroups = m.OverrideDynamicGroups
	return in, err
}

func decodeUpdateGroupsForThing(q *httpapi.Request) (service.UpdateThingGroupsForThingInput, error) {
	body := q.UpdateThingGroupsForThing()
	return service.UpdateThingGroupsForThingInput{
		Thing: body.Thing, Add: body.Add, Remove: body.Remove, OverrideDynamicGroups: body.OverrideDynamicGroups,
	}, nil
}

func decodeThingsInGroup(q *httpapi.Request) (service.ListThingsInThingGroupInput, error) {
	in := service.ListThingsInThingGroupInput{Group: q.ThingGroupName(q.Path("thingGroupName")), Recursive: q.QueryBool("recursive", false)}
	in.Page = page(q)
	return in, nil
}

func encodeThingNames(out service.ListThingsInThingGroupOutput) any {
	return wire.ThingNames(out.Things, out.NextToken)
}

func decodeGroupsForThing(q *httpapi.Request) (service.ListThingGroupsForThingInput, error) {
	return service.ListThingGroupsForThingInput{Thing: q.ThingName(q.Path("thingName")), Page: page(q)}, nil
}

// queryGroupName is an optional name of a group in the query.
func queryGroupName(q *httpapi.Request, member string) registry.GroupName {
	name, _ := q.Query(member, wire.RegistryNameRules()...)
	return registry.GroupName(name)
}
