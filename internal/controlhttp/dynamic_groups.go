package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func search(s wire.SearchRequest) service.Search {
	return service.Search{Query: s.Query, QueryVersion: s.QueryVersion, IndexName: s.IndexName}
}

func decodeCreateDynamicThingGroup(q *httpapi.Request) (service.CreateDynamicThingGroupInput, error) {
	name := q.ThingGroupName(q.Path("thingGroupName"))
	body := q.CreateDynamicThingGroup()
	in := service.CreateDynamicThingGroupInput{
		Name: name, Search: search(body.SearchRequest), Description: body.Description, Attributes: body.Attributes,
	}
	return in, notExecuted(q, "CreateDynamicThingGroup")
}

func (p *Plane) encodeCreatedDynamicThingGroup(g *registry.ThingGroup) any {
	return p.Realm.CreatedDynamicThingGroup(g)
}

func decodeUpdateDynamicThingGroup(q *httpapi.Request) (service.UpdateDynamicThingGroupInput, error) {
	name := q.ThingGroupName(q.Path("thingGroupName"))
	body, query := q.UpdateDynamicThingGroup()
	in := service.UpdateDynamicThingGroupInput{Search: search(query)}
	in.UpdateThingGroupInput = service.UpdateThingGroupInput{
		Name: name, Description: body.Description, Payload: body.Payload, ExpectedVersion: body.ExpectedVersion,
	}
	return in, nil
}
