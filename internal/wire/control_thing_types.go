package wire

import (
	"iotjobs/internal/registry"
)

// ThingTypeReply answers CreateThingType.
type ThingTypeReply struct {
	ThingTypeName registry.TypeName `json:"thingTypeName"`
	ThingTypeARN  string            `json:"thingTypeArn"`
	ThingTypeID   string            `json:"thingTypeId"`
}

// ThingTypeDescription answers DescribeThingType.
type ThingTypeDescription struct {
	ThingTypeName       registry.TypeName   `json:"thingTypeName"`
	ThingTypeID         string              `json:"thingTypeId"`
	ThingTypeARN        string              `json:"thingTypeArn"`
	ThingTypeProperties thingTypeProperties `json:"thingTypeProperties"`
	ThingTypeMetadata   thingTypeMetadata   `json:"thingTypeMetadata"`
}

type thingTypeProperties struct {
	ThingTypeDescription *string  `json:"thingTypeDescription"`
	SearchableAttributes []string `json:"searchableAttributes"` // null without any
	MQTT5Configuration   unset    `json:"mqtt5Configuration"`
}

// thingTypeMetadata has no deprecationDate while the type can be assigned.
type thingTypeMetadata struct {
	Deprecated      bool      `json:"deprecated"`
	DeprecationDate Timestamp `json:"deprecationDate"`
	CreationDate    Timestamp `json:"creationDate"`
}

// ThingTypeDefinition is one entry of ListThingTypes: all but the id.
type ThingTypeDefinition struct {
	ThingTypeName       registry.TypeName   `json:"thingTypeName"`
	ThingTypeARN        string              `json:"thingTypeArn"`
	ThingTypeProperties thingTypeProperties `json:"thingTypeProperties"`
	ThingTypeMetadata   thingTypeMetadata   `json:"thingTypeMetadata"`
}

// ThingTypeList answers ListThingTypes.
type ThingTypeList struct {
	ThingTypes []ThingTypeDefinition `json:"thingTypes"`
	NextToken  *string               `json:"nextToken"`
}

// CreatedThingType renders the answer of CreateThingType.
func (r Realm) CreatedThingType(t *registry.ThingType) ThingTypeReply {
	return ThingTypeReply{ThingTypeName: t.Name, ThingTypeARN: r.ThingTypeARN(t.Name), ThingTypeID: t.ID}
}

// ThingType renders the answer of DescribeThingType.
func (r Realm) ThingType(t *registry.ThingType) ThingTypeDescription {
	return ThingTypeDescription{
		ThingTypeName: t.Name, ThingTypeID: t.ID, ThingTypeARN: r.ThingTypeARN(t.Name), ThingTypeProperties: propertiesOf(t), ThingTypeMetadata: metadataOf(t),
	}
}

// ThingTypes renders a page of ListThingTypes.
func (r Realm) ThingTypes(page []*registry.ThingType, nextToken string) ThingTypeList {
	list := ThingTypeList{ThingTypes: make([]ThingTypeDefinition, len(page)), NextToken: orNull(nextToken)}
	for i, t := range page {
		list.ThingTypes[i] = ThingTypeDefinition{
			ThingTypeName: t.Name, ThingTypeARN: r.ThingTypeARN(t.Name), ThingTypeProperties: propertiesOf(t), ThingTypeMetadata: metadataOf(t),
		}
	}
	return list
}

func propertiesOf(t *registry.ThingType) thingTypeProperties {
	p := thingTypeProperties{ThingTypeDescription: orNull(t.Description)}
	if len(t.SearchableAttributes) > 0 {
		p.SearchableAttributes = t.SearchableAttributes
	}
	return p
}

func metadataOf(t *registry.ThingType) thingTypeMetadata {
	return thingTypeMetadata{Deprecated: !t.DeprecatedAt.IsZero(), DeprecationDate: Timestamp(t.DeprecatedAt), CreationDate: Timestamp(t.CreatedAt)}
}

// maxSearchableAttributes is how many attributes of a thing type AWS indexes (CTRL-3).
const maxSearchableAttributes = 3

// CreateThingTypeRequest is the body of CreateThingType.
type CreateThingTypeRequest struct {
	Description          string
	SearchableAttributes []string
}

// CreateThingType reads the body of CreateThingType.
func (r *Reader) CreateThingType() CreateThingTypeRequest {
	var c CreateThingTypeRequest
	if properties := r.Object("thingTypeProperties"); properties != nil {
		c.Description, _ = properties.String("thingTypeDescription", registryDescriptionRules...)
		properties.Count("searchableAttributes", 0, maxSearchableAttributes)
		c.SearchableAttributes = properties.Strings("searchableAttributes", attributeNameRules...)
		properties.mqtt5Configuration()
	}
	r.tags()
	return c
}

var (
	userPropertyRules        = []Constraint{MaxLen(128), Pattern(`[a-zA-Z0-9:$.]+`)}
	connectionAttributeRules = []Constraint{MaxLen(128), Pattern(`[a-zA-Z0-9:.]+`)}
)

// mqtt5Configuration checks which attributes AWS would add to the messages of a type's things.
func (r *Reader) mqtt5Configuration() {
	c := r.Object("mqtt5Configuration")
	if c == nil {
		return
	}
	for _, attribute := range c.Objects("propagatingAttributes") {
		attribute.String("userPropertyKey", userPropertyRules...)
		attribute.String("thingAttribute", attributeNameRules...)
		attribute.String("connectionAttribute", connectionAttributeRules...)
	}
}

// DeprecateThingType reads the body of DeprecateThingType: whether to undo it.
func (r *Reader) DeprecateThingType() (undo bool) { return r.Bool("undoDeprecate") }
