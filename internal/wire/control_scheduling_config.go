package wire

import (
	"time"

	"iotjobs/internal/jobs"
)

// schedulingRequest is schedulingConfig as it was asked for. Its texts are read by the service, which knows the time.
type schedulingRequest jobs.Schedule

// Bounds of schedulingConfig (CTRL-2.4.12).
const (
	maxDateTime = 64
	maxCron     = 256
	maxWindow   = 1430 // minutes
)

// scheduling reads schedulingConfig; zero without one.
func (r *Reader) scheduling() (q schedulingRequest) {
	c := r.Object("schedulingConfig")
	if c == nil {
		return q
	}
	q.StartTime, _ = c.String("startTime", MinLen(1), MaxLen(maxDateTime))
	q.EndTime, _ = c.String("endTime", MinLen(1), MaxLen(maxDateTime))
	behavior, _ := c.String("endBehavior", OneOf(jobs.StopRollout, jobs.EndCancel, jobs.ForceCancel))
	q.EndBehavior = jobs.EndBehavior(behavior)
	for _, item := range c.Objects("maintenanceWindows") {
		start := item.RequiredString("startTime", MinLen(1), MaxLen(maxCron))
		minutes := item.RequiredLong("durationInMinutes", Min(1), Max(maxWindow))
		q.MaintenanceWindows = append(q.MaintenanceWindows, jobs.MaintenanceWindow{StartTime: start, DurationInMinutes: int(minutes)})
	}
	return q
}

// check has the measured text (CTRL-2.4.32).
func (q schedulingRequest) check(selection jobs.TargetSelection) error {
	if len(q.MaintenanceWindows) > 0 && selection == jobs.Snapshot {
		return jobs.Errorf(jobs.InvalidRequest, "TargetSelection is invalid. MaintenanceWindow cannot be used with SNAPSHOT job.")
	}
	return nil
}

// schedulingConfig is the member of DescribeJob, in the texts that were given; unset it is an object of nulls (CTRL-1.3).
type schedulingConfig struct {
	StartTime          *string             `json:"startTime"`
	EndTime            *string             `json:"endTime"`
	EndBehavior        *jobs.EndBehavior   `json:"endBehavior"`
	MaintenanceWindows []maintenanceWindow `json:"maintenanceWindows"`
}

type maintenanceWindow struct {
	StartTime         string `json:"startTime"`
	DurationInMinutes int    `json:"durationInMinutes"`
}

func showSchedule(s jobs.Schedule) schedulingConfig {
	c := schedulingConfig{StartTime: orNull(s.StartTime), EndTime: orNull(s.EndTime), EndBehavior: orNull(s.EndBehavior)}
	for _, w := range s.MaintenanceWindows {
		c.MaintenanceWindows = append(c.MaintenanceWindows, maintenanceWindow{w.StartTime, w.DurationInMinutes})
	}
	return c
}

// scheduledJobRollout is one of the next openings of a job's maintenance windows (LIFE-8.6).
type scheduledJobRollout struct {
	// StartTime is in UTC and in the form in which AWS documents the times of a schedule; of this member it documents none.
	StartTime string `json:"startTime"`
}

// showOpenings is null without any.
func showOpenings(openings []jobs.Opening) []scheduledJobRollout {
	const form = "2006-01-02 15:04" // windows open at whole minutes
	var list []scheduledJobRollout
	for _, opening := range openings {
		list = append(list, scheduledJobRollout{opening.Start.In(time.UTC).Format(form)})
	}
	return list
}
