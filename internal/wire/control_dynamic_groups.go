package wire

import (
	"iotjobs/internal/registry"
)

// DynamicThingGroupReply answers CreateDynamicThingGroup.
type DynamicThingGroupReply struct {
	ThingGroupName registry.GroupName `json:"thingGroupName"`
	ThingGroupARN  string             `json:"thingGroupArn"`
	ThingGroupID   string             `json:"thingGroupId"`
	IndexName      string             `json:"indexName"`
	QueryString    string             `json:"queryString"`
	QueryVersion   string             `json:"queryVersion"`
}

// CreatedDynamicThingGroup renders the answer of CreateDynamicThingGroup.
func (r Realm) CreatedDynamicThingGroup(g *registry.ThingGroup) DynamicThingGroupReply {
	return DynamicThingGroupReply{
		ThingGroupName: g.Name, ThingGroupARN: r.ThingGroupARN(g.Name), ThingGroupID: g.ID,
		IndexName: g.IndexName, QueryString: g.Query, QueryVersion: g.QueryVersion,
	}
}

// SearchRequest is a query with what it is for; absent members are empty.
type SearchRequest struct {
	Query, QueryVersion, IndexName string
}

// search reads the members that every request with a query has. The query itself is read by its caller, who knows whether it must be there.
func (r *Reader) search(query string) SearchRequest {
	s := SearchRequest{Query: query}
	s.IndexName, _ = r.String("indexName", thingNameRules...)
	s.QueryVersion, _ = r.String("queryVersion")
	return s
}

// queryRules are those of queryString.
var queryRules = []Constraint{MinLen(1)}

// CreateDynamicThingGroupRequest is the body of CreateDynamicThingGroup.
type CreateDynamicThingGroupRequest struct {
	SearchRequest

	Description string
	Attributes  map[string]string
}

// CreateDynamicThingGroup reads the body of CreateDynamicThingGroup.
func (r *Reader) CreateDynamicThingGroup() CreateDynamicThingGroupRequest {
	c := CreateDynamicThingGroupRequest{SearchRequest: r.search(r.RequiredString("queryString", queryRules...))}
	if properties := r.Object("thingGroupProperties"); properties != nil {
		c.Description, _ = properties.String("thingGroupDescription", registryDescriptionRules...)
		c.Attributes = properties.newAttributes()
	}
	r.tags()
	return c
}

// UpdateDynamicThingGroup reads the body of UpdateDynamicThingGroup; an empty query leaves the one that is there.
func (r *Reader) UpdateDynamicThingGroup() (UpdateThingGroupRequest, SearchRequest) {
	u := r.UpdateThingGroup()
	query, _ := r.String("queryString", queryRules...)
	return u, r.search(query)
}
