package sigv4

import (
	"net/http"
	"time"
)

const (
	isoBasic  = "20060102T150405Z"
	scopeDate = "20060102"
)

// parseDate reads X-Amz-Date or Date. Both may be ISO 8601 basic; Date is usually RFC 1123, with "GMT" or, from Python, with "-0000".
func parseDate(text string) (time.Time, *Error) {
	t, err := parseISODate(text)
	if err == nil {
		return t, nil
	}
	for _, layout := range [...]string{http.TimeFormat, time.RFC1123Z} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(time.Second), nil
		}
	}
	return time.Time{}, err
}

func parseISODate(text string) (time.Time, *Error) {
	t, err := time.Parse(isoBasic, text)
	var buf [len(isoBasic)]byte
	// Parse also takes a fraction of a second, which the string to sign has no place for.
	if err != nil || string(t.AppendFormat(buf[:0], isoBasic)) != text {
		return time.Time{}, incomplete("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", shown(text))
	}
	return t, nil
}
