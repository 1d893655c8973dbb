package rollout

import (
	"fmt"
	"time"

	"iotjobs/internal/jobs"
)

// ScheduleQuotas are AWS's limits of a schedule, which the operator may change.
type ScheduleQuotas struct {
	// MinLead is how far ahead startTime and endTime must be, MinLength how far endTime must be behind startTime.
	MinLead, MinLength time.Duration
	// MaxStart and MaxEnd are how far ahead startTime and endTime may be.
	MaxStart, MaxEnd time.Duration
}

const day = 24 * time.Hour

// DefaultScheduleQuotas are AWS's: half an hour, one year and two years, leap day included (LIFE-8.1, LIFE-8.2).
func DefaultScheduleQuotas() ScheduleQuotas {
	return ScheduleQuotas{MinLead: 30 * time.Minute, MinLength: 30 * time.Minute, MaxStart: 366 * day, MaxEnd: 731 * day}
}

// ReadSchedule checks a schedule whose texts have been filled in, as of now, and fills in the instants. It refuses with InvalidRequest.
// (maintenance windows of a snapshot job are refused with the request: LIFE-8.4.)
func ReadSchedule(now time.Time, asked jobs.Schedule, quotas ScheduleQuotas) (jobs.Schedule, error) {
	if asked.EndBehavior != "" && asked.EndTime == "" {
		return jobs.Schedule{}, invalid("EndBehavior", "EndBehavior cannot be used without EndTime.")
	}
	if _, err := ParseWindows(asked.MaintenanceWindows); err != nil {
		return jobs.Schedule{}, err
	}
	var err error
	if asked.StartsAt, err = readTime("StartTime", asked.StartTime, now, quotas.MinLead, quotas.MaxStart); err != nil {
		return jobs.Schedule{}, err
	}
	if asked.EndsAt, err = readTime("EndTime", asked.EndTime, now, quotas.MinLead, quotas.MaxEnd); err != nil {
		return jobs.Schedule{}, err
	}
	if !asked.StartsAt.IsZero() && !asked.EndsAt.IsZero() && asked.EndsAt.Before(asked.StartsAt.Add(quotas.MinLength)) {
		return jobs.Schedule{}, invalid("EndTime", "%s is less than %s after StartTime %s.", asked.EndTime, span(quotas.MinLength), asked.StartTime)
	}
	return asked, nil
}

// readTime reads one member and bounds it; zero without one.
func readTime(member, text string, now time.Time, least, most time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, ok := parseTime(text)
	switch {
	case !ok:
		return time.Time{}, invalid(member, "%s is not a time of the form YYYY-MM-DD HH:MM.", text)
	case at.Before(now):
		return time.Time{}, invalid(member, "%s is in the past.", text)
	case at.Before(now.Add(least)):
		return time.Time{}, invalid(member, "%s is less than %s from now.", text, span(least))
	case at.After(now.Add(most)):
		return time.Time{}, invalid(member, "%s is more than %s from now.", text, span(most))
	default:
		return at, nil
	}
}

// timeForms are the form of the documentation and those of ISO 8601; without an offset the time is UTC. Fractions of a second may follow
// the seconds of each.
var timeForms = []string{
	"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04Z0700", "2006-01-02T15:04:05Z0700", "2006-01-02",
}

// resolution is the grain of stored times.
const resolution = time.Millisecond

func parseTime(text string) (at time.Time, ok bool) {
	for _, form := range timeForms {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC().Truncate(resolution), true
		}
	}
	return time.Time{}, false
}

// endComment tells the operator why the job was canceled at its end. The wording is ours (Q25).
func endComment(s *jobs.Schedule) string {
	return fmt.Sprintf("Canceled: endTime %s has come, and endBehavior is %s.", s.EndTime, s.EndBehavior)
}

// EndReasonCode is the reasonCode of a job that its endBehavior canceled (Q25).
const EndReasonCode = "END_TIME_REACHED"

// CrowdedReasonCode is the reasonCode of a job that could not start because too many others were rolling out (LIFE-1.2, Q25).
const CrowdedReasonCode = "CONCURRENT_JOBS_LIMIT_REACHED"

const crowdedComment = "Canceled: at startTime as many jobs were rolling out as may at the same time."

func invalid(member, format string, args ...any) error {
	return jobs.Errorf(jobs.InvalidRequest, "%s is invalid. %s", member, fmt.Sprintf(format, args...))
}

// span writes a limit as people say it.
func span(d time.Duration) string {
	switch {
	case d >= 2*day && d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	default:
		return d.String()
	}
}
