package query

import "time"

// Document is one thing as the index sees it.
type Document struct {
	ThingName string
	// ThingID is the thing's UUID.
	ThingID string
	// ThingTypeName is empty for a thing without a type.
	ThingTypeName string
	// ThingGroupNames are the groups that hold the thing, and its billing group: AWS searches both under this name.
	ThingGroupNames []string
	Attributes      map[string]string
	// Version counts the changes of the thing's registry record: the field registry.version.
	Version      int64
	Connectivity Connectivity
	// Shadow returns all shadows of the thing in one tree, or nil if it has none; a nil function says the same. It is called only by
	// queries that read shadows, once for each term that does. The tree has the members reported, desired, delta, metadata and hasDelta
	// (a boolean) of the classic shadow, and under "name" an object for each named shadow with these members. Values are as
	// encoding/json decodes them into any; they are only read.
	Shadow func() map[string]any
}

// Connectivity is what is known of the thing's connection (CTRL-3.4.5). The zero value is unknown: no connectivity field has a value.
type Connectivity struct {
	Known     bool
	Connected bool
	// Timestamp is when the thing connected, or disconnected if it is not connected; a query sees whole milliseconds since 1970.
	Timestamp time.Time
	// DisconnectReason is AWS's word, such as CLIENT_INITIATED_DISCONNECT; empty while there is none.
	DisconnectReason string
}
