package rollout_test

import (
	"errors"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

// TestTimeForms: the documented form and those of ISO 8601, in UTC unless they say otherwise (LIFE-8.1).
func TestTimeForms(t *testing.T) {
	want := time.Date(2026, time.March, 3, 18, 45, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-03-03 18:45":              want,
		"2026-03-03 18:45:00":           want,
		"2026-03-03 18:45Z":             want,
		"2026-03-03 20:45:00+02:00":     want,
		"2026-03-03T18:45":              want,
		"2026-03-03T18:45:00":           want,
		"2026-03-03T18:45Z":             want,
		"2026-03-03T18:45:00Z":          want,
		"2026-03-03T13:45:00-05:00":     want,
		"2026-03-03T13:45-0500":         want,
		"2026-03-03T18:45:00.000Z":      want,
		"2026-03-03T18:45:07.1239Z":     want.Add(7*time.Second + 123*time.Millisecond),
		"2026-03-03":                    want.Truncate(24 * time.Hour),
		"2026-03-04T00:15:00.5+05:30":   want.Add(500 * time.Millisecond),
		"2026-03-03 18:45 ":             {},
		"2026-03-03 18":                 {},
		"2026-3-3 18:45":                {},
		"2026-02-30 18:45":              {},
		"2026-03-03 24:00":              {},
		"03/03/2026 18:45":              {},
		"1772563500":                    {},
		"tomorrow":                      {},
		"2026-03-03T18:45:00Z and more": {},
	} {
		got, err := rollout.ReadSchedule(noon, jobs.Schedule{StartTime: text}, rollout.DefaultScheduleQuotas())
		switch {
		case want.IsZero() && (err == nil || err.Error() != "StartTime is invalid. "+text+" is not a time of the form YYYY-MM-DD HH:MM."):
			t.Errorf("%q: got %v, %v, want a refusal", text, got.StartsAt, err)
		case !want.IsZero() && (err != nil || got.StartsAt != want || got.StartTime != text):
			t.Errorf("%q: got %v, %v, want %v", text, got.StartsAt, err, want)
		}
	}
}

// TestScheduleRules: lead times, longest times and what goes together (LIFE-8). It is noon of Monday 2026-03-02.
func TestScheduleRules(t *testing.T) {
	daily := []jobs.MaintenanceWindow{{StartTime: "cron(0 2 * * ? *)", DurationInMinutes: 60}}
	for _, c := range []struct {
		name  string
		asked jobs.Schedule
		want  string // the refusal; "" when it is good
	}{
		{"nothing", jobs.Schedule{}, ""},
		{"windows only", jobs.Schedule{MaintenanceWindows: daily}, ""},
		{"earliest start", jobs.Schedule{StartTime: "2026-03-02 12:30"}, ""},
		{"start too soon", jobs.Schedule{StartTime: "2026-03-02 12:29"}, "StartTime is invalid. 2026-03-02 12:29 is less than 30 minutes from now."},
		{"start in the past", jobs.Schedule{StartTime: "2026-03-01 12:30"}, "StartTime is invalid. 2026-03-01 12:30 is in the past."},
		{"latest start", jobs.Schedule{StartTime: "2027-03-03 12:00"}, ""},
		{"start too late", jobs.Schedule{StartTime: "2027-03-03 12:01"}, "StartTime is invalid. 2027-03-03 12:01 is more than 366 days from now."},
		{"earliest end", jobs.Schedule{EndTime: "2026-03-02 12:30"}, ""},
		{"end too soon", jobs.Schedule{EndTime: "2026-03-02 12:29"}, "EndTime is invalid. 2026-03-02 12:29 is less than 30 minutes from now."},
		{"latest end", jobs.Schedule{EndTime: "2028-03-02 12:00"}, ""},
		{"end too late", jobs.Schedule{EndTime: "2028-03-02 12:01"}, "EndTime is invalid. 2028-03-02 12:01 is more than 731 days from now."},
		{"shortest", jobs.Schedule{StartTime: "2026-03-02 13:00", EndTime: "2026-03-02 13:30", EndBehavior: jobs.EndCancel}, ""},
		{
			"too short",
			jobs.Schedule{StartTime: "2026-03-02 13:00", EndTime: "2026-03-02 13:29"},
			"EndTime is invalid. 2026-03-02 13:29 is less than 30 minutes after StartTime 2026-03-02 13:00.",
		},
		{"end before start", jobs.Schedule{StartTime: "2026-03-02 14:00", EndTime: "2026-03-02 13:00"}, "EndTime is invalid. 2026-03-02 13:00 is less than 30 minutes after StartTime 2026-03-02 14:00."},
		{"end behavior without end", jobs.Schedule{StartTime: "2026-03-02 13:00", EndBehavior: jobs.EndCancel}, "EndBehavior is invalid. EndBehavior cannot be used without EndTime."},
		{
			"bad window",
			jobs.Schedule{MaintenanceWindows: []jobs.MaintenanceWindow{{StartTime: "0 2 * * *", DurationInMinutes: 60}}},
			"MaintenanceWindow is invalid. StartTime 0 2 * * * cannot be read: it must have the form cron(minutes hours day-of-month month day-of-week year).",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rollout.ReadSchedule(noon, c.asked, rollout.DefaultScheduleQuotas())
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (err == nil || err.Error() != c.want || !errors.Is(err, jobs.InvalidRequest)):
				t.Errorf("got %v, want an invalid request: %s", err, c.want)
			}
		})
	}
}

// TestScheduleQuotas: an operator who needs no lead time may drop it, and the texts follow.
func TestScheduleQuotas(t *testing.T) {
	quotas := rollout.ScheduleQuotas{MinLength: 90 * time.Second, MaxStart: 48 * time.Hour, MaxEnd: 72 * time.Hour}
	for _, c := range []struct{ start, end, want string }{
		{"2026-03-02 12:00", "2026-03-02 12:02", ""},
		{"2026-03-02 12:00", "2026-03-02 12:01", "EndTime is invalid. 2026-03-02 12:01 is less than 1m30s after StartTime 2026-03-02 12:00."},
		{"2026-03-02 11:59", "", "StartTime is invalid. 2026-03-02 11:59 is in the past."},
		{"2026-03-04 12:01", "", "StartTime is invalid. 2026-03-04 12:01 is more than 2 days from now."},
	} {
		_, err := rollout.ReadSchedule(noon, jobs.Schedule{StartTime: c.start, EndTime: c.end}, quotas)
		if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want) {
			t.Errorf("%s to %s: got %v, want %q", c.start, c.end, err, c.want)
		}
	}
}
