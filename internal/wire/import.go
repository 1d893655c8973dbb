package wire

import (
	"iotjobs/internal/registry"
)

// ImportedThing is one line of an import, in the words of SearchIndex: {"thingName": …, "thingTypeName": …, "attributes": {…},
// "thingGroupNames": […]}. Only the name is required.
type ImportedThing struct {
	Name       registry.ThingName
	Type       registry.TypeName
	Attributes map[string]string
	Groups     []registry.GroupName
}

// maxImportedGroups is how many groups one line may name.
const maxImportedGroups = registry.MaxGroupsOfThing

// ImportedThing reads a line; violations are collected in the reader.
func (r *Reader) ImportedThing() ImportedThing {
	thing := ImportedThing{Name: registry.ThingName(r.RequiredString("thingName", thingNameRules...))}
	thingType, _ := r.String("thingTypeName", thingNameRules...)
	thing.Type = registry.TypeName(thingType)
	thing.Attributes = r.StringMap("attributes", attributeNameRules, attributeValueRules)
	r.Count("thingGroupNames", 0, maxImportedGroups)
	thing.Groups = r.groupNames("thingGroupNames")
	return thing
}
