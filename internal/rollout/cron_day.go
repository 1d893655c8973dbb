package rollout

import "time"

// dayRule is what the day-of-month or the day-of-week field says; the other field is "?".
type dayRule struct {
	// Of the day of the month: plain days, days whose nearest weekday is meant (15W), the last day (L), the last weekday (LW).
	monthDays, nearest   set
	lastDay, lastWeekday bool
	// Of the day of the week, 1 = Sunday: plain days, days that are meant only the last time in a month (6L), and the nth one (6#3).
	weekDays, lastWeekDays set
	nthDay, nth            int // 0 without one
}

// in is the set of days of a month that the rule matches.
func (r dayRule) in(year int, month time.Month) (days set) {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	m := monthOf{last: first.AddDate(0, 1, -1).Day(), firstWeekDay: int(first.Weekday())}
	for day := 1; day <= m.last; day++ {
		weekDay := m.weekDay(day)
		switch {
		case r.monthDays.has(day), r.weekDays.has(weekDay):
			days.add(day)
		case r.lastWeekDays.has(weekDay) && day+7 > m.last:
			days.add(day)
		case r.nthDay == weekDay && r.nth == (day+6)/7:
			days.add(day)
		}
		if r.nearest.has(day) {
			days.add(m.nearestWeekday(day))
		}
	}
	if r.lastDay {
		days.add(m.last)
	}
	if r.lastWeekday {
		days.add(m.nearestWeekday(m.last))
	}
	return days
}

// monthOf is the shape of a month: its last day, and the weekday of its first, 0 = Sunday.
type monthOf struct{ last, firstWeekDay int }

// The days of the week as the expression counts them.
const (
	sunday   = 1
	saturday = 7
)

func (m monthOf) weekDay(day int) int { return (m.firstWeekDay+day-1)%7 + 1 }

// nearestWeekday is the day from Monday to Friday that is nearest to a day, within the month.
func (m monthOf) nearestWeekday(day int) int {
	switch m.weekDay(day) {
	case saturday:
		if day == 1 {
			return 3 // the Friday before is in another month
		}
		return day - 1
	case sunday:
		if day == m.last {
			return day - 2 // the Monday after is in another month
		}
		return day + 1
	default:
		return day
	}
}
