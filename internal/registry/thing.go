// Package registry knows who exists: things, what describes them, and the rules that change them.
// It imports no transport and no database, reads no clock and does no I/O.
package registry

import (
	"maps"
	"slices"
	"time"
)

// ThingName names a thing: 1 to 128 of [a-zA-Z0-9:_-], case-sensitive (HTTP-2).
type ThingName string

// ThingNumber is the store's own number of a thing. It is never reused, so a thing that is deleted and created again under the
// same name is told from its predecessor and sees none of the old executions (Q8).
type ThingNumber uint64

// Thing is one registered thing.
type Thing struct {
	Name   ThingName
	Number ThingNumber
	// ID is the UUID that AWS calls thingId; a new one for each creation.
	ID string
	// Type names the thing's type; empty without one.
	Type       TypeName
	Attributes map[string]string
	// Groups are those that hold the thing, ancestors included, by number. Never changed in place.
	Groups []Membership
	// Version counts changes; 1 at creation (CTRL-3).
	Version   int64
	CreatedAt time.Time
}

// ThingKey addresses one incarnation of a thing.
type ThingKey struct {
	Name   ThingName
	Number ThingNumber
}

// Key is the address of the thing's executions.
func (t *Thing) Key() ThingKey { return ThingKey{t.Name, t.Number} }

// Clone returns a thing that shares nothing with t.
func (t *Thing) Clone() *Thing {
	c := *t
	c.Attributes = maps.Clone(t.Attributes)
	c.Groups = slices.Clone(t.Groups)
	return &c
}

// AttributePayload is a change of attributes. An attribute with an empty value is removed (CTRL-3).
type AttributePayload struct {
	Attributes map[string]string
	// Merge keeps the attributes that the payload does not name; without it they are dropped.
	Merge bool
}

// Apply returns the attributes after the change; old stays as it is.
func (p AttributePayload) Apply(old map[string]string) map[string]string {
	next := map[string]string{}
	if p.Merge {
		maps.Copy(next, old)
	}
	for name, value := range p.Attributes {
		if value == "" {
			delete(next, name)
			continue
		}
		next[name] = value
	}
	return next
}

// MaxAttributesWithoutType is how many attributes a thing without a thing type holds (CTRL-3).
const MaxAttributesWithoutType = 3
