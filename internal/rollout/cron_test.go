package rollout_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

const minuteForm = "2006-01-02 15:04"

// TestCronOpenings: every form of every field with its next seven openings after the beginning of 2026, a Thursday. The weekday is in
// the expectation because it is what most forms are about.
func TestCronOpenings(t *testing.T) {
	for _, c := range []struct{ fields, want string }{
		// Minutes and hours.
		{"0 10 * * ? *", "Thu 2026-01-01 10:00, Fri 2026-01-02 10:00, Sat 2026-01-03 10:00, Sun 2026-01-04 10:00, Mon 2026-01-05 10:00, Tue 2026-01-06 10:00, Wed 2026-01-07 10:00"},
		{"* * * * ? *", "Thu 2026-01-01 00:01, Thu 2026-01-01 00:02, Thu 2026-01-01 00:03, Thu 2026-01-01 00:04, Thu 2026-01-01 00:05, Thu 2026-01-01 00:06, Thu 2026-01-01 00:07"},
		{"0/15 * * * ? *", "Thu 2026-01-01 00:15, Thu 2026-01-01 00:30, Thu 2026-01-01 00:45, Thu 2026-01-01 01:00, Thu 2026-01-01 01:15, Thu 2026-01-01 01:30, Thu 2026-01-01 01:45"},
		{"*/20 5 * * ? *", "Thu 2026-01-01 05:00, Thu 2026-01-01 05:20, Thu 2026-01-01 05:40, Fri 2026-01-02 05:00, Fri 2026-01-02 05:20, Fri 2026-01-02 05:40, Sat 2026-01-03 05:00"},
		{"1/10 23 * * ? *", "Thu 2026-01-01 23:01, Thu 2026-01-01 23:11, Thu 2026-01-01 23:21, Thu 2026-01-01 23:31, Thu 2026-01-01 23:41, Thu 2026-01-01 23:51, Fri 2026-01-02 23:01"},
		{"5,35 14 * * ? *", "Thu 2026-01-01 14:05, Thu 2026-01-01 14:35, Fri 2026-01-02 14:05, Fri 2026-01-02 14:35, Sat 2026-01-03 14:05, Sat 2026-01-03 14:35, Sun 2026-01-04 14:05"},
		{"58-1 23 * * ? *", "Thu 2026-01-01 23:00, Thu 2026-01-01 23:01, Thu 2026-01-01 23:58, Thu 2026-01-01 23:59, Fri 2026-01-02 23:00, Fri 2026-01-02 23:01, Fri 2026-01-02 23:58"},
		{"10-20/5,59 0 1 * ? *", "Thu 2026-01-01 00:10, Thu 2026-01-01 00:15, Thu 2026-01-01 00:20, Thu 2026-01-01 00:59, Sun 2026-02-01 00:10, Sun 2026-02-01 00:15, Sun 2026-02-01 00:20"},
		{"30 8-17/3 ? * MON-FRI *", "Thu 2026-01-01 08:30, Thu 2026-01-01 11:30, Thu 2026-01-01 14:30, Thu 2026-01-01 17:30, Fri 2026-01-02 08:30, Fri 2026-01-02 11:30, Fri 2026-01-02 14:30"},
		{"0 22-2/2 1 1 ? *", "Thu 2026-01-01 02:00, Thu 2026-01-01 22:00, Fri 2027-01-01 00:00, Fri 2027-01-01 02:00, Fri 2027-01-01 22:00, Sat 2028-01-01 00:00, Sat 2028-01-01 02:00"},
		{"00 03 07 02 ? *", "Sat 2026-02-07 03:00, Sun 2027-02-07 03:00, Mon 2028-02-07 03:00, Wed 2029-02-07 03:00, Thu 2030-02-07 03:00, Fri 2031-02-07 03:00, Sat 2032-02-07 03:00"},
		// Day of the month.
		{"0 0 31 * ? *", "Sat 2026-01-31 00:00, Tue 2026-03-31 00:00, Sun 2026-05-31 00:00, Fri 2026-07-31 00:00, Mon 2026-08-31 00:00, Sat 2026-10-31 00:00, Thu 2026-12-31 00:00"},
		{"0 0 1,15 * ? *", "Thu 2026-01-15 00:00, Sun 2026-02-01 00:00, Sun 2026-02-15 00:00, Sun 2026-03-01 00:00, Sun 2026-03-15 00:00, Wed 2026-04-01 00:00, Wed 2026-04-15 00:00"},
		{"0 0 30-2 * ? *", "Fri 2026-01-02 00:00, Fri 2026-01-30 00:00, Sat 2026-01-31 00:00, Sun 2026-02-01 00:00, Mon 2026-02-02 00:00, Sun 2026-03-01 00:00, Mon 2026-03-02 00:00"},
		{"0 0 5/10 * ? *", "Mon 2026-01-05 00:00, Thu 2026-01-15 00:00, Sun 2026-01-25 00:00, Thu 2026-02-05 00:00, Sun 2026-02-15 00:00, Wed 2026-02-25 00:00, Thu 2026-03-05 00:00"},
		{"0 0 L * ? *", "Sat 2026-01-31 00:00, Sat 2026-02-28 00:00, Tue 2026-03-31 00:00, Thu 2026-04-30 00:00, Sun 2026-05-31 00:00, Tue 2026-06-30 00:00, Fri 2026-07-31 00:00"},
		{"0 0 L 2 ? *", "Sat 2026-02-28 00:00, Sun 2027-02-28 00:00, Tue 2028-02-29 00:00, Wed 2029-02-28 00:00, Thu 2030-02-28 00:00, Fri 2031-02-28 00:00, Sun 2032-02-29 00:00"},
		{"0 0 LW * ? *", "Fri 2026-01-30 00:00, Fri 2026-02-27 00:00, Tue 2026-03-31 00:00, Thu 2026-04-30 00:00, Fri 2026-05-29 00:00, Tue 2026-06-30 00:00, Fri 2026-07-31 00:00"},
		{"0 8 3W * ? *", "Fri 2026-01-02 08:00, Tue 2026-02-03 08:00, Tue 2026-03-03 08:00, Fri 2026-04-03 08:00, Mon 2026-05-04 08:00, Wed 2026-06-03 08:00, Fri 2026-07-03 08:00"},
		{"0 8 1W * ? *", "Thu 2026-01-01 08:00, Mon 2026-02-02 08:00, Mon 2026-03-02 08:00, Wed 2026-04-01 08:00, Fri 2026-05-01 08:00, Mon 2026-06-01 08:00, Wed 2026-07-01 08:00"},
		{"0 8 1W 8 ? *", "Mon 2026-08-03 08:00, Mon 2027-08-02 08:00, Tue 2028-08-01 08:00, Wed 2029-08-01 08:00, Thu 2030-08-01 08:00, Fri 2031-08-01 08:00, Mon 2032-08-02 08:00"},
		{"0 8 31W * ? *", "Fri 2026-01-30 08:00, Tue 2026-03-31 08:00, Fri 2026-05-29 08:00, Fri 2026-07-31 08:00, Mon 2026-08-31 08:00, Fri 2026-10-30 08:00, Thu 2026-12-31 08:00"},
		{"0 8 1,15w,l * ? *", "Thu 2026-01-01 08:00, Thu 2026-01-15 08:00, Sat 2026-01-31 08:00, Sun 2026-02-01 08:00, Mon 2026-02-16 08:00, Sat 2026-02-28 08:00, Sun 2026-03-01 08:00"},
		// Month.
		{"0 0 1 JAN,JUL ? *", "Wed 2026-07-01 00:00, Fri 2027-01-01 00:00, Thu 2027-07-01 00:00, Sat 2028-01-01 00:00, Sat 2028-07-01 00:00, Mon 2029-01-01 00:00, Sun 2029-07-01 00:00"},
		{"0 0 1 nov-2 ? *", "Sun 2026-02-01 00:00, Sun 2026-11-01 00:00, Tue 2026-12-01 00:00, Fri 2027-01-01 00:00, Mon 2027-02-01 00:00, Mon 2027-11-01 00:00, Wed 2027-12-01 00:00"},
		{"0 0 1 2/5 ? *", "Sun 2026-02-01 00:00, Wed 2026-07-01 00:00, Tue 2026-12-01 00:00, Mon 2027-02-01 00:00, Thu 2027-07-01 00:00, Wed 2027-12-01 00:00, Tue 2028-02-01 00:00"},
		{"0 0 1 */4 ? *", "Fri 2026-05-01 00:00, Tue 2026-09-01 00:00, Fri 2027-01-01 00:00, Sat 2027-05-01 00:00, Wed 2027-09-01 00:00, Sat 2028-01-01 00:00, Mon 2028-05-01 00:00"},
		// Day of the week.
		{"0 2 ? * MON *", "Mon 2026-01-05 02:00, Mon 2026-01-12 02:00, Mon 2026-01-19 02:00, Mon 2026-01-26 02:00, Mon 2026-02-02 02:00, Mon 2026-02-09 02:00, Mon 2026-02-16 02:00"},
		{"0 2 ? * 1 *", "Sun 2026-01-04 02:00, Sun 2026-01-11 02:00, Sun 2026-01-18 02:00, Sun 2026-01-25 02:00, Sun 2026-02-01 02:00, Sun 2026-02-08 02:00, Sun 2026-02-15 02:00"},
		{"0 2 ? * 2-6 *", "Thu 2026-01-01 02:00, Fri 2026-01-02 02:00, Mon 2026-01-05 02:00, Tue 2026-01-06 02:00, Wed 2026-01-07 02:00, Thu 2026-01-08 02:00, Fri 2026-01-09 02:00"},
		{"0 2 ? * FRI-sun *", "Fri 2026-01-02 02:00, Sat 2026-01-03 02:00, Sun 2026-01-04 02:00, Fri 2026-01-09 02:00, Sat 2026-01-10 02:00, Sun 2026-01-11 02:00, Fri 2026-01-16 02:00"},
		{"0 2 ? * SUN,4,SAT *", "Sat 2026-01-03 02:00, Sun 2026-01-04 02:00, Wed 2026-01-07 02:00, Sat 2026-01-10 02:00, Sun 2026-01-11 02:00, Wed 2026-01-14 02:00, Sat 2026-01-17 02:00"},
		{"0 2 ? * */3 *", "Sat 2026-01-03 02:00, Sun 2026-01-04 02:00, Wed 2026-01-07 02:00, Sat 2026-01-10 02:00, Sun 2026-01-11 02:00, Wed 2026-01-14 02:00, Sat 2026-01-17 02:00"},
		{"0 2 ? * * *", "Thu 2026-01-01 02:00, Fri 2026-01-02 02:00, Sat 2026-01-03 02:00, Sun 2026-01-04 02:00, Mon 2026-01-05 02:00, Tue 2026-01-06 02:00, Wed 2026-01-07 02:00"},
		{"0 2 ? * L *", "Sat 2026-01-03 02:00, Sat 2026-01-10 02:00, Sat 2026-01-17 02:00, Sat 2026-01-24 02:00, Sat 2026-01-31 02:00, Sat 2026-02-07 02:00, Sat 2026-02-14 02:00"},
		{"0 2 ? * 6L *", "Fri 2026-01-30 02:00, Fri 2026-02-27 02:00, Fri 2026-03-27 02:00, Fri 2026-04-24 02:00, Fri 2026-05-29 02:00, Fri 2026-06-26 02:00, Fri 2026-07-31 02:00"},
		{"0 2 ? * TUEL *", "Tue 2026-01-27 02:00, Tue 2026-02-24 02:00, Tue 2026-03-31 02:00, Tue 2026-04-28 02:00, Tue 2026-05-26 02:00, Tue 2026-06-30 02:00, Tue 2026-07-28 02:00"},
		{"0 2 ? * 3#2 *", "Tue 2026-01-13 02:00, Tue 2026-02-10 02:00, Tue 2026-03-10 02:00, Tue 2026-04-14 02:00, Tue 2026-05-12 02:00, Tue 2026-06-09 02:00, Tue 2026-07-14 02:00"},
		{"0 2 ? * MON#5 *", "Mon 2026-03-30 02:00, Mon 2026-06-29 02:00, Mon 2026-08-31 02:00, Mon 2026-11-30 02:00, Mon 2027-03-29 02:00, Mon 2027-05-31 02:00, Mon 2027-08-30 02:00"},
		// Year.
		{"0 0 1 1 ? 2027,2030-2031,2190/4", "Fri 2027-01-01 00:00, Tue 2030-01-01 00:00, Wed 2031-01-01 00:00, Fri 2190-01-01 00:00, Wed 2194-01-01 00:00, Mon 2198-01-01 00:00"},
		{"59 23 31 12 ? */100", "Wed 2070-12-31 23:59, Mon 2170-12-31 23:59"},
		{"30 12 24 12 ? 2199", "Tue 2199-12-24 12:30"},
		{"0 0 1 1 ? 2025", ""},
		// Dates that come seldom, and never.
		{"0 0 29 2 ? *", "Tue 2028-02-29 00:00, Sun 2032-02-29 00:00, Fri 2036-02-29 00:00, Wed 2040-02-29 00:00, Mon 2044-02-29 00:00, Sat 2048-02-29 00:00, Thu 2052-02-29 00:00"},
		{"0 0 ? 2 SUN#5 *", "Sun 2032-02-29 00:00, Sun 2060-02-29 00:00, Sun 2088-02-29 00:00, Sun 2128-02-29 00:00, Sun 2156-02-29 00:00, Sun 2184-02-29 00:00"},
		{"0 0 29 2 ? 2100", ""},
		{"0 0 30 2 ? *", ""},
		{"0 0 31 4,6,9,11 ? *", ""},
		{"0 0 30W FEB ? *", ""},
	} {
		cron, err := rollout.ParseCron("cron(" + c.fields + ")")
		if err != nil {
			t.Errorf("%s: %v", c.fields, err)
			continue
		}
		var got []string
		at := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
		for range rollout.UpcomingShown {
			next, ok := cron.Next(at)
			if !ok {
				break
			}
			got = append(got, next.Format("Mon "+minuteForm))
			at = next
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.fields, got, c.want)
		}
	}
}

// TestCronNextEdges: strictly after, whole minutes, any zone, and the ends of the calendar.
func TestCronNextEdges(t *testing.T) {
	cron, err := rollout.ParseCron("cron(30 12 * * ? *)")
	if err != nil {
		t.Fatal(err)
	}
	india := time.FixedZone("", 5*3600+1800)
	for _, c := range []struct {
		after time.Time
		want  string
	}{
		{time.Date(2026, 3, 2, 12, 29, 59, 999, time.UTC), "2026-03-02 12:30"},
		{time.Date(2026, 3, 2, 12, 30, 0, 0, time.UTC), "2026-03-03 12:30"},
		{time.Date(2026, 3, 2, 12, 30, 59, 0, time.UTC), "2026-03-03 12:30"},
		{time.Date(2026, 3, 2, 17, 59, 0, 0, india), "2026-03-02 12:30"},
		{time.Date(2026, 3, 2, 18, 0, 0, 0, india), "2026-03-03 12:30"},
		{time.Time{}, "1970-01-01 12:30"},
		{time.Date(-20000, 1, 1, 0, 0, 0, 0, time.UTC), "1970-01-01 12:30"},
		{time.Date(2199, 12, 31, 12, 29, 0, 0, time.UTC), "2199-12-31 12:30"},
		{time.Date(2199, 12, 31, 12, 30, 0, 0, time.UTC), ""},
		{time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC), ""},
	} {
		next, ok := cron.Next(c.after)
		if ok != (c.want != "") || ok && (next.Format(minuteForm) != c.want || next.Location() != time.UTC) {
			t.Errorf("after %v: got %v, %t, want %s", c.after, next, ok, c.want)
		}
	}
	if next, ok := (rollout.Cron{}).Next(noon); ok {
		t.Errorf("the zero value matches %v", next)
	}
}

// TestCronRefusals: each says what is wrong.
func TestCronRefusals(t *testing.T) {
	form := "it must have the form cron(minutes hours day-of-month month day-of-week year)"
	oneAny := "one of day-of-month and day-of-week must be ?, and only one"
	for text, want := range map[string]string{
		"":                           form,
		"0 2 * * ? *":                form,
		"cron(0 2 * * ? *":           form,
		"CRON(0 2 * * ? *)":          form,
		" cron(0 2 * * ? *)":         form,
		"rate(5 minutes)":            form,
		"cron()":                     "it must have six fields, found 0",
		"cron(0 2 * * ?)":            "it must have six fields, found 5",
		"cron(0 0 2 * * ? *)":        "it must have six fields, found 7",
		"cron(0 2 * * * *)":          oneAny,
		"cron(0 2 1 * MON *)":        oneAny,
		"cron(0 2 ? * ? *)":          oneAny,
		"cron(0 2 ?,1 * ? *)":        "day-of-month cannot be ?",
		"cron(60 2 * * ? *)":         "minutes cannot be 60",
		"cron(? 2 * * ? *)":          "minutes cannot be ?",
		"cron(-1 2 * * ? *)":         "minutes cannot be -1",
		"cron(+1 2 * * ? *)":         "minutes cannot be +1",
		"cron(1,,2 2 * * ? *)":       "minutes has an empty item",
		"cron(1- 2 * * ? *)":         "minutes cannot be 1-",
		"cron(1-2-3 2 * * ? *)":      "minutes cannot be 1-2-3",
		"cron(0/0 2 * * ? *)":        "minutes cannot be 0/0",
		"cron(0/61 2 * * ? *)":       "minutes cannot be 0/61",
		"cron(0/ 2 * * ? *)":         "minutes cannot be 0/",
		"cron(/5 2 * * ? *)":         "minutes cannot be /5",
		"cron(0/5/5 2 * * ? *)":      "minutes cannot be 0/5/5",
		"cron(*-5 2 * * ? *)":        "minutes cannot be *-5",
		"cron(000005 2 * * ? *)":     "minutes cannot be 000005",
		"cron(L 2 * * ? *)":          "minutes cannot be L",
		"cron(0 24 * * ? *)":         "hours cannot be 24",
		"cron(0 2 0 * ? *)":          "day-of-month cannot be 0",
		"cron(0 2 32 * ? *)":         "day-of-month cannot be 32",
		"cron(0 2 W * ? *)":          "day-of-month cannot be W",
		"cron(0 2 32W * ? *)":        "day-of-month cannot be 32W",
		"cron(0 2 1-5W * ? *)":       "day-of-month cannot be 1-5W",
		"cron(0 2 L-3 * ? *)":        "day-of-month cannot be L-3",
		"cron(0 2 MON * ? *)":        "day-of-month cannot be MON",
		"cron(0 2 1 13 ? *)":         "month cannot be 13",
		"cron(0 2 1 JANUARY ? *)":    "month cannot be JANUARY",
		"cron(0 2 ? * 0 *)":          "day-of-week cannot be 0",
		"cron(0 2 ? * 8 *)":          "day-of-week cannot be 8",
		"cron(0 2 ? * MON#0 *)":      "day-of-week cannot be MON#0",
		"cron(0 2 ? * MON#6 *)":      "day-of-week cannot be MON#6",
		"cron(0 2 ? * #2 *)":         "day-of-week cannot be #2",
		"cron(0 2 ? * MON# *)":       "day-of-week cannot be MON#",
		"cron(0 2 ? * 8L *)":         "day-of-week cannot be 8L",
		"cron(0 2 ? * MON#1,FRI *)":  "a day-of-week with # must stand alone",
		"cron(0 2 ? * FRI,MON#1 *)":  "a day-of-week with # must stand alone",
		"cron(0 2 1 * ? 1969)":       "year cannot be 1969",
		"cron(0 2 1 * ? 2200)":       "year cannot be 2200",
		"cron(0 2 1 * ? 2030-2026)":  "year cannot be 2030-2026",
		"cron(0 2 1 * ? 2026/231)":   "year cannot be 2026/231",
		"cron(0 2 1 * ? 1970-2199/)": "year cannot be 1970-2199/",
	} {
		_, err := rollout.ParseCron(text)
		want = "MaintenanceWindow is invalid. StartTime " + text + " cannot be read: " + want + "."
		if err == nil || err.Error() != want || !errors.Is(err, jobs.InvalidRequest) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// FuzzParseCron looks for a panic, an endless search, and a next opening that is not what the expression says.
func FuzzParseCron(f *testing.F) {
	for _, text := range []string{
		"cron(0 2 ? * MON *)", "cron(*/5 0-23/2,7 L,1W,LW JAN-MAR ? 2026-2199/3)", "cron(59 23 ? * FRIL *)", "cron(0 0 ? 2 1#5 *)", "cron(0 0 30 2 ? *)",
		"cron(58-1 22-2 28-3 NOV-2 ? 1970)", "cron(0\t0\u00a01 * ? *)", "cron(ſ 0 1 * ? *)", "cron((0 2 * * ? *))",
	} {
		f.Add(text, int64(1772452800))
	}
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		cron, err := rollout.ParseCron(text)
		if err != nil {
			if cron != (rollout.Cron{}) || !errors.Is(err, jobs.InvalidRequest) {
				t.Errorf("%q: %v with %v", text, cron, err)
			}
			return
		}
		if again, err := rollout.ParseCron(cron.String()); err != nil || again != cron {
			t.Errorf("%q: read again %v, %v", text, again, err)
		}
		after := time.Unix(seconds%(250*365*86400), 0)
		next, ok := cron.Next(after)
		if !ok {
			return
		}
		if !next.After(after) || next.Year() > 2199 || next.Year() < 1970 || !next.Equal(next.Truncate(time.Minute)) {
			t.Errorf("%q: next after %v is %v", text, after, next)
		}
		if same, ok := cron.Next(next.Add(-1)); !ok || !same.Equal(next) {
			t.Errorf("%q: after %v comes %v, and just before that %v", text, after, next, same)
		}
	})
}
