package rollout_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"iotjobs/internal/rollout"
)

// spoken is an expression together with what it means, said without parsing it: one predicate for each field.
type spoken struct {
	text                      string
	minute, hour, month, year func(int) bool
	date                      func(time.Time) bool
}

func drawSpoken(rt *rapid.T) spoken {
	var s spoken
	var fields [6]string
	fields[0], s.minute = drawList(rt, 0, 59, nil)
	fields[1], s.hour = drawList(rt, 0, 23, nil)
	fields[3], s.month = drawList(rt, 1, 12, strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"))
	fields[5], s.year = "*", func(int) bool { return true }
	if rapid.Bool().Draw(rt, "years") {
		first := rapid.IntRange(2024, 2030).Draw(rt, "first")
		fields[5], s.year = fmt.Sprintf("%d-%d", first, first+2), func(y int) bool { return y >= first && y <= first+2 }
	}
	if rapid.Bool().Draw(rt, "by month day") {
		fields[2], s.date = drawMonthDay(rt)
		fields[4] = "?"
	} else {
		fields[2] = "?"
		fields[4], s.date = drawWeekDay(rt)
	}
	s.text = "cron(" + strings.Join(fields[:], " ") + ")"
	return s
}

// drawList draws one or two items of the forms that every field has.
func drawList(rt *rapid.T, low, high int, names []string) (text string, holds func(int) bool) {
	value := rapid.IntRange(low, high)
	say := func(n int) string {
		if names != nil && rapid.Bool().Draw(rt, "by name") {
			return names[n-low]
		}
		return fmt.Sprint(n)
	}
	var items []string
	var values []int
	for range rapid.IntRange(1, 2).Draw(rt, "items") {
		from, until, item := low, high, "*"
		form := rapid.SampledFrom([]string{"*", "a", "a-b", "a/"}).Draw(rt, "form")
		if form != "*" {
			from = value.Draw(rt, "from")
			item = say(from)
		}
		switch form {
		case "a":
			until = from
		case "a-b":
			until = value.Draw(rt, "until")
			item += "-" + say(until)
		}
		step := 1
		if form == "a/" || form != "a" && rapid.Bool().Draw(rt, "stepped") {
			step = rapid.IntRange(1, high-low+1).Draw(rt, "step")
			item += fmt.Sprintf("/%d", step)
		}
		items = append(items, item)
		for n, i := from, 0; ; n, i = n+1, i+1 { // walk the cycle one by one, and take each step-th
			if n > high {
				n = low
			}
			if i%step == 0 {
				values = append(values, n)
			}
			if n == until {
				break
			}
		}
	}
	return strings.Join(items, ","), func(n int) bool { return slices.Contains(values, n) }
}

func drawMonthDay(rt *rapid.T) (text string, holds func(time.Time) bool) {
	day := rapid.IntRange(1, 31).Draw(rt, "day")
	last := func(t time.Time) bool { return t.AddDate(0, 0, 1).Day() == 1 }
	switch rapid.SampledFrom([]string{"list", "L", "LW", "W"}).Draw(rt, "month day") {
	case "L":
		return "L", last
	case "LW": // a weekday after which only days of a weekend come in this month
		return "LW", func(t time.Time) bool {
			for d := t.AddDate(0, 0, 1); d.Month() == t.Month(); d = d.AddDate(0, 0, 1) {
				if works(d) {
					return false
				}
			}
			return works(t)
		}
	case "W":
		return fmt.Sprintf("%dW", day), func(t time.Time) bool {
			for _, offset := range []int{0, -1, 1, -2, 2} { // the nearest first
				near := time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC)
				if near.Month() != t.Month() {
					return false // the month has no such day
				}
				if near = near.AddDate(0, 0, offset); near.Month() == t.Month() && works(near) {
					return near.Equal(t)
				}
			}
			return false
		}
	default:
		text, holds := drawList(rt, 1, 31, nil)
		return text, func(t time.Time) bool { return holds(t.Day()) }
	}
}

func drawWeekDay(rt *rapid.T) (text string, holds func(time.Time) bool) {
	day := rapid.IntRange(1, 7).Draw(rt, "day")
	is := func(t time.Time) bool { return int(t.Weekday())+1 == day }
	switch rapid.SampledFrom([]string{"list", "L", "dL", "#"}).Draw(rt, "week day") {
	case "L":
		return "L", func(t time.Time) bool { return t.Weekday() == time.Saturday }
	case "dL":
		return fmt.Sprintf("%dL", day), func(t time.Time) bool { return is(t) && t.AddDate(0, 0, 7).Month() != t.Month() }
	case "#":
		nth := rapid.IntRange(1, 5).Draw(rt, "nth")
		return fmt.Sprintf("%d#%d", day, nth), func(t time.Time) bool {
			return is(t) && t.AddDate(0, 0, -7*(nth-1)).Month() == t.Month() && t.AddDate(0, 0, -7*nth).Month() != t.Month()
		}
	default:
		text, holds := drawList(rt, 1, 7, strings.Fields("SUN MON TUE WED THU FRI SAT"))
		return text, func(t time.Time) bool { return holds(int(t.Weekday()) + 1) }
	}
}

func works(t time.Time) bool { return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday }

// next looks at one minute after the other of each date that matches, up to a horizon.
func (s spoken) next(after, horizon time.Time) (next time.Time, ok bool) {
	for date := after.Truncate(24 * time.Hour); date.Before(horizon); date = date.AddDate(0, 0, 1) {
		if !s.year(date.Year()) || !s.month(int(date.Month())) || !s.date(date) {
			continue
		}
		for minute := range 24 * 60 {
			at := date.Add(time.Duration(minute) * time.Minute)
			if at.After(after) && s.hour(at.Hour()) && s.minute(at.Minute()) {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// TestCronAgainstPredicates: the next instant of a random expression is the one that a search by its meaning finds.
func TestCronAgainstPredicates(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawSpoken(rt)
		cron, err := rollout.ParseCron(s.text)
		if err != nil {
			rt.Fatalf("%s: %v", s.text, err)
		}
		after := time.Date(2023, 12, 25, 0, rapid.IntRange(0, 6*366*24*60).Draw(rt, "minute"), 0, 0, time.UTC)
		horizon := after.AddDate(3, 0, 0)
		for range 5 {
			want, found := s.next(after, horizon)
			got, ok := cron.Next(after)
			if found && !got.Equal(want) || !found && ok && got.Before(horizon.Truncate(24*time.Hour)) {
				rt.Fatalf("%s after %v: got %v, %t, want %v, %t", s.text, after, got, ok, want, found)
			}
			if !found {
				return
			}
			after = want
		}
	})
}
