package fleet

import (
	"context"
	"sync/atomic"
)

// Registrar creates things. Creating one that exists is success, so a broken run can be repeated.
type Registrar struct {
	Client  *Client
	Workers int

	done atomic.Int64
}

// Register creates the named things and returns them in the same order. The first failure ends it.
func (r *Registrar) Register(ctx context.Context, names []ThingName) ([]Thing, error) {
	things := make([]Thing, len(names))
	err := each(ctx, len(names), r.Workers, func(ctx context.Context, i int) (err error) {
		if things[i], err = r.Client.CreateThing(ctx, names[i]); err == nil {
			r.done.Add(1)
		}
		return err
	})
	return things, err
}

// Registered is how many things exist by now; it may be called while Register runs.
func (r *Registrar) Registered() int { return int(r.done.Load()) }
