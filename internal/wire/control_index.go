package wire

import (
	"slices"

	"iotjobs/internal/registry"
)

// SearchIndexReply answers SearchIndex. Groups are those of the index of thing groups, which is not executed.
type SearchIndexReply struct {
	NextToken   *string         `json:"nextToken"`
	Things      []ThingDocument `json:"things"`
	ThingGroups unset           `json:"thingGroups"`
}

// ThingDocument is a thing as the index has it.
type ThingDocument struct {
	ThingName       registry.ThingName   `json:"thingName"`
	ThingID         string               `json:"thingId"`
	ThingTypeName   *registry.TypeName   `json:"thingTypeName"`
	ThingGroupNames []registry.GroupName `json:"thingGroupNames"`
	Attributes      map[string]string    `json:"attributes"`
	Shadow          unset                `json:"shadow"`
	DeviceDefender  unset                `json:"deviceDefender"`
	Connectivity    unset                `json:"connectivity"`
}

// NewThingDocument renders a thing that is in these groups.
func NewThingDocument(t *registry.Thing, groups []registry.GroupName) ThingDocument {
	return ThingDocument{
		ThingName: t.Name, ThingID: t.ID, ThingTypeName: orNull(t.Type), ThingGroupNames: orNone(groups), Attributes: attributesOf(t),
	}
}

// FoundThings renders a page of SearchIndex.
func FoundThings(page []ThingDocument, nextToken string) SearchIndexReply {
	return SearchIndexReply{NextToken: orNull(nextToken), Things: orNone(page)}
}

// IndexDescription answers DescribeIndex.
type IndexDescription struct {
	IndexName   string `json:"indexName"`
	IndexStatus string `json:"indexStatus"`
	Schema      string `json:"schema"`
}

// ThingIndex renders the answer of DescribeIndex: the index of things is always up to date.
func ThingIndex(schema string) IndexDescription {
	return IndexDescription{IndexName: registry.ThingIndex, IndexStatus: "ACTIVE", Schema: schema}
}

// IndexList answers ListIndices.
type IndexList struct {
	IndexNames []string `json:"indexNames"`
	NextToken  *string  `json:"nextToken"`
}

// Indices renders the answer of ListIndices, which is one page.
func Indices(names []string) IndexList { return IndexList{IndexNames: orNone(names)} }

// IndexingConfiguration answers GetIndexingConfiguration.
type IndexingConfiguration struct {
	ThingIndexingConfiguration      thingIndexingConfiguration      `json:"thingIndexingConfiguration"`
	ThingGroupIndexingConfiguration thingGroupIndexingConfiguration `json:"thingGroupIndexingConfiguration"`
}

type thingIndexingConfiguration struct {
	ThingIndexingMode             string       `json:"thingIndexingMode"`
	ThingConnectivityIndexingMode string       `json:"thingConnectivityIndexingMode"`
	DeviceDefenderIndexingMode    string       `json:"deviceDefenderIndexingMode"`
	NamedShadowIndexingMode       string       `json:"namedShadowIndexingMode"`
	ManagedFields                 []indexField `json:"managedFields"`
	CustomFields                  unset        `json:"customFields"`
	Filter                        unset        `json:"filter"`
}

type thingGroupIndexingConfiguration struct {
	ThingGroupIndexingMode string `json:"thingGroupIndexingMode"`
	ManagedFields          unset  `json:"managedFields"`
	CustomFields           unset  `json:"customFields"`
}

type indexField struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Modes of indexing. Off is that of every kind of data.
const (
	IndexingOff               = "OFF"
	IndexingRegistry          = "REGISTRY"
	indexingRegistryAndShadow = "REGISTRY_AND_SHADOW"
)

// registryFields are what AWS indexes of the registry.
var registryFields = []indexField{
	{"thingId", "String"},
	{"thingName", "String"},
	{"registry.version", "Number"},
	{"registry.thingTypeName", "String"},
	{"registry.thingGroupNames", "String"},
}

// NewIndexingConfiguration renders the answer of GetIndexingConfiguration: OFF or REGISTRY for things, OFF for all else.
func NewIndexingConfiguration(mode string) IndexingConfiguration {
	things := thingIndexingConfiguration{
		ThingIndexingMode: mode, ThingConnectivityIndexingMode: IndexingOff, DeviceDefenderIndexingMode: IndexingOff, NamedShadowIndexingMode: IndexingOff,
	}
	if mode != IndexingOff {
		things.ManagedFields = registryFields
	}
	return IndexingConfiguration{things, thingGroupIndexingConfiguration{ThingGroupIndexingMode: IndexingOff}}
}

// UpdateIndexingConfigurationRequest is the body of UpdateIndexingConfiguration, in the words of the wire; absent members are empty.
type UpdateIndexingConfigurationRequest struct {
	Things, Connectivity, DeviceDefender, NamedShadows string
	Groups                                             string
}

// UpdateIndexingConfiguration reads the body of UpdateIndexingConfiguration.
func (r *Reader) UpdateIndexingConfiguration() UpdateIndexingConfigurationRequest {
	var u UpdateIndexingConfigurationRequest
	if things := r.Object("thingIndexingConfiguration"); things != nil {
		u.Things = things.RequiredString("thingIndexingMode", OneOf(IndexingOff, IndexingRegistry, indexingRegistryAndShadow))
		u.Connectivity, _ = things.String("thingConnectivityIndexingMode", OneOf(IndexingOff, "STATUS"))
		u.DeviceDefender, _ = things.String("deviceDefenderIndexingMode", OneOf(IndexingOff, "VIOLATIONS"))
		u.NamedShadows, _ = things.String("namedShadowIndexingMode", OneOf(IndexingOff, "ON"))
		things.managedFields()
		things.indexFields("customFields")
	}
	if groups := r.Object("thingGroupIndexingConfiguration"); groups != nil {
		u.Groups = groups.RequiredString("thingGroupIndexingMode", OneOf(IndexingOff, "ON"))
		groups.indexFields("managedFields")
		groups.indexFields("customFields")
	}
	return u
}

// managedFields checks fields that the caller names though they are not his to choose: what GetIndexingConfiguration has shown can be sent back.
func (r *Reader) managedFields() {
	for _, field := range r.indexFields("managedFields") {
		if !slices.Contains(registryFields, field) {
			r.Add(Quote(field.Name), r.At("managedFields"), "Member must name a managed field with its type")
		}
	}
}

func (r *Reader) indexFields(member string) (fields []indexField) {
	for _, field := range r.Objects(member) {
		var f indexField
		f.Name, _ = field.String("name")
		f.Type, _ = field.String("type", OneOf("Number", "String", "Boolean"))
		fields = append(fields, f)
	}
	return fields
}

// maxSearchResults is the most things of a page of SearchIndex (CTRL-3.3.6).
const maxSearchResults = 100

// SearchIndexRequest is the body of SearchIndex.
type SearchIndexRequest struct {
	SearchRequest

	NextToken  string
	MaxResults int // zero if absent
}

// SearchIndex reads the body of SearchIndex.
func (r *Reader) SearchIndex() SearchIndexRequest {
	s := SearchIndexRequest{SearchRequest: r.search(r.RequiredString("queryString", queryRules...))}
	s.NextToken, _ = r.String("nextToken")
	most, _ := r.Long("maxResults", Min(1), Max(maxSearchResults))
	s.MaxResults = int(most)
	return s
}

// IndexNameRules are those of the names of indexes.
func IndexNameRules() []Constraint { return thingNameRules }
