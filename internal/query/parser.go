package query

import (
	"fmt"
	"unicode/utf8"
)

// parser turns tokens into nodes, one method for each rule of the grammar in the package comment (CTRL-3.4.6).
//
// The first syntax error ends it: fail remembers the error and makes every further token the end of the query, so that all loops run out
// and no method needs an error result. Faults of meaning (an unknown field, too many wildcards) do not end it, since AWS answers with a
// syntax error, then with too many terms, then with the first other fault, wherever they stand.
type parser struct {
	lexer
	limits Limits
	now    token // the token that is looked at

	terms            int
	leadingWildcards int
	depth            int
	used, named      sources

	syntax, meaning *Error
}

// wholeQuery parses the text to its end.
func (p *parser) wholeQuery() node {
	p.advance()
	root := p.query(field{})
	if !p.now.is(endOfQuery) {
		p.unexpected("AND, OR, NOT, another term or the end")
	}
	return root
}

// verdict is the error of the whole query, if there is one.
func (p *parser) verdict() *Error {
	switch {
	case p.syntax != nil:
		return p.syntax
	case p.terms > p.limits.Terms:
		return p.fault(0, fmt.Sprintf("number of terms cannot exceed %d, terms found: %d", p.limits.Terms, p.terms),
			"Each value is a term, also inside field:(…); a wildcard, a range or a thing group can stand for many values")
	case p.meaning == nil && p.leadingWildcards > 0 && utf8.RuneCountInString(p.text) > p.limits.CharactersWithLeadingWildcard:
		return p.fault(0, fmt.Sprintf("query string with a leading wildcard cannot be longer than %d characters", p.limits.CharactersWithLeadingWildcard),
			"Shorten the query, or name the start of the value")
	}
	return p.meaning
}

// query reads choices side by side. Values without a field of their own belong to group.
func (p *parser) query(group field) node {
	parts := []node{p.choice(group)}
	for p.now.startsClause() {
		parts = append(parts, p.choice(group))
	}
	return all(parts)
}

func (p *parser) choice(group field) node {
	parts := []node{p.both(group)}
	for p.now.is(orOperator) {
		p.advance()
		parts = append(parts, p.both(group))
	}
	return either(parts)
}

func (p *parser) both(group field) node {
	parts := []node{p.clause(group)}
	for p.now.is(andOperator) {
		p.advance()
		parts = append(parts, p.clause(group))
	}
	return all(parts)
}

func (p *parser) clause(group field) node {
	switch {
	case p.now.negates():
		if p.advance(); p.now.negates() {
			p.unexpected("a term or '(' after NOT; NOT may not follow NOT")
		}
		return negate(p.positive(group))
	case p.now.is(plus):
		p.complain(p.now, `unsupported operator - "+"`, `every term is required unless OR stands beside it; to look for the character + write \+`)
		p.advance()
	}
	return p.positive(group)
}

// positive is a clause without its NOT.
func (p *parser) positive(group field) node {
	switch {
	case p.now.is(roundOpen):
		return p.group(group)
	case p.now.is(word):
		return p.termOrField(group)
	case p.now.is(quoted, squareOpen, curlyOpen, regularExpression):
		return p.value(group)
	}
	p.unexpected("a term, or '('")
	return nil
}

// group reads "(" query ")".
func (p *parser) group(of field) node {
	open := p.now
	if p.depth++; p.depth > maxDepth {
		p.fail(open, fmt.Sprintf("parentheses nest deeper than %d", maxDepth))
	}
	p.advance()
	n := p.query(of)
	if !p.now.is(roundClose) {
		p.unexpected(fmt.Sprintf("AND, OR, NOT, another term, or ')' for the '(' at character %d", p.position(open)))
	}
	p.advance()
	p.depth--
	return n
}

func (p *parser) advance() { p.take(p.token()) }

// take makes t the token that is looked at; after a syntax error there is only the end.
func (p *parser) take(t token) {
	switch {
	case p.syntax != nil:
		p.now = token{kind: endOfQuery, at: len(p.text), end: len(p.text)}
	case t.is(unreadable):
		p.fail(t, p.obstacle)
	default:
		p.now = t
	}
}

// unexpected is the syntax error of a token that may not stand where it does.
func (p *parser) unexpected(wanted string) {
	raw := p.raw(p.now)
	found := fmt.Sprintf("'%s'", raw)
	switch {
	case p.now.is(endOfQuery):
		found = "the end of the query"
	case p.now.is(colon, equals, roundClose, squareClose, curlyClose):
		found += fmt.Sprintf(` (to look for this character write \%s)`, raw)
	case p.now.is(andOperator, orOperator, notOperator):
		found += fmt.Sprintf(` (to look for this word write "%s")`, raw)
	}
	p.fail(p.now, fmt.Sprintf("expected %s, found %s", wanted, found))
}

// fail is a syntax error; only the first one counts.
func (p *parser) fail(at token, hint string) {
	if p.syntax == nil {
		p.syntax = p.fault(p.position(at), "invalid syntax", hint)
	}
	p.take(token{})
}

// complain is a fault of meaning; only the first one counts.
func (p *parser) complain(at token, reason, hint string) {
	if p.meaning == nil {
		p.meaning = p.fault(p.position(at), reason, hint)
	}
}

func (p *parser) fault(position int, reason, hint string) *Error {
	return &Error{Reason: reason, Query: p.text, Position: position, Hint: hint}
}

// position counts characters, from 1.
func (p *parser) position(t token) int { return utf8.RuneCountInString(p.text[:t.at]) + 1 }

// raw is the token as it was written.
func (p *parser) raw(t token) string { return p.text[t.at:t.end] }
