package rollout

import (
	"time"

	"iotjobs/internal/jobs"
)

// allowance is what a rollout may release now.
type allowance struct {
	things int
	// next is, when things is zero, the first instant at which it is more.
	next time.Time
	// minute is, when things is not, the one that a release now belongs to.
	minute jobs.Minute
}

// allow tells how many things may be released now.
//
// A minute keeps its rate, and the next one starts a minute or more after the last actual release. What a minute left over is lost, and
// a minute that nobody came to use is not made up for (design: rollout arithmetic). So the rate holds in every half-open window of 60 s,
// whether ticks are late, a quota goes out in pieces, or the service was down:
//
//   - Releases of one minute never exceed its rate.
//   - A minute starts at least 60 s after every release before it, and nothing of it is released before its start, even when the clock
//     is set back. So no window holds releases of two minutes.
//
// A maximum that was lowered holds at once, for an operator who lowers it has a reason; a raised one waits for the next minute.
func allow(now time.Time, m jobs.Minute, r jobs.RolloutRate, quota int, counters jobs.Counters) allowance {
	if end := m.LastRelease.Add(time.Minute); m.StartedAt.IsZero() || !now.Before(end) {
		m.StartedAt, m.Released = now, 0
		m.Multiples = multiples(m, r, counters)
		m.Rate = rateAt(r, quota, m.Multiples)
	}
	switch left := min(m.Rate, ceiling(r, quota)) - m.Released; {
	case left <= 0:
		return allowance{next: m.LastRelease.Add(time.Minute)}
	case now.Before(m.StartedAt):
		return allowance{next: m.StartedAt}
	default:
		return allowance{things: left, minute: m}
	}
}

// released notes that n things, at least one, were released at now.
func released(m jobs.Minute, now time.Time, n int) jobs.Minute {
	m.Released += n
	m.Notified += int64(n)
	if now.After(m.LastRelease) {
		m.LastRelease = now
	}
	return m
}
