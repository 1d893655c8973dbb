package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// outcome of a comparison.
type outcome uint8

const (
	differs outcome = iota
	matches
	// undefined: it would depend on a variable that has no value.
	undefined
)

// substitution fills the variables of a pattern.
type substitution struct {
	context Context
	// noFilters: a value with an MQTT wildcard counts as none, see resourceRule.
	noFilters bool
}

// match compares the whole of s with the pattern. The time is at most proportional to the product of their lengths.
//
// It goes back to the last * only. That is enough: when the piece after a * has matched at the leftmost place, more characters for an earlier *
// can only lead to places further right, which the last * reaches too. A * within a segment does not reach past a colon, so beside the last one
// of those we keep the last one that may match everything; what follows that one in an ARN begins with a colon, so few places are tried.
func (p *pattern) match(s string, sub substitution) outcome {
	var wide, narrow retry
	t, at := 0, 0
	for t < len(p.tokens) || at < len(s) {
		if t < len(p.tokens) {
			tok := &p.tokens[t]
			if tok.kind == anyText {
				if t == len(p.tokens)-1 {
					return matches
				}
				t++
				wide, narrow = retry{t, at}, retry{}
				continue
			}
			if tok.kind == segmentText {
				t++
				narrow = retry{t, at}
				continue
			}
			width, result := p.step(tok, s[at:], sub)
			if result == undefined {
				return undefined
			}
			if result == matches {
				t, at = t+1, at+width
				continue
			}
		}
		switch {
		case narrow.extend(s, false):
			t, at = narrow.token, narrow.at
		case wide.extend(s, true):
			t, at = wide.token, wide.at
		default:
			return differs
		}
	}
	return matches
}

// retry is where to go on when a * takes one character more: the token after it, and the place in the text. Zero = there is no such *.
type retry struct {
	token, at int
}

// extend lets the * take the next character.
func (r *retry) extend(s string, colons bool) bool {
	if r.token == 0 || r.at == len(s) || !colons && s[r.at] == ':' {
		return false
	}
	_, width := utf8.DecodeRuneInString(s[r.at:])
	r.at += width
	return true
}

// step compares one token that is no * with the beginning of s and says how much of it matched.
func (p *pattern) step(tok *token, s string, sub substitution) (int, outcome) {
	if tok.kind == anyChar || tok.kind == segmentChar {
		if s == "" || tok.kind == segmentChar && s[0] == ':' {
			return 0, differs
		}
		_, width := utf8.DecodeRuneInString(s)
		return width, matches
	}
	want := tok.text
	if tok.kind == substitute {
		value, ok := tok.variable.value(sub.context)
		if !ok || sub.noFilters && strings.ContainsAny(value, "+#") {
			return 0, undefined
		}
		want = value
	}
	if p.fold {
		return foldPrefix(s, want)
	}
	if strings.HasPrefix(s, want) {
		return len(want), matches
	}
	return 0, differs
}

// foldPrefix is HasPrefix without regard to case, as strings.EqualFold sees it.
func foldPrefix(s, prefix string) (int, outcome) {
	at := 0
	for _, want := range prefix {
		got, width := utf8.DecodeRuneInString(s[at:])
		if width == 0 || !sameFold(got, want) {
			return 0, differs
		}
		at += width
	}
	return at, matches
}

func sameFold(a, b rune) bool {
	if a == b {
		return true
	}
	if a < utf8.RuneSelf && b < utf8.RuneSelf {
		return a|0x20 == b|0x20 && 'a' <= a|0x20 && a|0x20 <= 'z'
	}
	for c := unicode.SimpleFold(a); c != a; c = unicode.SimpleFold(c) {
		if c == b {
			return true
		}
	}
	return false
}
