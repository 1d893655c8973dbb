package rollout

import (
	"math/bits"
	"time"
)

// Cron is an AWS cron expression: cron(minutes hours day-of-month month day-of-week year), all in UTC. The zero value never matches.
type Cron struct {
	text           string
	minutes, hours set
	months         set
	years          yearSet
	days           dayRule
}

// Years that an expression can name.
const (
	firstYear = 1970
	lastYear  = 2199
)

// String is the expression as it was given.
func (c Cron) String() string { return c.text }

// Next is the first instant after the given one that matches, a whole minute in UTC; ok is false when there is none until the end of
// 2199. A date that never comes, such as February 30th, costs one look at each February.
func (c Cron) Next(after time.Time) (next time.Time, ok bool) {
	from := after.UTC().Truncate(time.Minute).Add(time.Minute)
	for date, ok := c.nextDate(from); ok; date, ok = c.nextDate(date.AddDate(0, 0, 1)) {
		earliest := 0
		if date.Before(from) { // from is within this date
			earliest = from.Hour()*60 + from.Minute()
		}
		if minute, ok := c.nextMinute(earliest); ok {
			return date.Add(time.Duration(minute) * time.Minute), true
		}
	}
	return time.Time{}, false
}

// nextDate is midnight of the first matching date, beginning with the one that from is in.
func (c Cron) nextDate(from time.Time) (date time.Time, ok bool) {
	year, month, day := from.Date()
	if year < firstYear {
		year, month, day = firstYear, time.January, 1
	}
	for ; year <= lastYear; year, month = year+1, time.January {
		if !c.years.has(year) {
			day = 1
			continue
		}
		for ; month <= time.December; month, day = month+1, 1 {
			if !c.months.has(int(month)) {
				continue
			}
			if days := c.days.in(year, month).from(day); days != 0 {
				return time.Date(year, month, days.first(), 0, 0, 0, 0, time.UTC), true
			}
		}
	}
	return time.Time{}, false
}

// nextMinute is the first matching minute of a day, earliest or later.
func (c Cron) nextMinute(earliest int) (minute int, ok bool) {
	for hour, minute := earliest/60, earliest%60; hour < 24; hour, minute = hour+1, 0 {
		if !c.hours.has(hour) {
			continue
		}
		if minutes := c.minutes.from(minute); minutes != 0 {
			return hour*60 + minutes.first(), true
		}
	}
	return 0, false
}

// set is a set of numbers from 0 to 63, one bit each.
type set uint64

func (s set) has(n int) bool { return s>>n&1 == 1 }
func (s *set) add(n int)     { *s |= 1 << n }

// from leaves out what is below n.
func (s set) from(n int) set { return s >> n << n }

// first is the lowest number of a set that is not empty.
func (s set) first() int { return bits.TrailingZeros64(uint64(s)) }

// yearSet is a set of years from firstYear to lastYear.
type yearSet [(lastYear-firstYear)/64 + 1]set

func (s yearSet) has(year int) bool { return s[(year-firstYear)/64].has((year - firstYear) % 64) }
func (s *yearSet) add(year int)     { s[(year-firstYear)/64].add((year - firstYear) % 64) }
