package query

import (
	"strings"
	"unicode/utf8"
)

// lexer cuts the query into tokens, one at a time.
type lexer struct {
	text string
	pos  int // the byte where the next token is looked for
	// obstacle says why the last token is unreadable.
	obstacle string
}

// token reads the next token outside ranges.
func (l *lexer) token() token {
	return l.piece(func(rest string) (tokenKind, glyphs) {
		for _, s := range symbols {
			if strings.HasPrefix(rest, s.text) {
				l.pos += len(s.text)
				return s.kind, nil
			}
		}
		switch rest[0] {
		case '-':
			l.pos++
			return minus, nil
		case '/':
			return l.regularExpression(), nil
		}
		kind, g := l.word(endsWord)
		if keyword, ok := keywords[rest[:len(rest)-len(l.text[l.pos:])]]; ok {
			return keyword, nil
		}
		return kind, g
	})
}

// valueToken reads the token after ':' or a comparison: there, -5 is a number and not a negation.
func (l *lexer) valueToken() token {
	l.skipSpace()
	if rest := l.text[l.pos:]; len(rest) > 1 && rest[0] == '-' && (isDigit(rest[1]) || rest[1] == '.') {
		return l.piece(func(string) (tokenKind, glyphs) { return l.word(endsWord) })
	}
	return l.token()
}

// boundToken reads a token between the brackets of a range. Only white space, ']' and '}' end a word there, so that 2026-01-01T12:00 is one.
func (l *lexer) boundToken() token {
	return l.piece(func(rest string) (tokenKind, glyphs) {
		switch rest[0] {
		case ']':
			l.pos++
			return squareClose, nil
		case '}':
			l.pos++
			return curlyClose, nil
		}
		return l.word("]}")
	})
}

// piece does what tokens of all places have in common, and leaves the rest to other.
func (l *lexer) piece(other func(rest string) (tokenKind, glyphs)) token {
	l.skipSpace()
	t := token{at: l.pos}
	switch rest := l.text[l.pos:]; {
	case rest == "":
	case rest[0] == '"':
		t.kind, t.word = l.quoted()
	default:
		t.kind, t.word = other(rest)
	}
	t.end = l.pos
	return t
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.pos:])
		if !isSpace(r) {
			return
		}
		l.pos += size
	}
}

// word reads up to white space or one of the characters in ends.
func (l *lexer) word(ends string) (tokenKind, glyphs) {
	var g glyphs
	for l.pos < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.pos:])
		if isSpace(r) || strings.ContainsRune(ends, r) {
			break
		}
		l.pos += size
		switch r {
		case '*':
			r = star
		case '?':
			r = one
		case '\\':
			escaped, ok := l.escaped()
			if !ok {
				return unreadable, nil
			}
			r = escaped
		}
		g = append(g, r)
	}
	return word, g
}

// quoted reads a text in double quotes; wildcards are plain characters in it.
func (l *lexer) quoted() (tokenKind, glyphs) {
	l.pos++
	var g glyphs
	for l.pos < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.pos:])
		l.pos += size
		switch r {
		case '"':
			return quoted, g
		case '\\':
			escaped, ok := l.escaped()
			if !ok {
				return unreadable, nil
			}
			r = escaped
		}
		g = append(g, r)
	}
	l.obstacle = `the quoted text that starts here has no closing "`
	return unreadable, nil
}

// escaped reads the character after a backslash (CTRL-3.4.8).
func (l *lexer) escaped() (rune, bool) {
	if l.pos == len(l.text) {
		l.obstacle = `a character must follow the escape \; write \\ for a backslash`
		return 0, false
	}
	r, size := utf8.DecodeRuneInString(l.text[l.pos:])
	l.pos += size
	return r, true
}

// regularExpression reads /…/, which no query may have; a lone / is usually a forgotten escape.
func (l *lexer) regularExpression() tokenKind {
	for i := l.pos + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case '/':
			l.pos = i + 1
			return regularExpression
		}
	}
	l.pos = len(l.text)
	l.obstacle = `to look for the character / write \/`
	return unreadable
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
