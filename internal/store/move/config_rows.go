package move

import (
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

type configRow struct {
	Targets           []targetRow `cbor:"1,keyasint,omitempty"`
	TargetSelection   string      `cbor:"2,keyasint,omitempty"`
	Document          string      `cbor:"3,keyasint,omitempty"`
	Description       string      `cbor:"4,keyasint,omitempty"`
	InProgressTimeout int64       `cbor:"5,keyasint,omitempty"`
	Rollout           rolloutRow  `cbor:"6,keyasint,omitzero"`
	Abort             []abortRow  `cbor:"7,keyasint,omitempty"`
	Retries           []retryRow  `cbor:"8,keyasint,omitempty"`
	Schedule          scheduleRow `cbor:"9,keyasint,omitzero"`
}

type targetRow struct {
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

func rowOfConfig(c *jobs.Config) configRow {
	return configRow{
		TargetSelection: string(c.TargetSelection), Document: c.Document, Description: c.Description,
		InProgressTimeout: c.InProgressTimeout.Microseconds(), Rollout: rowOfRollout(c.Rollout), Schedule: rowOfSchedule(&c.Schedule),
		Targets: mapped(c.Targets, rowOfTarget),
		Abort: mapped(c.Abort, func(a jobs.AbortCriterion) abortRow {
			return abortRow{FailureType: string(a.FailureType), ThresholdBasisPoints: a.ThresholdBasisPoints, MinExecutedThings: a.MinNumberOfExecutedThings}
		}),
		Retries: mapped(c.Retries, func(r jobs.RetryCriterion) retryRow {
			return retryRow{FailureType: string(r.FailureType), NumberOfRetries: r.NumberOfRetries}
		}),
	}
}

func (r *configRow) config() *jobs.Config {
	return &jobs.Config{
		TargetSelection: jobs.TargetSelection(r.TargetSelection), Document: r.Document, Description: r.Description,
		InProgressTimeout: time.Duration(r.InProgressTimeout) * time.Microsecond, Rollout: r.Rollout.rollout(), Schedule: r.Schedule.schedule(),
		Targets: mapped(r.Targets, targetRow.target),
		Abort: mapped(r.Abort, func(a abortRow) jobs.AbortCriterion {
			return jobs.AbortCriterion{
				FailureType: jobs.FailureType(a.FailureType), ThresholdBasisPoints: a.ThresholdBasisPoints, MinNumberOfExecutedThings: a.MinExecutedThings,
			}
		}),
		Retries: mapped(r.Retries, func(r retryRow) jobs.RetryCriterion {
			return jobs.RetryCriterion{FailureType: jobs.FailureType(r.FailureType), NumberOfRetries: r.NumberOfRetries}
		}),
	}
}

func rowOfTarget(t jobs.Target) targetRow {
	return targetRow{Kind: int(t.Kind), Name: t.Name, Group: uint64(t.Group)}
}

func (r targetRow) target() jobs.Target {
	return jobs.Target{Kind: jobs.TargetKind(r.Kind), Name: r.Name, Group: registry.GroupNumber(r.Group)}
}

func rowOfRollout(v jobs.RolloutRate) rolloutRow {
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

func rowOfSchedule(v *jobs.Schedule) scheduleRow {
	return scheduleRow{
		StartTime: v.StartTime, EndTime: v.EndTime, StartsAt: micros(v.StartsAt), EndsAt: micros(v.EndsAt), EndBehavior: string(v.EndBehavior),
		Windows: mapped(v.MaintenanceWindows, func(w jobs.MaintenanceWindow) windowRow { return windowRow(w) }),
	}
}

func (r *scheduleRow) schedule() jobs.Schedule {
	return jobs.Schedule{
		StartTime: r.StartTime, EndTime: r.EndTime, StartsAt: fromMicros(r.StartsAt), EndsAt: fromMicros(r.EndsAt), EndBehavior: jobs.EndBehavior(r.EndBehavior),
		MaintenanceWindows: mapped(r.Windows, func(w windowRow) jobs.MaintenanceWindow { return jobs.MaintenanceWindow(w) }),
	}
}

// mapped is a list of the same length, of something else; none for none.
func mapped[A, B any](list []A, of func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i := range list {
		out[i] = of(list[i])
	}
	return out
}
