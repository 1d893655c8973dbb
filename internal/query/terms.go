package query

import "fmt"

// The part of the parser that reads terms: fields, values, comparisons and ranges.

// termOrField reads a term that starts with a word: only what follows tells whether the word names a field.
func (p *parser) termOrField(group field) node {
	first := p.now
	p.advance()
	switch {
	case p.now.is(colon):
		f := p.fieldNamed(first)
		if p.take(p.valueToken()); p.now.is(roundOpen) {
			return p.group(f)
		}
		return p.value(f)
	case p.now.compares():
		return p.comparison(p.fieldNamed(first))
	case p.now.is(equals):
		p.fail(p.now, `a field and its value are joined by ':', as in thingName:pump; to look for the character = write \=`)
	}
	return p.wordTerm(group, first)
}

func (p *parser) fieldNamed(t token) field {
	f, ok := parseField(t.word)
	if !ok {
		p.complain(t, "invalid field name, field name: "+t.word.plain(), fieldHint(t.word.plain()))
	}
	return f
}

// value reads one value of f.
func (p *parser) value(f field) node {
	t := p.now
	switch {
	case t.is(word):
		p.advance()
		return p.wordTerm(f, t)
	case t.is(quoted):
		p.advance()
		p.suffixes("proximity")
		return p.term(f, newPhrase(string(t.word)))
	case t.is(squareOpen, curlyOpen):
		return p.span(f)
	case t.is(regularExpression):
		p.complain(t, "unsupported query type - regular expression", `wildcards are * and ?; to look for the character / write \/`)
		p.advance()
		return p.term(f, present{})
	case t.compares():
		p.fail(t, "a comparison stands in the place of ':', as in attributes.size>5")
	}
	p.unexpected("a value, or '(' for several values")
	return nil
}

// wordTerm makes a term of a word that was read.
func (p *parser) wordTerm(f field, t token) node {
	p.suffixes("fuzzy")
	switch {
	case len(t.word) == 1 && t.word[0] == star:
		return p.term(f, present{})
	case t.word.wild():
		p.checkWildcards(f, t)
		return p.term(f, newPattern(t.word))
	}
	return p.term(f, newPhrase(string(t.word)))
}

func (p *parser) term(f field, t test) node {
	p.terms++
	if f.source != anyField {
		p.used.add(f.source)
		p.named.add(f.source)
	} else if (t != present{}) {
		p.used.add(searchedWithoutField...)
	}
	return &term{field: f, test: t}
}

func (p *parser) checkWildcards(f field, t token) {
	about := fmt.Sprintf("value: %s", p.raw(t))
	if f.source != anyField {
		about = fmt.Sprintf("field name: %s, %s", f.name, about)
	}
	if t.word[0] == star {
		p.leadingWildcards++
	}
	const escape = `to look for the character itself write \* or \?`
	switch {
	case t.word.stars() > starsPerTerm:
		p.complain(t, fmt.Sprintf("invalid value - too many wildcards (*). The maximum allowed per term is %d, %s", starsPerTerm, about),
			"leave some out, or split the value in terms joined by AND; "+escape)
	case t.word[0] == one:
		p.complain(t, "invalid value - wildcard character (?) is not allowed at the start of the value, "+about, "start with a character; "+escape)
	case t.word[0] == star && p.limits.LeadingWildcards == 0:
		p.complain(t, "invalid value - wildcard character (*) is not allowed at the start of the value, "+about,
			"start with a character; the value * alone means any value; "+escape)
	case t.word[0] == star && p.leadingWildcards > p.limits.LeadingWildcards:
		p.complain(t, fmt.Sprintf("number of terms with a leading wildcard cannot exceed %d", p.limits.LeadingWildcards), "start with a character; "+escape)
	case t.word.spaced():
		p.complain(t, "invalid value - wildcards stand for characters of one word, "+about, "make each word a term of its own, joined by AND")
	}
}

// suffixes reads what Lucene allows after a value and AWS does not: ~2 and ^2.
func (p *parser) suffixes(meaningOfTilde string) {
	for p.now.is(tilde, caret) {
		mark, name, character := p.now, meaningOfTilde, "~"
		if mark.is(caret) {
			name, character = "boost", "^"
		}
		p.complain(mark, "unsupported query type - "+name, fmt.Sprintf(`to look for the character %s write \%s`, character, character))
		if p.advance(); p.now.is(word) && p.now.at == mark.end {
			p.advance()
		}
	}
}

// comparison reads what follows the field in attributes.size<5.
func (p *parser) comparison(f field) node {
	operator := p.now
	p.take(p.valueToken())
	if !p.now.is(word, quoted) {
		p.unexpected("a value to compare with")
	}
	b := p.endpoint("a comparison")
	p.advance()
	p.suffixes("fuzzy")
	b.inclusive = operator.is(lessOrEqual, greaterOrEqual)
	if operator.is(less, lessOrEqual) {
		return p.term(f, newSpan(bound{}, b))
	}
	return p.term(f, newSpan(b, bound{}))
}

// span reads [low TO high] and its kin.
func (p *parser) span(f field) node {
	lowInclusive := p.now.is(squareOpen)
	p.take(p.boundToken())
	low := p.rangeEnd("the lower bound of the range, or *")
	low.inclusive = low.given && lowInclusive
	if p.take(p.boundToken()); !p.now.is(word) || p.raw(p.now) != "TO" {
		p.unexpected("TO, as in [75 TO 80]")
	}
	p.take(p.boundToken())
	high := p.rangeEnd("the upper bound of the range, or *")
	if p.take(p.boundToken()); !p.now.is(squareClose, curlyClose) {
		p.unexpected("']' or '}' after the upper bound of the range")
	}
	high.inclusive = high.given && p.now.is(squareClose)
	p.advance()
	p.suffixes("fuzzy")
	return p.term(f, newSpan(low, high))
}

func (p *parser) rangeEnd(wanted string) bound {
	t := p.now
	if !t.is(word, quoted) || t.is(word) && p.raw(t) == "TO" {
		p.unexpected(wanted)
	}
	if t.is(word) && len(t.word) == 1 && t.word[0] == star {
		return bound{}
	}
	return p.endpoint("a range")
}

// endpoint makes a bound of the word or quoted text that is looked at.
func (p *parser) endpoint(of string) bound {
	t := p.now
	if t.word.wild() {
		p.complain(t, fmt.Sprintf("invalid value - wildcards are not allowed in %s, value: %s", of, p.raw(t)),
			`an open bound is *, as in [5 TO *]; to look for the character itself write \* or \?`)
	}
	return newBound(t.word.plain(), t.kind == quoted)
}
