package controlhttp

import (
	"context"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func decodeCreateThing(q *httpapi.Request) (service.CreateThingInput, error) {
	in := service.CreateThingInput{Name: q.ThingName(q.Path("thingName"))}
	in.Type, in.Attributes = q.CreateThing()
	return in, notExecuted(q, "CreateThing")
}

func (p *Plane) encodeCreatedThing(t *registry.Thing) any { return p.Realm.CreatedThing(t) }

func decodeThingName(q *httpapi.Request) (registry.ThingName, error) {
	return q.ThingName(q.Path("thingName")), nil
}

func (p *Plane) encodeThing(t *registry.Thing) any { return p.Realm.Thing(t) }

func decodeUpdateThing(q *httpapi.Request) (service.UpdateThingInput, error) {
	name := q.ThingName(q.Path("thingName"))
	body := q.UpdateThing()
	return service.UpdateThingInput{
		Name: name, Payload: body.Payload, Type: body.Type, RemoveType: body.RemoveType, ExpectedVersion: body.ExpectedVersion,
	}, nil
}

// deletion names what shall be deleted; a nil version is not checked.
type deletion[Name ~string] struct {
	name            Name
	expectedVersion *int64
}

// deleting makes an operation with one input of one with two.
func deleting[Name ~string](op func(context.Context, Name, *int64) error) func(context.Context, deletion[Name]) error {
	return func(ctx context.Context, in deletion[Name]) error { return op(ctx, in.name, in.expectedVersion) }
}

func decodeDeleteThing(q *httpapi.Request) (deletion[registry.ThingName], error) {
	return deletion[registry.ThingName]{q.ThingName(q.Path("thingName")), expectedVersion(q)}, nil
}

func expectedVersion(q *httpapi.Request) *int64 {
	version, ok := q.QueryLong("expectedVersion")
	if !ok {
		return nil
	}
	return &version
}

func decodeListThings(q *httpapi.Request) (service.ListThingsInput, error) {
	var in service.ListThingsInput
	in.Page = page(q)
	in.AttributeName, _ = q.Query("attributeName", wire.AttributeNameRules()...)
	value, filtered := q.Query("attributeValue", wire.AttributeValueRules()...)
	in.AttributeValue = value
	in.Type = queryTypeName(q)
	in.PrefixValue = q.QueryBool("usePrefixAttributeValue", false)
	if filtered && in.AttributeName == "" {
		return in, jobs.Errorf(jobs.InvalidRequest, "attributeValue needs attributeName, which names the attribute that must have the value.")
	}
	return in, nil
}

func (p *Plane) encodeThings(out service.ListThingsOutput) any {
	return p.Realm.Things(out.Things, out.NextToken)
}

// page reads the members that all lists share.
func page(q *httpapi.Request) service.Page {
	most, _ := q.QueryLong("maxResults", wire.Min(1), wire.Max(service.MaxPageSize))
	token, _ := q.Query("nextToken")
	return service.Page{MaxResults: int(most), NextToken: token}
}
