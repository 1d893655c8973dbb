package wire

import (
	"maps"
	"slices"
	"strings"

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

// importedMembers are those of a line; the rest of what SearchIndex shows of a thing is passed over, so that its answer can be imported.
var importedMembers = []string{
	"thingName", "thingTypeName", "attributes", "thingGroupNames",
	"thingId", "shadow", "deviceDefender", "connectivity",
}

// maxImportedGroups is how many groups one line may name.
const maxImportedGroups = registry.MaxGroupsOfThing

// ImportedThing reads a line; violations are collected in the reader. A member that means nothing is one of them: no client sends what we must
// tolerate here, and a misspelt "groups" would register a fleet without its groups.
func (r *Reader) ImportedThing() ImportedThing {
	for _, name := range slices.Sorted(maps.Keys(r.members)) {
		if !slices.Contains(importedMembers, name) {
			r.Add(Quote(name), r.At(name), "Member must be one of ["+strings.Join(importedMembers[:4], ", ")+"]")
		}
	}
	thing := ImportedThing{Name: registry.ThingName(r.RequiredString("thingName", thingNameRules...))}
	thingType, _ := r.String("thingTypeName", thingNameRules...)
	thing.Type = registry.TypeName(thingType)
	thing.Attributes = r.StringMap("attributes", attributeNameRules, attributeValueRules)
	r.Count("thingGroupNames", 0, maxImportedGroups)
	thing.Groups = r.groupNames("thingGroupNames")
	return thing
}
