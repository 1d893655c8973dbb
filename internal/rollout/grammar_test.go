package rollout_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

// script is a world with the words to say what it is and what happens in it.
type script struct {
	*world

	text    string // the line being read
	now     time.Time
	created time.Time
	byClock bool // times are those of a clock, else since the creation of the job
}

func newScript() *script { return &script{world: newWorld(), now: noon, created: noon} }

// form is a line of a script: a pattern for the whole line, and what to do with its groups.
type form struct {
	pattern string
	do      func(s *script, args []string) ([]string, error)
}

// settings are the forms of lines without a time, and of "update".
var settings = []form{
	{`it is (\d{4}-\d\d-\d\d \d\d:\d\d)`, func(s *script, args []string) (_ []string, err error) {
		s.now, err = time.Parse(minuteForm, args[0])
		s.created, s.byClock = s.now, true
		return nil, err
	}},
	{`targets (\d+)`, func(s *script, args []string) ([]string, error) {
		s.left = number(args[0])
		return nil, nil
	}},
	{`continuous`, func(s *script, _ []string) ([]string, error) {
		s.view.TargetSelection = jobs.Continuous
		return nil, nil
	}},
	{`quota (\d+)`, func(s *script, args []string) ([]string, error) {
		s.view.MaxPerMinute = number(args[0])
		return nil, nil
	}},
	{`rollout maximum (\d+)`, func(s *script, args []string) ([]string, error) {
		s.configure(func(c *jobs.Config) { c.Rollout = jobs.RolloutRate{MaximumPerMinute: number(args[0])} })
		return nil, nil
	}},
	{`rollout base (\d+) factor (\d)\.(\d) maximum (\d+) threshold (\d+) (notified|succeeded)`, func(s *script, args []string) ([]string, error) {
		criterion := map[string]jobs.RateCriterion{"notified": jobs.NotifiedThings, "succeeded": jobs.SucceededThings}[args[5]]
		s.configure(func(c *jobs.Config) {
			c.Rollout = exponential(number(args[0]), number(args[1]+args[2]), number(args[3]), criterion, int64(number(args[4])))
		})
		return nil, nil
	}},
	{`abort (\d+)(?:\.(\d\d))?% (FAILED|REJECTED|TIMED_OUT|ALL) after (\d+)`, func(s *script, args []string) ([]string, error) {
		s.configure(func(c *jobs.Config) {
			c.Abort = append(c.Abort, jobs.AbortCriterion{
				FailureType: jobs.FailureType(args[2]), ThresholdBasisPoints: 100*number(args[0]) + number(args[1]), MinNumberOfExecutedThings: int64(number(args[3])),
			})
		})
		return nil, nil
	}},
	{`retry (FAILED|TIMED_OUT|ALL) (\d+)`, func(s *script, args []string) ([]string, error) {
		s.configure(func(c *jobs.Config) {
			c.Retries = append(c.Retries, jobs.RetryCriterion{FailureType: jobs.FailureType(args[0]), NumberOfRetries: number(args[1])})
		})
		return nil, nil
	}},
	{`timeout (\d+)m`, func(s *script, args []string) ([]string, error) {
		s.timers.InProgressTimeout = time.Duration(number(args[0])) * time.Minute
		return nil, nil
	}},
	{`schedule(?: start (\d{4}-\S+(?: \d\d:\d\d)?))?(?: end (\d{4}-\S+(?: \d\d:\d\d)?))?(?: ([A-Z_]+))?`, func(s *script, args []string) ([]string, error) {
		asked := jobs.Schedule{StartTime: args[0], EndTime: args[1], EndBehavior: jobs.EndBehavior(args[2])}
		schedule, err := rollout.ReadSchedule(s.now, asked, rollout.DefaultScheduleQuotas())
		s.configure(func(c *jobs.Config) { c.Schedule = schedule })
		if schedule.StartsAt.After(s.now) {
			s.view.Status = jobs.JobScheduled
		}
		return nil, err
	}},
	{`window (cron\(.*\)) (\d+)m`, func(s *script, args []string) (_ []string, err error) {
		s.configure(func(c *jobs.Config) {
			w := jobs.MaintenanceWindow{StartTime: args[0], DurationInMinutes: number(args[1])}
			c.Schedule.MaintenanceWindows = append(c.Schedule.MaintenanceWindows, w)
		})
		s.view.Windows, err = rollout.ParseWindows(s.view.Config.Schedule.MaintenanceWindows)
		return nil, err
	}},
}

// happenings are the forms of lines with a time.
var happenings = []form{
	{`tick(?: limit (\d+))?`, func(s *script, args []string) ([]string, error) { return s.tick(s.now, number(args[0]), s.say), nil }},
	{`run`, func(s *script, _ []string) ([]string, error) { return s.run(s.now, s.say), nil }},
	{`job`, func(s *script, _ []string) ([]string, error) { return []string{s.summary()}, nil }},
	{`update rollout (.*)`, func(s *script, args []string) ([]string, error) {
		s.view.Minute.Multiples = 0
		return s.match(settings, "rollout "+args[0])
	}},
	{`update retry (.*)`, func(s *script, args []string) ([]string, error) {
		s.configure(func(c *jobs.Config) { c.Retries = nil })
		return s.match(settings, "retry "+args[0])
	}},
	{`(\d+) things? (start|SUCCEEDED|FAILED|REJECTED)`, func(s *script, args []string) ([]string, error) { return s.many(number(args[0]), args[1]) }},
	{`thing (\d+) (start|IN_PROGRESS|SUCCEEDED|FAILED|REJECTED)(?: step (-?\d+)m)?`, func(s *script, args []string) ([]string, error) {
		th, err := s.thing(args[0])
		if err != nil {
			return nil, err
		}
		return s.one(th, args[1], jobs.StepTimer(number(args[2])))
	}},
	{`thing (\d+) leaves and joins`, func(s *script, args []string) ([]string, error) {
		th, err := s.thing(args[0])
		if err == nil && s.view.Config.Schedule.Accepts(s.now, s.view.Status) {
			th.used = jobs.RetriesUsed{}
			s.queue(s.now, th)
			return []string{describe(th)}, nil
		}
		return nil, err
	}},
	{`thing (\d+)`, func(s *script, args []string) ([]string, error) {
		th, err := s.thing(args[0])
		if err != nil {
			return nil, err
		}
		return []string{describe(th)}, nil
	}},
	{`(\d+) things join`, func(s *script, args []string) ([]string, error) {
		if !s.view.Config.Schedule.Accepts(s.now, s.view.Status) {
			return []string{"none is queued"}, nil
		}
		for range number(args[0]) {
			s.queue(s.now, &thing{})
		}
		return []string{args[0] + " are queued"}, nil
	}},
	{`(\d+) executions SUCCEEDED are deleted`, func(s *script, args []string) ([]string, error) {
		s.view.Counters.Add(jobs.Succeeded, -int64(number(args[0])))
		return nil, nil
	}},
	{`window`, func(s *script, _ []string) ([]string, error) {
		state, until := "closed", "for ever"
		if s.view.Windows.Open(s.now) {
			state = "open"
		}
		if change := s.view.Windows.NextChange(s.now); !change.IsZero() {
			until = "until " + s.say(change)
		}
		return []string{state + " " + until}, nil
	}},
	{`next windows`, func(s *script, _ []string) (events []string, _ error) {
		for _, o := range s.view.Windows.Upcoming(s.now, s.view.Config.Schedule.EndsAt, rollout.UpcomingShown) {
			events = append(events, s.say(o.Start)+" to "+s.say(o.End))
		}
		return events, nil
	}},
}

// configure replaces the configuration, as CreateJob and UpdateJob do.
func (s *script) configure(change func(*jobs.Config)) {
	next := *s.view.Config
	change(&next)
	s.view.Config = &next
}

// do understands one line.
func (s *script) do(text string) ([]string, error) {
	s.text = text
	rest, timed := strings.CutPrefix(text, "at ")
	if !timed {
		return s.match(settings, text)
	}
	at, rest, _ := strings.Cut(rest, " ")
	if strings.Count(at, "-") == 2 { // a date comes with a time
		var clock string
		clock, rest, _ = strings.Cut(rest, " ")
		at += " " + clock
	}
	now, err := s.time(at)
	switch {
	case err != nil:
		return nil, err
	case now.Before(s.now):
		return nil, fmt.Errorf("%s is before the line above", at)
	}
	s.now = now
	return s.match(happenings, rest)
}

func (s *script) match(forms []form, text string) ([]string, error) {
	for _, f := range forms {
		if m := regexp.MustCompile("^" + f.pattern + "$").FindStringSubmatch(text); m != nil {
			return f.do(s, m[1:])
		}
	}
	return nil, fmt.Errorf("cannot read %q", s.text)
}

// time reads a time since the creation (1m30s), of the first day (12:07), or of any day (2026-03-02 12:07).
func (s *script) time(text string) (time.Time, error) {
	if since, err := time.ParseDuration(text); err == nil {
		return s.created.Add(since), nil
	}
	if !s.byClock {
		return time.Time{}, fmt.Errorf("%s needs a line \"it is …\" before it", text)
	}
	if !strings.Contains(text, " ") {
		text = s.created.Format(time.DateOnly) + " " + text
	}
	return time.Parse(minuteForm, text)
}

// say writes a time in the way that the script reads it.
func (s *script) say(at time.Time) string {
	switch {
	case s.byClock && at.Format(time.DateOnly) == s.created.Format(time.DateOnly):
		return at.Format("15:04")
	case s.byClock:
		return at.Format(minuteForm)
	}
	since := at.Sub(s.created).String()
	for _, zero := range []string{"m0s", "h0m"} { // 1h0m0s is 1h
		if strings.HasSuffix(since, zero) {
			since = since[:len(since)-2]
		}
	}
	return since
}

// many lets the first n pending things say the same.
func (s *script) many(n int, status string) ([]string, error) {
	statuses := []jobs.ExecutionStatus{jobs.InProgress, jobs.Queued}
	if status == "start" {
		statuses = statuses[1:]
	}
	things := s.pending(n, statuses...)
	if len(things) < n {
		return nil, fmt.Errorf("only %d things are pending", len(things))
	}
	again := 0
	for _, th := range things {
		events, err := s.one(th, status, 0)
		if err != nil {
			return nil, err
		}
		if len(events) > 0 && th.execution.Status == jobs.Queued {
			again++
		}
	}
	if again == 0 {
		return nil, nil
	}
	return []string{fmt.Sprintf("%d are tried again", again)}, nil
}

// one lets a thing say something. It returns when the execution times out, or the one that follows.
func (s *script) one(th *thing, status string, step jobs.StepTimer) ([]string, error) {
	if status == "start" {
		if after, changed := th.execution.Start(s.now, &s.timers, nil, step); changed {
			s.change(th, after)
		}
	} else {
		again, err := s.report(s.now, th, jobs.ExecutionStatus(status), step)
		if err != nil {
			return nil, err
		}
		if again {
			return []string{describe(th)}, nil
		}
	}
	if deadline := th.execution.Deadline(); !deadline.IsZero() {
		return []string{"times out at " + s.say(deadline)}, nil
	}
	return nil, nil
}

func (s *script) thing(text string) (*thing, error) {
	n := number(text)
	if n < 1 || n > len(s.things) {
		return nil, fmt.Errorf("there is no thing %s", text)
	}
	return s.things[n-1], nil
}

func describe(th *thing) string {
	return fmt.Sprintf("%s, execution %d, attempt %d", th.execution.Status, th.execution.Number, th.execution.RetryAttempt)
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0 // a group that is absent: the patterns let only numbers through
	}
	return n
}
