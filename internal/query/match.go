package query

import "slices"

// matches walks the query. Parts are cheap, so they are tried as they were written.
func matches(n node, doc *Document) bool {
	switch n := n.(type) {
	case allOf:
		for _, part := range n {
			if !matches(part, doc) {
				return false
			}
		}
		return true
	case anyOf:
		for _, part := range n {
			if matches(part, doc) {
				return true
			}
		}
		return false
	case not:
		return !matches(n.of, doc)
	case *term:
		return n.matches(doc)
	}
	panic("query: unknown node")
}

// matches tells whether one of the values that the thing has in the field passes.
func (t *term) matches(doc *Document) bool {
	switch t.field.source {
	case thingName:
		return t.test.matchText(doc.ThingName)
	case thingID:
		return t.test.matchText(doc.ThingID)
	case thingTypeName:
		return doc.ThingTypeName != "" && t.test.matchText(doc.ThingTypeName)
	case thingGroupNames:
		return slices.ContainsFunc(doc.ThingGroupNames, t.test.matchText)
	case attribute:
		value, ok := doc.Attributes[t.field.key]
		return ok && t.test.matchText(value)
	case registryVersion:
		return t.test.matchNumber(float64(doc.Version))
	case connected, connectionTimestamp, disconnectReason:
		return doc.Connectivity.Known && t.matchesConnectivity(&doc.Connectivity)
	case shadow:
		return doc.Shadow != nil && follow(doc.Shadow(), t.field.path, t.test)
	case anyField:
		return t.matchesAnyField(doc)
	}
	panic("query: unknown field")
}

func (t *term) matchesConnectivity(c *Connectivity) bool {
	if t.field.source == connected {
		return matchBool(c.Connected, t.test)
	}
	if t.field.source == connectionTimestamp {
		return t.test.matchNumber(float64(c.Timestamp.UnixMilli()))
	}
	return c.DisconnectReason != "" && t.test.matchText(c.DisconnectReason)
}

// matchesAnyField reads searchedWithoutField. The term * is true of every thing.
func (t *term) matchesAnyField(doc *Document) bool {
	if (t.test == present{}) {
		return true
	}
	if t.test.matchText(doc.ThingName) || t.test.matchText(doc.ThingID) || doc.ThingTypeName != "" && t.test.matchText(doc.ThingTypeName) ||
		slices.ContainsFunc(doc.ThingGroupNames, t.test.matchText) {
		return true
	}
	for _, value := range doc.Attributes {
		if t.test.matchText(value) {
			return true
		}
	}
	return doc.Shadow != nil && search(doc.Shadow(), t.test)
}

func matchBool(value bool, t test) bool {
	if value {
		return t.matchText("true")
	}
	return t.matchText("false")
}
