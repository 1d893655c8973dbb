package wire

import (
	"iotjobs/internal/registry"
)

// ThingReply answers CreateThing.
type ThingReply struct {
	ThingName registry.ThingName `json:"thingName"`
	ThingARN  string             `json:"thingArn"`
	ThingID   string             `json:"thingId"`
}

// ThingDescription answers DescribeThing.
type ThingDescription struct {
	DefaultClientID  registry.ThingName `json:"defaultClientId"`
	ThingName        registry.ThingName `json:"thingName"`
	ThingID          string             `json:"thingId"`
	ThingARN         string             `json:"thingArn"`
	ThingTypeName    *registry.TypeName `json:"thingTypeName"`
	Attributes       map[string]string  `json:"attributes"`
	Version          int64              `json:"version"`
	BillingGroupName unset              `json:"billingGroupName"`
}

// ThingAttribute is one entry of ListThings.
type ThingAttribute struct {
	ThingName     registry.ThingName `json:"thingName"`
	ThingTypeName *registry.TypeName `json:"thingTypeName"`
	ThingARN      string             `json:"thingArn"`
	Attributes    map[string]string  `json:"attributes"`
	Version       int64              `json:"version"`
}

// ThingList answers ListThings.
type ThingList struct {
	Things    []ThingAttribute `json:"things"`
	NextToken *string          `json:"nextToken"`
}

// CreatedThing renders the answer of CreateThing.
func (r Realm) CreatedThing(t *registry.Thing) ThingReply {
	return ThingReply{ThingName: t.Name, ThingARN: r.ThingARN(t.Name), ThingID: t.ID}
}

// Thing renders the answer of DescribeThing. The default client id is the name.
func (r Realm) Thing(t *registry.Thing) ThingDescription {
	return ThingDescription{
		DefaultClientID: t.Name, ThingName: t.Name, ThingID: t.ID, ThingARN: r.ThingARN(t.Name), ThingTypeName: orNull(t.Type),
		Attributes: attributesOf(t), Version: t.Version,
	}
}

// Things renders a page of ListThings.
func (r Realm) Things(things []*registry.Thing, nextToken string) ThingList {
	list := ThingList{Things: make([]ThingAttribute, len(things)), NextToken: orNull(nextToken)}
	for i, t := range things {
		list.Things[i] = ThingAttribute{
			ThingName: t.Name, ThingTypeName: orNull(t.Type), ThingARN: r.ThingARN(t.Name), Attributes: attributesOf(t), Version: t.Version,
		}
	}
	return list
}

// attributesOf is never nil: no attributes are {} on the wire.
func attributesOf(t *registry.Thing) map[string]string {
	if t.Attributes == nil {
		return map[string]string{}
	}
	return t.Attributes
}

// Constraints of what describes a thing (CTRL-3).
var (
	attributeNameRules  = []Constraint{MaxLen(128), Pattern(`[a-zA-Z0-9_.,@/:#-]+`)}
	attributeValueRules = []Constraint{MaxLen(800), Pattern(`[a-zA-Z0-9_.,@/:#=\[\]-]*`)}
)

// AttributeNameRules are the constraints of an attribute's name.
func AttributeNameRules() []Constraint { return attributeNameRules }

// AttributeValueRules are those of its value.
func AttributeValueRules() []Constraint { return attributeValueRules }

// RegistryNameRules are those of the names of thing types, thing groups and billing groups, which are those of things.
func RegistryNameRules() []Constraint { return thingNameRules }

// attributePayload reads the member of that name. One without attributes changes nothing, like an absent one: nil.
func (r *Reader) attributePayload() *registry.AttributePayload {
	member := r.Object("attributePayload")
	if member == nil {
		return nil
	}
	payload := registry.AttributePayload{Attributes: member.StringMap("attributes", attributeNameRules, attributeValueRules), Merge: member.Bool("merge")}
	if payload.Attributes == nil {
		return nil
	}
	return &payload
}

// newAttributes reads the attributes of something new, for which there is nothing to merge with.
func (r *Reader) newAttributes() map[string]string {
	payload := r.attributePayload()
	if payload == nil {
		return nil
	}
	return payload.Attributes
}

// expectedVersion reads the member of that name; a nil version is not checked.
func (r *Reader) expectedVersion() *int64 {
	version, ok := r.Long("expectedVersion")
	if !ok {
		return nil
	}
	return &version
}

// CreateThing reads the body of CreateThing. The type is empty for none.
func (r *Reader) CreateThing() (thingType registry.TypeName, attributes map[string]string) {
	name, _ := r.String("thingTypeName", thingNameRules...)
	attributes = r.newAttributes()
	r.String("billingGroupName", thingNameRules...)
	return registry.TypeName(name), attributes
}

// UpdateThingRequest is the body of UpdateThing.
type UpdateThingRequest struct {
	Type            registry.TypeName          // empty leaves the type
	Payload         *registry.AttributePayload // nil leaves the attributes
	ExpectedVersion *int64                     // nil is not checked
	RemoveType      bool
}

// UpdateThing reads the body of UpdateThing.
func (r *Reader) UpdateThing() UpdateThingRequest {
	var u UpdateThingRequest
	name, _ := r.String("thingTypeName", thingNameRules...)
	u.Type = registry.TypeName(name)
	u.Payload = r.attributePayload()
	u.ExpectedVersion = r.expectedVersion()
	u.RemoveType = r.Bool("removeThingType")
	return u
}
