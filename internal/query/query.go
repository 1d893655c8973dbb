// Package query is the query language of the AWS IoT fleet index (queryVersion 2017-09-30): it reads a query and says whether one thing
// matches it. It keeps no index and knows no store: the caller brings each thing as a Document.
//
//	thingTypeName:pump AND attributes.site:(oslo OR bergen) NOT attributes.firmware<2
//
// The grammar is that of Lucene's flexible query parser, which AWS's answers follow. From the weakest binding to the strongest:
//
//	query   = choice { choice }             side by side means AND, but looser than OR: "a OR b c" is (a OR b) AND c
//	choice  = both { OR both }              or ||
//	both    = clause { AND clause }         or &&
//	clause  = [ NOT ] ( term | "(" query ")" | field ":" "(" query ")" )     or ! or -
//	term    = [ field ":" ] value | field ( "<" | "<=" | ">" | ">=" ) bound
//	value   = word | "quoted words" | range
//	range   = ( "[" | "{" ) bound TO bound ( "]" | "}" )       square includes the bound, curly does not, the bound * is open
//
// Names of fields have exact case, values any case. A value is its words, separated by white space; a term looks for a whole word.
// NOT is the plain complement: it also matches things without the field.
package query

import (
	"slices"
	"unicode/utf8"
)

// Query is a parsed query. It never changes, and may be used concurrently. Made by Parse.
type Query struct {
	root   node
	fields []string
	named  []string
}

// Parse reads a query within AWS's limits. Any error is an *Error.
func Parse(text string) (*Query, error) { return AWS.Parse(text) }

// Parse reads a query within these limits. Any error is an *Error.
func (l Limits) Parse(text string) (*Query, error) {
	if n := utf8.RuneCountInString(text); n > l.Characters {
		return nil, tooLong(n, l.Characters)
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Reason: "invalid syntax", Hint: "The query is not valid UTF-8"}
	}
	p := parser{lexer: lexer{text: text}, limits: l}
	root := p.wholeQuery()
	if err := p.verdict(); err != nil {
		return nil, err
	}
	return &Query{root: root, fields: p.used.names(), named: p.named.names()}, nil
}

// Match tells whether the query holds for the thing. It allocates nothing.
func (q *Query) Match(doc Document) bool { return matches(q.root, &doc) }

// Fields are the first parts of the names of all fields that the query reads, without repetition: thingName, thingId, thingTypeName,
// thingGroupNames, attributes, registry, connectivity, shadow, in this order. A change of anything else in a thing cannot change its
// Match. A word without a field reads all that it searches; the query * reads nothing.
func (q *Query) Fields() []string { return slices.Clone(q.fields) }

// Named are those of Fields that a term names; what only words without a field read is left out. With it a caller that keeps no shadows, say,
// refuses a query for them and still takes one for a word.
func (q *Query) Named() []string { return slices.Clone(q.named) }

// String is the query in one canonical spelling: AND and OR are written out, groups of one field are spread, every doubt has its
// parentheses. It parses to an equal query, but may be longer than Limits allow; keep the original text for what is shown to its owner.
func (q *Query) String() string { return spell(q.root) }
