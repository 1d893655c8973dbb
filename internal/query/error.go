package query

import "fmt"

// Error says why a text is not a query. Its text is for the author of the query: first the very words of AWS, then where it went wrong
// and what to write instead.
type Error struct {
	// Reason is the fault in AWS's words, such as "invalid syntax".
	Reason string
	// Query is the refused text; empty when it is too long or not readable.
	Query string
	// Position is the character of Query, from 1, that the fault is at; 0 if it is in the query as a whole.
	Position int
	// Hint is what was expected there, or what to write instead.
	Hint string
}

func (e *Error) Error() string {
	text := "Unable to parse query, " + e.Reason
	if e.Query != "" {
		text += ", query string: " + e.Query
	}
	if e.Position > 0 {
		return fmt.Sprintf("%s. At character %d: %s.", text, e.Position, e.Hint)
	}
	return text + ". " + e.Hint + "."
}

func tooLong(n, limit int) *Error {
	return &Error{
		Reason: fmt.Sprintf("query string cannot be longer than %d characters, characters found: %d", limit, n),
		Hint:   "Name many things by a group or an attribute instead",
	}
}
