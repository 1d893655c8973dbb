package policy

import (
	"fmt"
	"strconv"
	"time"
)

// dateLayouts are those of the W3C's note on dates and times, which IAM names: from the year to parts of a second.
var dateLayouts = []string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", time.RFC3339}

// parseDate reads one of those or a Unix time in seconds. Four digits are a year.
func parseDate(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 && seconds <= maxUnixTime {
		return time.Unix(seconds, 0), true
	}
	return time.Time{}, false
}

// maxUnixTime is the end of the year 9999; later ones are milliseconds that somebody took for seconds.
const maxUnixTime = 253402300799

type dateTest struct {
	relation relation
	bound    time.Time
}

func (t dateTest) holds(value string, _ Context) bool {
	date, ok := parseDate(value)
	return ok && t.relation.accepts(date.Compare(t.bound))
}

func addDate(r relation) func(*condition, string, *parser) error {
	return func(c *condition, value string, _ *parser) error {
		bound, ok := parseDate(value)
		if !ok {
			return fmt.Errorf("must be a date such as 2026-01-31T12:00:00Z or a Unix time in seconds, not %s", quote(value))
		}
		c.tests = append(c.tests, dateTest{r, bound})
		return nil
	}
}
