package query

import "slices"

// tokenKind is what a piece of the query is.
type tokenKind uint8

const (
	endOfQuery tokenKind = iota
	word
	quoted
	roundOpen
	roundClose
	squareOpen
	squareClose
	curlyOpen
	curlyClose
	colon
	equals
	less
	lessOrEqual
	greater
	greaterOrEqual
	andOperator
	orOperator
	notOperator
	minus
	plus
	tilde
	caret
	regularExpression
	unreadable
)

// symbols, the longer ones before their beginnings.
var symbols = []struct {
	text string
	kind tokenKind
}{
	{"&&", andOperator},
	{"||", orOperator},
	{"!", notOperator},
	{"<=", lessOrEqual},
	{"<", less},
	{">=", greaterOrEqual},
	{">", greater},
	{":", colon},
	{"=", equals},
	{"(", roundOpen},
	{")", roundClose},
	{"[", squareOpen},
	{"]", squareClose},
	{"{", curlyOpen},
	{"}", curlyClose},
	{"+", plus},
	{"~", tilde},
	{"^", caret},
}

var keywords = map[string]tokenKind{"AND": andOperator, "OR": orOperator, "NOT": notOperator}

// token is one piece of the query: text[at:end].
type token struct {
	kind    tokenKind
	at, end int
	// word holds the characters of a word or a quoted text, escapes resolved.
	word glyphs
}

// clauseStarts are the tokens that a term, a group or a NOT may begin with.
var clauseStarts = []tokenKind{word, quoted, roundOpen, squareOpen, curlyOpen, notOperator, minus, plus, regularExpression}

func (t token) startsClause() bool { return slices.Contains(clauseStarts, t.kind) }

func (t token) is(kinds ...tokenKind) bool { return slices.Contains(kinds, t.kind) }

func (t token) compares() bool { return t.is(less, lessOrEqual, greater, greaterOrEqual) }

func (t token) negates() bool { return t.is(notOperator, minus) }
