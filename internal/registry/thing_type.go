package registry

import "time"

// TypeName names a thing type: 1 to 128 of [a-zA-Z0-9:_-], case-sensitive (CTRL-3).
type TypeName string

// ThingType describes things of one kind. A thing that has one may have more attributes.
type ThingType struct {
	Name TypeName
	// ID is the UUID that AWS calls thingTypeId.
	ID          string
	Description string
	// SearchableAttributes names at most 3 attributes that AWS indexes first; kept and shown.
	SearchableAttributes []string
	CreatedAt            time.Time
	// DeprecatedAt is when the type was deprecated; zero while it can be assigned.
	DeprecatedAt time.Time
}

// MaxAttributesWithType is how many attributes a thing with a thing type holds (CTRL-3).
const MaxAttributesWithType = 50
