package query

// sources is a set of source.
type sources uint16

func (s *sources) add(more ...source) {
	for _, m := range more {
		*s |= 1 << m
	}
}

// topLevel groups sources by the first part of their fields' names.
var topLevel = []struct {
	name string
	from []source
}{
	{"thingName", []source{thingName}},
	{"thingId", []source{thingID}},
	{"thingTypeName", []source{thingTypeName}},
	{"thingGroupNames", []source{thingGroupNames}},
	{"attributes", []source{attribute}},
	{"registry", []source{registryVersion}},
	{"connectivity", []source{connected, connectionTimestamp, disconnectReason}},
	{"shadow", []source{shadow}},
}

func (s sources) names() []string {
	var names []string
	for _, top := range topLevel {
		var group sources
		if group.add(top.from...); s&group != 0 {
			names = append(names, top.name)
		}
	}
	return names
}
