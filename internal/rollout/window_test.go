package rollout_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

func windows(t *testing.T, given ...jobs.MaintenanceWindow) rollout.Windows {
	t.Helper()
	parsed, err := rollout.ParseWindows(given)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func on(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at.AddDate(2026, 0, 0)
}

// TestWindowOpen: a window is open from its start until just before its end; windows may overlap, touch, and run past midnight (LIFE-8.7).
func TestWindowOpen(t *testing.T) {
	ws := windows(t,
		jobs.MaintenanceWindow{StartTime: "cron(0 22 ? * MON *)", DurationInMinutes: 1430}, // to 21:50 on Tuesday
		jobs.MaintenanceWindow{StartTime: "cron(0 23 ? * MON *)", DurationInMinutes: 30},   // within the first
		jobs.MaintenanceWindow{StartTime: "cron(50 21 ? * TUE *)", DurationInMinutes: 10},  // right after it
		jobs.MaintenanceWindow{StartTime: "cron(0/30 12 ? * THU *)", DurationInMinutes: 60},
	)
	for _, c := range []struct {
		at     string
		open   bool
		change string
	}{
		{"03-02 21:59", false, "03-02 22:00"}, // a Monday
		{"03-02 22:00", true, "03-02 23:00"},
		{"03-02 23:15", true, "03-02 23:30"},
		{"03-02 23:30", true, "03-03 21:50"},
		{"03-03 00:00", true, "03-03 21:50"},
		{"03-03 21:49", true, "03-03 21:50"},
		{"03-03 21:50", true, "03-03 22:00"},
		{"03-03 22:00", false, "03-05 12:00"},
		{"03-05 12:45", true, "03-05 13:00"}, // the first closes, the second stays open
		{"03-05 13:29", true, "03-05 13:30"},
		{"03-05 13:30", false, "03-09 22:00"},
	} {
		at := on(t, c.at)
		if got := ws.Open(at); got != c.open {
			t.Errorf("%s: open %t, want %t", c.at, got, c.open)
		}
		if got := ws.NextChange(at); !got.Equal(on(t, c.change)) {
			t.Errorf("%s: next change %v, want %s", c.at, got, c.change)
		}
	}
	if !rollout.Windows(nil).Open(noon) || !rollout.Windows(nil).NextChange(noon).IsZero() {
		t.Error("a job without windows is always open")
	}
	never := windows(t, jobs.MaintenanceWindow{StartTime: "cron(0 2 30 2 ? *)", DurationInMinutes: 60})
	if never.Open(noon) || !never.NextChange(noon).IsZero() || !never.NextOpening(noon).IsZero() {
		t.Error("a window on February 30th opens")
	}
}

// TestNoChangeIsMissed walks four weeks minute by minute: Open changes only where NextChange said so.
func TestNoChangeIsMissed(t *testing.T) {
	ws := windows(t,
		jobs.MaintenanceWindow{StartTime: "cron(0/7 1-3 ? * MON-WED *)", DurationInMinutes: 5},
		jobs.MaintenanceWindow{StartTime: "cron(45 23 L,15W * ? *)", DurationInMinutes: 1000},
		jobs.MaintenanceWindow{StartTime: "cron(0 12 * * ? *)", DurationInMinutes: 1},
	)
	change := noon
	for at := noon; at.Before(noon.AddDate(0, 0, 28)); at = at.Add(time.Minute) {
		if ws.Open(at) != ws.Open(at.Add(-time.Minute)) && !at.Equal(change) {
			t.Fatalf("at %v open becomes %t, next change was %v", at, ws.Open(at), change)
		}
		if !at.Before(change) {
			change = ws.NextChange(at)
		}
	}
}

// TestUpcoming: the next seven windows of DescribeJob (LIFE-8.6).
func TestUpcoming(t *testing.T) {
	monday := jobs.MaintenanceWindow{StartTime: "cron(0 2 ? * MON *)", DurationInMinutes: 60}
	for _, c := range []struct {
		name        string
		windows     []jobs.MaintenanceWindow
		from, until string
		want        string
	}{
		{"none", nil, "03-02 12:00", "", ""},
		{
			"seven",
			[]jobs.MaintenanceWindow{monday},
			"03-02 12:00", "",
			"03-09 02:00 60, 03-16 02:00 60, 03-23 02:00 60, 03-30 02:00 60, 04-06 02:00 60, 04-13 02:00 60, 04-20 02:00 60",
		},
		{"from the start on, until the end", []jobs.MaintenanceWindow{monday}, "03-16 02:00", "03-30 02:00", "03-16 02:00 60, 03-23 02:00 60"},
		{
			"several, in order, those that open together once",
			[]jobs.MaintenanceWindow{
				{StartTime: "cron(0 3 ? * SAT,SUN *)", DurationInMinutes: 120},
				{StartTime: "cron(0 3 ? * SUN *)", DurationInMinutes: 300},
				{StartTime: "cron(0 3 1/7 * ? *)", DurationInMinutes: 1},
				{StartTime: "cron(30 2 ? * SUN *)", DurationInMinutes: 60}, // overlaps
			},
			"03-02 12:00", "03-15 23:00",
			"03-07 03:00 120, 03-08 02:30 60, 03-08 03:00 300, 03-14 03:00 120, 03-15 02:30 60, 03-15 03:00 300",
		},
		{"never", []jobs.MaintenanceWindow{{StartTime: "cron(0 2 30 2 ? *)", DurationInMinutes: 60}}, "03-02 12:00", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var until time.Time
			if c.until != "" {
				until = on(t, c.until)
			}
			var got []string
			for _, o := range windows(t, c.windows...).Upcoming(on(t, c.from), until, rollout.UpcomingShown) {
				got = append(got, fmt.Sprintf("%s %d", o.Start.Format("01-02 15:04"), o.End.Sub(o.Start)/time.Minute))
			}
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestWindowRefusals(t *testing.T) {
	daily := "cron(0 2 * * ? *)"
	for _, c := range []struct {
		given []jobs.MaintenanceWindow
		want  string
	}{
		{[]jobs.MaintenanceWindow{{StartTime: daily}}, "MaintenanceWindow is invalid. DurationInMinutes must be between 1 and 1430, found 0."},
		{[]jobs.MaintenanceWindow{{StartTime: daily, DurationInMinutes: 1431}}, "MaintenanceWindow is invalid. DurationInMinutes must be between 1 and 1430, found 1431."},
		{make([]jobs.MaintenanceWindow, 21), "MaintenanceWindow is invalid. A job has at most 20 maintenance windows, found 21."},
	} {
		if _, err := rollout.ParseWindows(c.given); err == nil || err.Error() != c.want || !errors.Is(err, jobs.InvalidRequest) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
