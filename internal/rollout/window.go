package rollout

import (
	"slices"
	"time"

	"iotjobs/internal/jobs"
)

// Windows are the maintenance windows of a job. None means that the job may always work.
type Windows []Window

// Window opens at every instant of its cron expression and stays open for its length.
type Window struct {
	opens  Cron
	length time.Duration
}

// Bounds of maintenance windows. AWS documents none for their number; ours keeps a look at them short.
const (
	maxWindows       = 20
	maxWindowMinutes = 1430
)

// ParseWindows reads maintenance windows, and refuses them with InvalidRequest. Those of a stored job were read before.
func ParseWindows(given []jobs.MaintenanceWindow) (Windows, error) {
	if len(given) > maxWindows {
		return nil, invalid("MaintenanceWindow", "A job has at most %d maintenance windows, found %d.", maxWindows, len(given))
	}
	var windows Windows
	for _, w := range given {
		opens, err := ParseCron(w.StartTime)
		if err != nil {
			return nil, err
		}
		if w.DurationInMinutes < 1 || w.DurationInMinutes > maxWindowMinutes {
			return nil, invalid("MaintenanceWindow", "DurationInMinutes must be between 1 and %d, found %d.", maxWindowMinutes, w.DurationInMinutes)
		}
		windows = append(windows, Window{opens: opens, length: time.Duration(w.DurationInMinutes) * time.Minute})
	}
	return windows, nil
}

// Open tells whether the job may work now (LIFE-8.7).
func (ws Windows) Open(now time.Time) bool {
	return len(ws) == 0 || slices.ContainsFunc(ws, func(w Window) bool {
		opened, ok := w.current(now)
		return ok && !opened.After(now)
	})
}

// current is the first opening that ends after now, whether it has begun or not.
func (w Window) current(now time.Time) (opening time.Time, ok bool) {
	return w.opens.Next(now.Add(-w.length))
}

// NextOpening is the first opening of any window after now; zero when none opens any more.
func (ws Windows) NextOpening(now time.Time) time.Time {
	var next time.Time
	for _, w := range ws {
		if opens, ok := w.opens.Next(now); ok {
			next = earlier(next, opens)
		}
	}
	return next
}

// NextChange is the first instant after now at which a window opens or closes, so that Open may change; zero for never. Where windows
// overlap or follow each other it is an instant at which Open stays true.
func (ws Windows) NextChange(now time.Time) time.Time {
	next := ws.NextOpening(now)
	for _, w := range ws {
		if opened, ok := w.current(now); ok {
			next = earlier(next, opened.Add(w.length))
		}
	}
	return next
}

// UpcomingShown is how many windows DescribeJob shows (LIFE-8.6).
const UpcomingShown = 7

// Upcoming are the next n openings that start at from or later and before until, in order; a zero until means without end. Windows that
// overlap are shown one by one, those that open together once, with the longer length.
func (ws Windows) Upcoming(from, until time.Time, n int) []jobs.Opening {
	var upcoming []jobs.Opening
	for at := from.Add(-1); len(upcoming) < n; {
		at = ws.NextOpening(at)
		if at.IsZero() || !until.IsZero() && !at.Before(until) {
			break
		}
		upcoming = append(upcoming, jobs.Opening{Start: at, End: at.Add(ws.lengthAt(at))})
	}
	return upcoming
}

// lengthAt is the length of the longest window that opens at an instant.
func (ws Windows) lengthAt(at time.Time) (longest time.Duration) {
	for _, w := range ws {
		if opens, ok := w.opens.Next(at.Add(-1)); ok && opens.Equal(at) {
			longest = max(longest, w.length)
		}
	}
	return longest
}

// earlier is the earlier of two instants, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
