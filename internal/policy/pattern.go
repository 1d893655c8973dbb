package policy

import (
	"errors"
	"strings"
)

// A pattern is a text of a policy made ready for comparison: pieces that stand for themselves, wildcards, and variables.
type pattern struct {
	tokens []token
	fold   bool // compare without regard to case
}

type token struct {
	kind     tokenKind
	text     string   // of a literal
	variable variable // of a substitute
}

type tokenKind uint8

const (
	literal    tokenKind = iota
	substitute           // the value of a variable, as literal text
	anyChar              // ?
	anyText              // *
	// In the first five segments of an ARN these two do not match the colon that ends a segment.
	segmentChar
	segmentText
)

// A syntax says what is special in a text.
type syntax struct {
	wildcards bool
	variables bool
	fold      bool
	arn       arnRule
	dialect   Dialect
}

type arnRule uint8

const (
	noARN arnRule = iota
	// arnResource is for the elements Resource and NotResource. IAM documents (page on the element Resource, "Using wildcards in resource ARNs") that
	// a wildcard stands within a segment, but that a * which is the last character of a segment may run on past the colon. IoT Core's page on
	// publish/subscribe policies points there for its own policies. What follows the fifth colon is one segment: topics and thing names hold colons.
	arnResource
	// arnOperator is for the ARN condition operators, which compare the six segments one by one.
	arnOperator
)

// segments before the resource: arn, partition, service, region, account.
const leadingSegments = 5

func compile(text string, syn syntax) (pattern, error) {
	p := pattern{fold: syn.fold}
	colons := 0
	for rest := text; rest != ""; {
		inSegment := syn.arn != noARN && colons < leadingSegments
		switch {
		case syn.variables && strings.HasPrefix(rest, "${"):
			t, length, err := parseVariable(rest, syn.dialect)
			if err != nil {
				return pattern{}, err
			}
			if t.kind == substitute && syn.arn == arnResource && inSegment {
				// IAM's page on variables, "Resource element"; a variable there is mostly a template that nobody filled in.
				return pattern{}, errors.New("a variable may stand only in the resource part of an ARN, after the fifth colon")
			}
			p.add(t)
			rest = rest[length:]
		case syn.wildcards && (rest[0] == '*' || rest[0] == '?'):
			endsSegment := len(rest) == 1 || rest[1] == ':'
			p.add(wildcard(rest[0], inSegment && (rest[0] == '?' || syn.arn == arnOperator || !endsSegment)))
			rest = rest[1:]
		default:
			length := plainLength(rest)
			colons += strings.Count(rest[:length], ":")
			p.add(token{kind: literal, text: rest[:length]})
			rest = rest[length:]
		}
	}
	return p, nil
}

// plainLength is how far text goes on, after its first character, without one that may be special.
func plainLength(text string) int {
	if next := strings.IndexAny(text[1:], "$*?"); next >= 0 {
		return next + 1
	}
	return len(text)
}

func wildcard(char byte, inSegment bool) token {
	switch {
	case char == '?' && inSegment:
		return token{kind: segmentChar}
	case char == '?':
		return token{kind: anyChar}
	case inSegment:
		return token{kind: segmentText}
	default:
		return token{kind: anyText}
	}
}

// add appends a token and keeps literals whole.
func (p *pattern) add(t token) {
	if last := len(p.tokens) - 1; last >= 0 && t.kind == literal && p.tokens[last].kind == literal {
		p.tokens[last].text += t.text
		return
	}
	p.tokens = append(p.tokens, t)
}
