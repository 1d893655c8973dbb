package rowcodec

import (
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Config is the configuration of a job.
type Config struct {
	Targets           []Target    `cbor:"1,keyasint,omitempty"`
	TargetSelection   string      `cbor:"2,keyasint,omitempty"`
	Document          string      `cbor:"3,keyasint,omitempty"`
	Description       string      `cbor:"4,keyasint,omitempty"`
	InProgressTimeout int64       `cbor:"5,keyasint,omitempty"`
	Rollout           rolloutRow  `cbor:"6,keyasint,omitzero"`
	Abort             []abortRow  `cbor:"7,keyasint,omitempty"`
	Retries           []retryRow  `cbor:"8,keyasint,omitempty"`
	Schedule          scheduleRow `cbor:"9,keyasint,omitzero"`
}

// Target is a target of a job.
type Target struct {
	Kind  int    `cbor:"1,keyasint"`
	Name  string `cbor:"2,keyasint"`
	Group uint64 `cbor:"3,keyasint,omitempty"`
}

type rolloutRow struct {
	MaximumPerMinute int             `cbor:"1,keyasint,omitempty"`
	Exponential      *exponentialRow `cbor:"2,keyasint,omitempty"`
}

type exponentialRow struct {
	BaseRatePerMinute int   `cbor:"1,keyasint"`
	IncrementTenths   int   `cbor:"2,keyasint"`
	Criterion         int   `cbor:"3,keyasint"`
	Threshold         int64 `cbor:"4,keyasint"`
}

type abortRow struct {
	FailureType          string `cbor:"1,keyasint"`
	ThresholdBasisPoints int    `cbor:"2,keyasint"`
	MinExecutedThings    int64  `cbor:"3,keyasint"`
}

type retryRow struct {
	FailureType     string `cbor:"1,keyasint"`
	NumberOfRetries int    `cbor:"2,keyasint"`
}

type scheduleRow struct {
	StartTime   string      `cbor:"1,keyasint,omitempty"`
	EndTime     string      `cbor:"2,keyasint,omitempty"`
	StartsAt    int64       `cbor:"3,keyasint,omitempty"`
	EndsAt      int64       `cbor:"4,keyasint,omitempty"`
	EndBehavior string      `cbor:"5,keyasint,omitempty"`
	Windows     []windowRow `cbor:"6,keyasint,omitempty"`
}

type windowRow struct {
	StartTime         string `cbor:"1,keyasint"`
	DurationInMinutes int    `cbor:"2,keyasint"`
}

// OfConfig is the row of a configuration.
func OfConfig(c *jobs.Config) Config {
	return Config{
		TargetSelection: string(c.TargetSelection), Document: c.Document, Description: c.Description,
		InProgressTimeout: c.InProgressTimeout.Microseconds(), Rollout: ofRollout(c.Rollout), Schedule: ofSchedule(&c.Schedule),
		Targets: Map(c.Targets, OfTarget),
		Abort: Map(c.Abort, func(a jobs.AbortCriterion) abortRow {
			return abortRow{FailureType: string(a.FailureType), ThresholdBasisPoints: a.ThresholdBasisPoints, MinExecutedThings: a.MinNumberOfExecutedThings}
		}),
		Retries: Map(c.Retries, func(r jobs.RetryCriterion) retryRow {
			return retryRow{FailureType: string(r.FailureType), NumberOfRetries: r.NumberOfRetries}
		}),
	}
}

// Value is the configuration of a row.
func (r *Config) Value() *jobs.Config {
	return &jobs.Config{
		TargetSelection: jobs.TargetSelection(r.TargetSelection), Document: r.Document, Description: r.Description,
		InProgressTimeout: time.Duration(r.InProgressTimeout) * time.Microsecond, Rollout: r.Rollout.rollout(), Schedule: r.Schedule.schedule(),
		Targets: Map(r.Targets, Target.Value),
		Abort: Map(r.Abort, func(a abortRow) jobs.AbortCriterion {
			return jobs.AbortCriterion{
				FailureType: jobs.FailureType(a.FailureType), ThresholdBasisPoints: a.ThresholdBasisPoints, MinNumberOfExecutedThings: a.MinExecutedThings,
			}
		}),
		Retries: Map(r.Retries, func(r retryRow) jobs.RetryCriterion {
			return jobs.RetryCriterion{FailureType: jobs.FailureType(r.FailureType), NumberOfRetries: r.NumberOfRetries}
		}),
	}
}

// OfTarget is the row of a target.
func OfTarget(t jobs.Target) Target {
	return Target{Kind: int(t.Kind), Name: t.Name, Group: uint64(t.Group)}
}

// Value is the target of a row.
func (r Target) Value() jobs.Target {
	return jobs.Target{Kind: jobs.TargetKind(r.Kind), Name: r.Name, Group: registry.GroupNumber(r.Group)}
}

func ofRollout(v jobs.RolloutRate) rolloutRow {
	r := rolloutRow{MaximumPerMinute: v.MaximumPerMinute}
	if e := v.Exponential; e != nil {
		r.Exponential = &exponentialRow{
			BaseRatePerMinute: e.BaseRatePerMinute, IncrementTenths: e.IncrementTenths, Criterion: int(e.Criterion), Threshold: e.Threshold,
		}
	}
	return r
}

func (r rolloutRow) rollout() jobs.RolloutRate {
	v := jobs.RolloutRate{MaximumPerMinute: r.MaximumPerMinute}
	if e := r.Exponential; e != nil {
		v.Exponential = &jobs.ExponentialRate{
			BaseRatePerMinute: e.BaseRatePerMinute, IncrementTenths: e.IncrementTenths, Criterion: jobs.RateCriterion(e.Criterion), Threshold: e.Threshold,
		}
	}
	return v
}

func ofSchedule(v *jobs.Schedule) scheduleRow {
	return scheduleRow{
		StartTime: v.StartTime, EndTime: v.EndTime, StartsAt: Micros(v.StartsAt), EndsAt: Micros(v.EndsAt), EndBehavior: string(v.EndBehavior),
		Windows: Map(v.MaintenanceWindows, func(w jobs.MaintenanceWindow) windowRow { return windowRow(w) }),
	}
}

func (r *scheduleRow) schedule() jobs.Schedule {
	return jobs.Schedule{
		StartTime: r.StartTime, EndTime: r.EndTime, StartsAt: FromMicros(r.StartsAt), EndsAt: FromMicros(r.EndsAt), EndBehavior: jobs.EndBehavior(r.EndBehavior),
		MaintenanceWindows: Map(r.Windows, func(w windowRow) jobs.MaintenanceWindow { return jobs.MaintenanceWindow(w) }),
	}
}
