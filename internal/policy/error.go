package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error says where a document is malformed and why. It is made for the author of the document; it quotes a little of it.
type Error struct {
	// Path leads to the place: "Statement[0].Condition.StringEquals". Empty for the document as a whole.
	Path string
	// Line and Column count from 1; columns are characters.
	Line, Column int
	Reason       string
}

func (e *Error) Error() string {
	place := fmt.Sprintf("line %d, column %d", e.Line, e.Column)
	if e.Path != "" {
		place = e.Path + ", " + place
	}
	return place + ": " + e.Reason
}

func errorAt(document []byte, offset int, path, format string, args ...any) *Error {
	before := string(document[:min(offset, len(document))])
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &Error{Path: path, Line: line, Column: column, Reason: fmt.Sprintf(format, args...)}
}

// quote shows a piece of the document, on one line and not all of a long one.
func quote(text string) string {
	const limit = 60
	if runes := []rune(text); len(runes) > limit {
		return fmt.Sprintf("%q…", string(runes[:limit]))
	}
	return fmt.Sprintf("%q", text)
}
