package service

import (
	"encoding/base64"
	"encoding/json"

	"iotjobs/internal/jobs"
)

// Page asks for a part of a list.
type Page struct {
	// MaxResults is 1 to 250; zero means DefaultPageSize.
	MaxResults int
	// NextToken is what the page before gave; empty for the first.
	NextToken string
}

// Page sizes, and how many rows one call looks at: a filter that matches little must not hold a call for ever.
const (
	DefaultPageSize = 100
	MaxPageSize     = 250
	scanLimit       = 10_000
)

func (p Page) size() int {
	if p.MaxResults == 0 {
		return DefaultPageSize
	}
	return p.MaxResults
}

// cursorOf opens a token. A token is a cursor of the list's own order, so it stays good while rows come and go.
func cursorOf[C any](p Page) (cursor C, err error) {
	if p.NextToken == "" {
		return cursor, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.NextToken)
	if err == nil {
		err = json.Unmarshal(raw, &cursor)
	}
	if err != nil {
		return cursor, jobs.Errorf(jobs.InvalidRequest, "Next token is invalid.")
	}
	return cursor, nil
}

func tokenOf[C any](cursor C) (string, error) {
	raw, err := json.Marshal(cursor)
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// scan fills a page of size matching rows from a list, and gives the token of the next page, empty after the last one.
func scan[T, C any](size int, after C, match func(T) bool, list func(C, int) ([]T, error), cursor func(T) C) (page []T, token string, err error) {
	for seen := 0; seen < scanLimit; {
		// One row more than needed tells whether a further page exists.
		want := min(size-len(page)+1, scanLimit)
		rows, err := list(after, want)
		if err != nil {
			return nil, "", err
		}
		seen += len(rows)
		for _, row := range rows {
			if !match(row) {
				after = cursor(row)
				continue
			}
			if len(page) == size {
				token, err = tokenOf(after)
				return page, token, err
			}
			page, after = append(page, row), cursor(row)
		}
		if len(rows) < want {
			return page, "", nil
		}
	}
	token, err = tokenOf(after)
	return page, token, err
}
