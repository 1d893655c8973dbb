package store

import (
	"context"

	"iotjobs/internal/registry"
)

// Batching is what a store offers beside Store if changing many things together costs it less than changing them one beside the other. Background work
// that meets many things asks for it; without it, UpdateThing does the same.
type Batching interface {
	// UpdateThings does with each thing what UpdateThing does, and returns when all are done. Each thing is a transaction of its own, as if its change came
	// alone: a refusal fails no neighbour, and the error, in which all that failed are joined, does not say that nothing changed. A thing that comes twice
	// is changed twice, in that order. There are at most MaxThingsPerUpdate. When ctx ends, what has not begun is left.
	UpdateThings(ctx context.Context, updates []ThingUpdate) error
}

// ThingUpdate is what UpdateThing is called with.
type ThingUpdate struct {
	Thing     registry.ThingName
	Addresses []Address
	Decide    func(ThingView) (ThingChange, error)
}
