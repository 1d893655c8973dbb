package rowcodec

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Release is the place of the cursor over the targets of a job.
type Release struct {
	Target   int      `cbor:"1,keyasint,omitempty"`
	After    ThingKey `cbor:"2,keyasint,omitzero"`
	Done     bool     `cbor:"3,keyasint,omitempty"`
	Waiting  bool     `cbor:"4,keyasint,omitempty"`
	ResumeAt int64    `cbor:"5,keyasint,omitempty"`
}

// Minute is a minute of a rollout.
type Minute struct {
	StartedAt   int64 `cbor:"1,keyasint,omitempty"`
	LastRelease int64 `cbor:"2,keyasint,omitempty"`
	Rate        int   `cbor:"3,keyasint,omitempty"`
	Released    int   `cbor:"4,keyasint,omitempty"`
	Multiples   int64 `cbor:"5,keyasint,omitempty"`
	Notified    int64 `cbor:"6,keyasint,omitempty"`
}

// Sweep is the place of the cursor over the executions of a job.
type Sweep struct {
	Active bool     `cbor:"1,keyasint,omitempty"`
	Status int      `cbor:"2,keyasint,omitempty"`
	After  ThingKey `cbor:"3,keyasint,omitzero"`
	Found  bool     `cbor:"4,keyasint,omitempty"`
}

// ThingKey is the key of a thing.
type ThingKey struct {
	Name   string `cbor:"1,keyasint"`
	Number uint64 `cbor:"2,keyasint"`
}

// OfRelease is the row of a value.
func OfRelease(v jobs.Release) Release {
	return Release{Target: v.Target, After: OfKey(v.After), Done: v.Done, Waiting: v.Waiting, ResumeAt: Micros(v.ResumeAt)}
}

// Value is what the row stands for.
func (r Release) Value() jobs.Release {
	return jobs.Release{Target: r.Target, After: r.After.Value(), Done: r.Done, Waiting: r.Waiting, ResumeAt: FromMicros(r.ResumeAt)}
}

// OfMinute is the row of a value.
func OfMinute(v jobs.Minute) Minute {
	return Minute{
		StartedAt: Micros(v.StartedAt), LastRelease: Micros(v.LastRelease),
		Rate: v.Rate, Released: v.Released, Multiples: v.Multiples, Notified: v.Notified,
	}
}

// Value is what the row stands for.
func (r Minute) Value() jobs.Minute {
	return jobs.Minute{
		StartedAt: FromMicros(r.StartedAt), LastRelease: FromMicros(r.LastRelease),
		Rate: r.Rate, Released: r.Released, Multiples: r.Multiples, Notified: r.Notified,
	}
}

// OfSweep is the row of a value.
func OfSweep(v jobs.Sweep) Sweep {
	return Sweep{Active: v.Active, Status: v.Status, After: OfKey(v.After), Found: v.Found}
}

// Value is what the row stands for.
func (r Sweep) Value() jobs.Sweep {
	return jobs.Sweep{Active: r.Active, Status: r.Status, After: r.After.Value(), Found: r.Found}
}

// OfKey is the row of a value.
func OfKey(key registry.ThingKey) ThingKey {
	return ThingKey{Name: string(key.Name), Number: uint64(key.Number)}
}

// Value is what the row stands for.
func (r ThingKey) Value() registry.ThingKey {
	return registry.ThingKey{Name: registry.ThingName(r.Name), Number: registry.ThingNumber(r.Number)}
}
