package rollout

import (
	"strconv"
	"strings"
)

// ParseCron reads an AWS cron expression, and refuses it with InvalidRequest. The fields are separated by white space:
//
//	minutes       0-59             , - * /
//	hours         0-23             , - * /
//	day-of-month  1-31             , - * ? / L W
//	month         1-12 or JAN-DEC  , - * /
//	day-of-week   1-7 or SUN-SAT   , - * ? / L #
//	year          1970-2199        , - * /
//
// One of the two day fields must be "?", and only one. 1 is Sunday. Names are read in any case. A range may run over the end of its
// cycle, as FRI-MON does. "5/10" means from 5 on, every tenth. L is the last day of the month, or of the week: Saturday; 6L is the last Friday of the
// month, 6#3 the third, 15W the weekday nearest to the 15th in the same month, LW the last weekday.
func ParseCron(text string) (Cron, error) {
	inner, opened := strings.CutPrefix(text, "cron(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !opened || !closed {
		return Cron{}, cronError(text, "it must have the form cron(minutes hours day-of-month month day-of-week year)")
	}
	fields := strings.Fields(strings.ToUpper(inner))
	if len(fields) != 6 {
		return Cron{}, cronError(text, "it must have six fields, found "+strconv.Itoa(len(fields)))
	}
	c := Cron{text: text}
	monthDay, weekDay := fieldReader(c.days.readMonthDay), fieldReader(c.days.readWeekDay)
	switch {
	case (fields[2] == "?") == (fields[4] == "?"):
		return Cron{}, cronError(text, "one of day-of-month and day-of-week must be ?, and only one")
	case fields[2] == "?":
		monthDay = readAny
	default:
		weekDay = readAny
	}
	for i, read := range []fieldReader{
		plain(minuteField, c.minutes.add), plain(hourField, c.hours.add), monthDay, plain(monthField, c.months.add), weekDay, plain(yearField, c.years.add),
	} {
		for item := range strings.SplitSeq(fields[i], ",") {
			if fault := read(item); fault != "" {
				return Cron{}, cronError(text, fault)
			}
		}
	}
	if c.days.nth != 0 && strings.Contains(fields[4], ",") {
		return Cron{}, cronError(text, "a day-of-week with # must stand alone")
	}
	return c, nil
}

func cronError(text, fault string) error {
	return invalid("MaintenanceWindow", "StartTime %s cannot be read: %s.", text, fault)
}

// fieldReader takes one item of a field's list, and says what is wrong with it, or "".
type fieldReader func(item string) (fault string)

// readAny takes the "?" of the day field that says nothing.
func readAny(string) string { return "" }

// field is what an item of a field may be.
type field struct {
	name     string
	min, max int
	cyclic   bool     // after max comes min
	names    []string // of min, min+1, …
}

var (
	minuteField   = field{name: "minutes", min: 0, max: 59, cyclic: true}
	hourField     = field{name: "hours", min: 0, max: 23, cyclic: true}
	monthDayField = field{name: "day-of-month", min: 1, max: 31, cyclic: true}
	monthField    = field{name: "month", min: 1, max: 12, cyclic: true, names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}}
	weekDayField  = field{name: "day-of-week", min: 1, max: 7, cyclic: true, names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}}
	yearField     = field{name: "year", min: firstYear, max: lastYear}
)

// plain reads the forms that all fields have: *, a, a-b, and each with /step.
func plain(f field, add func(int)) fieldReader {
	return func(item string) string {
		span, step, stepped := strings.Cut(item, "/")
		width := f.max - f.min + 1
		from, until, ok := f.span(span, stepped)
		if !ok {
			return f.fault(item)
		}
		by := 1
		if stepped {
			if by, ok = number(step); !ok || by < 1 || by > width {
				return f.fault(item)
			}
		}
		if until < from { // over the end of the cycle
			until += width
		}
		for n := from; n <= until; n += by {
			add((n-f.min)%width + f.min)
		}
		return ""
	}
}

// span reads *, a or a-b. One value with a step goes on to the end of the field.
func (f field) span(text string, stepped bool) (from, until int, ok bool) {
	if text == "*" {
		return f.min, f.max, true
	}
	first, last, isRange := strings.Cut(text, "-")
	if from, ok = f.value(first); !ok {
		return 0, 0, false
	}
	switch {
	case isRange:
		until, ok = f.value(last)
		return from, until, ok && (from <= until || f.cyclic)
	case stepped:
		return from, f.max, true
	default:
		return from, from, true
	}
}

func (f field) value(text string) (n int, ok bool) {
	for i, name := range f.names {
		if text == name {
			return f.min + i, true
		}
	}
	n, ok = number(text)
	return n, ok && n >= f.min && n <= f.max
}

func (f field) fault(item string) string {
	if item == "" {
		return f.name + " has an empty item"
	}
	return f.name + " cannot be " + item
}

// number reads one to four digits, and nothing else.
func number(text string) (n int, ok bool) {
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

func (r *dayRule) readMonthDay(item string) string {
	before, isNearest := strings.CutSuffix(item, "W")
	switch {
	case item == "L":
		r.lastDay = true
	case item == "LW":
		r.lastWeekday = true
	case isNearest:
		day, ok := monthDayField.value(before)
		if !ok {
			return monthDayField.fault(item)
		}
		r.nearest.add(day)
	default:
		return plain(monthDayField, r.monthDays.add)(item)
	}
	return ""
}

func (r *dayRule) readWeekDay(item string) string {
	first, nth, isNth := strings.Cut(item, "#")
	before, isLast := strings.CutSuffix(item, "L")
	switch {
	case item == "L":
		r.weekDays.add(saturday)
	case isNth:
		var dayOK, nthOK bool
		r.nthDay, dayOK = weekDayField.value(first)
		r.nth, nthOK = number(nth)
		if !dayOK || !nthOK || r.nth < 1 || r.nth > 5 {
			return weekDayField.fault(item)
		}
	case isLast:
		day, ok := weekDayField.value(before)
		if !ok {
			return weekDayField.fault(item)
		}
		r.lastWeekDays.add(day)
	default:
		return plain(weekDayField, r.weekDays.add)(item)
	}
	return ""
}
