package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func decodeCreateThingType(q *httpapi.Request) (service.CreateThingTypeInput, error) {
	name := q.ThingTypeName(q.Path("thingTypeName"))
	body := q.CreateThingType()
	in := service.CreateThingTypeInput{Name: name, Description: body.Description, SearchableAttributes: body.SearchableAttributes}
	return in, notExecuted(q, "CreateThingType")
}

func (p *Plane) encodeCreatedThingType(t *registry.ThingType) any {
	return p.Realm.CreatedThingType(t)
}

func decodeThingTypeName(q *httpapi.Request) (registry.TypeName, error) {
	return q.ThingTypeName(q.Path("thingTypeName")), nil
}

func (p *Plane) encodeThingType(t *registry.ThingType) any { return p.Realm.ThingType(t) }

func decodeListThingTypes(q *httpapi.Request) (service.ListThingTypesInput, error) {
	in := service.ListThingTypesInput{Page: page(q)}
	in.Name = queryTypeName(q)
	return in, nil
}

func (p *Plane) encodeThingTypes(out service.ListThingTypesOutput) any {
	return p.Realm.ThingTypes(out.Types, out.NextToken)
}

func decodeDeprecateThingType(q *httpapi.Request) (service.DeprecateThingTypeInput, error) {
	return service.DeprecateThingTypeInput{Name: q.ThingTypeName(q.Path("thingTypeName")), Undo: q.DeprecateThingType()}, nil
}

// queryTypeName is an optional thingTypeName in the query.
func queryTypeName(q *httpapi.Request) registry.TypeName {
	name, _ := q.Query("thingTypeName", wire.RegistryNameRules()...)
	return registry.TypeName(name)
}
