package wire

import (
	"iotjobs/internal/registry"
)

// ThingGroupReply answers CreateThingGroup.
type ThingGroupReply struct {
	ThingGroupName registry.GroupName `json:"thingGroupName"`
	ThingGroupARN  string             `json:"thingGroupArn"`
	ThingGroupID   string             `json:"thingGroupId"`
}

// ThingGroupDescription answers DescribeThingGroup. Its last members are those of dynamic groups.
type ThingGroupDescription struct {
	ThingGroupName       registry.GroupName    `json:"thingGroupName"`
	ThingGroupID         string                `json:"thingGroupId"`
	ThingGroupARN        string                `json:"thingGroupArn"`
	Version              int64                 `json:"version"`
	ThingGroupProperties thingGroupProperties  `json:"thingGroupProperties"`
	ThingGroupMetadata   thingGroupMetadata    `json:"thingGroupMetadata"`
	IndexName            *string               `json:"indexName"`
	QueryString          *string               `json:"queryString"`
	QueryVersion         *string               `json:"queryVersion"`
	Status               *registry.GroupStatus `json:"status"`
}

type thingGroupProperties struct {
	ThingGroupDescription *string           `json:"thingGroupDescription"`
	AttributePayload      *attributePayload `json:"attributePayload"`
}

// attributePayload shows attributes. Whether to merge belongs to a change of them.
type attributePayload struct {
	Attributes map[string]string `json:"attributes"`
	Merge      unset             `json:"merge"`
}

// thingGroupMetadata has neither a parent nor a path for a root.
type thingGroupMetadata struct {
	ParentGroupName         *registry.GroupName `json:"parentGroupName"`
	RootToParentThingGroups []GroupNameAndARN   `json:"rootToParentThingGroups"`
	CreationDate            Timestamp           `json:"creationDate"`
}

// GroupNameAndARN is one entry of the lists of groups.
type GroupNameAndARN struct {
	GroupName registry.GroupName `json:"groupName"`
	GroupARN  string             `json:"groupArn"`
}

// ThingGroupVersion answers UpdateThingGroup.
type ThingGroupVersion struct {
	Version int64 `json:"version"`
}

// ThingGroupList answers ListThingGroups and ListThingGroupsForThing.
type ThingGroupList struct {
	ThingGroups []GroupNameAndARN `json:"thingGroups"`
	NextToken   *string           `json:"nextToken"`
}

// ThingNameList answers ListThingsInThingGroup.
type ThingNameList struct {
	Things    []registry.ThingName `json:"things"`
	NextToken *string              `json:"nextToken"`
}

// CreatedThingGroup renders the answer of CreateThingGroup.
func (r Realm) CreatedThingGroup(g *registry.ThingGroup) ThingGroupReply {
	return ThingGroupReply{ThingGroupName: g.Name, ThingGroupARN: r.ThingGroupARN(g.Name), ThingGroupID: g.ID}
}

// ThingGroup renders the answer of DescribeThingGroup; above are the groups from the root to the parent.
func (r Realm) ThingGroup(g *registry.ThingGroup, above []*registry.ThingGroup) ThingGroupDescription {
	d := ThingGroupDescription{
		ThingGroupName: g.Name, ThingGroupID: g.ID, ThingGroupARN: r.ThingGroupARN(g.Name), Version: g.Version,
		ThingGroupProperties: thingGroupProperties{ThingGroupDescription: orNull(g.Description)},
		ThingGroupMetadata:   thingGroupMetadata{CreationDate: Timestamp(g.CreatedAt)},
		IndexName:            orNull(g.IndexName), QueryString: orNull(g.Query), QueryVersion: orNull(g.QueryVersion), Status: orNull(g.Status),
	}
	if len(g.Attributes) > 0 {
		d.ThingGroupProperties.AttributePayload = &attributePayload{Attributes: g.Attributes}
	}
	if len(above) > 0 {
		d.ThingGroupMetadata.ParentGroupName = &above[len(above)-1].Name
		d.ThingGroupMetadata.RootToParentThingGroups = r.groups(above)
	}
	return d
}

// ThingGroups renders a page of ListThingGroups or ListThingGroupsForThing.
func (r Realm) ThingGroups(page []*registry.ThingGroup, nextToken string) ThingGroupList {
	return ThingGroupList{ThingGroups: r.groups(page), NextToken: orNull(nextToken)}
}

// ThingNames renders a page of ListThingsInThingGroup.
func ThingNames(page []registry.ThingName, nextToken string) ThingNameList {
	return ThingNameList{Things: orNone(page), NextToken: orNull(nextToken)}
}

func (r Realm) groups(list []*registry.ThingGroup) []GroupNameAndARN {
	shown := make([]GroupNameAndARN, len(list))
	for i, g := range list {
		shown[i] = GroupNameAndARN{GroupName: g.Name, GroupARN: r.ThingGroupARN(g.Name)}
	}
	return shown
}

// registryDescriptionRules are those of the descriptions of thing groups and thing types. Java's \p{Graph} is ASCII.
var registryDescriptionRules = []Constraint{
	MaxLen(maxDescription),
	{Pattern(`[!-~ ]*`).ok, `Member must satisfy regular expression pattern: [\p{Graph}\x20]*`},
}

// CreateThingGroupRequest is the body of CreateThingGroup.
type CreateThingGroupRequest struct {
	Parent      registry.GroupName // empty for a root
	Description string
	Attributes  map[string]string
}

// CreateThingGroup reads the body of CreateThingGroup.
func (r *Reader) CreateThingGroup() CreateThingGroupRequest {
	var c CreateThingGroupRequest
	parent, _ := r.String("parentGroupName", thingNameRules...)
	c.Parent = registry.GroupName(parent)
	if properties := r.Object("thingGroupProperties"); properties != nil {
		c.Description, _ = properties.String("thingGroupDescription", registryDescriptionRules...)
		c.Attributes = properties.newAttributes()
	}
	r.tags()
	return c
}

// UpdateThingGroupRequest is the body of UpdateThingGroup.
type UpdateThingGroupRequest struct {
	Description     *string                    // nil leaves the description, an empty one takes it away
	Payload         *registry.AttributePayload // nil leaves the attributes
	ExpectedVersion *int64                     // nil is not checked
}

// UpdateThingGroup reads the body of UpdateThingGroup.
func (r *Reader) UpdateThingGroup() UpdateThingGroupRequest {
	var u UpdateThingGroupRequest
	r.Require("thingGroupProperties")
	if properties := r.Object("thingGroupProperties"); properties != nil {
		if description, ok := properties.String("thingGroupDescription", registryDescriptionRules...); ok {
			u.Description = &description
		}
		u.Payload = properties.attributePayload()
	}
	u.ExpectedVersion = r.expectedVersion()
	return u
}

// ThingGroupMemberRequest names a thing group and a thing, each by its name, by its ARN or by both; what is absent is empty. Realm.ThingNamed and
// Realm.ThingGroupNamed tell what is meant.
type ThingGroupMemberRequest struct {
	GroupName, GroupARN string
	ThingName, ThingARN string
	// OverrideDynamicGroups is for adding.
	OverrideDynamicGroups bool
}

// AddThingToThingGroup reads the body of AddThingToThingGroup (CTRL-3.2.6).
func (r *Reader) AddThingToThingGroup() ThingGroupMemberRequest {
	m := r.RemoveThingFromThingGroup()
	m.OverrideDynamicGroups = r.Bool("overrideDynamicGroups")
	return m
}

// RemoveThingFromThingGroup reads the body of RemoveThingFromThingGroup.
func (r *Reader) RemoveThingFromThingGroup() ThingGroupMemberRequest {
	var m ThingGroupMemberRequest
	m.GroupName, _ = r.String("thingGroupName", thingNameRules...)
	m.GroupARN, _ = r.String("thingGroupArn")
	m.ThingName, _ = r.String("thingName", thingNameRules...)
	m.ThingARN, _ = r.String("thingArn")
	return m
}

// UpdateThingGroupsForThingRequest is the body of UpdateThingGroupsForThing.
type UpdateThingGroupsForThingRequest struct {
	Thing                 registry.ThingName
	Add, Remove           []registry.GroupName
	OverrideDynamicGroups bool
}

// UpdateThingGroupsForThing reads the body of UpdateThingGroupsForThing.
func (r *Reader) UpdateThingGroupsForThing() UpdateThingGroupsForThingRequest {
	u := UpdateThingGroupsForThingRequest{
		Thing: registry.ThingName(r.RequiredString("thingName", thingNameRules...)),
		Add:   r.groupNames("thingGroupsToAdd"), Remove: r.groupNames("thingGroupsToRemove"),
	}
	u.OverrideDynamicGroups = r.Bool("overrideDynamicGroups")
	return u
}

func (r *Reader) groupNames(member string) []registry.GroupName {
	var groups []registry.GroupName
	for _, name := range r.Strings(member, thingNameRules...) {
		groups = append(groups, registry.GroupName(name))
	}
	return groups
}
