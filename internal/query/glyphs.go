package query

import (
	"slices"
	"strings"
	"unicode"
)

// glyphs is a word after its escapes: characters, and the wildcards that were not escaped.
type glyphs []rune

// The wildcards; no character has a negative number.
const (
	star rune = -1 // any characters, or none
	one  rune = -2 // exactly one character
)

func (g glyphs) wild() bool { return slices.Contains(g, star) || slices.Contains(g, one) }

// plain is the word as text; wildcards look like the characters * and ?.
func (g glyphs) plain() string {
	var b strings.Builder
	for _, r := range g {
		switch r {
		case star:
			b.WriteByte('*')
		case one:
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (g glyphs) stars() int {
	n := 0
	for _, r := range g {
		if r == star {
			n++
		}
	}
	return n
}

// split cuts at each '.'.
func (g glyphs) split() []glyphs {
	var parts []glyphs
	for {
		dot := slices.Index(g, '.')
		if dot < 0 {
			return append(parts, g)
		}
		parts, g = append(parts, g[:dot]), g[dot+1:]
	}
}

// endsWord are the characters that end a word unless they are escaped. Space does as well.
const endsWord = `!():^<>=[]{}"~/`

// startsOther are the characters that may stand inside a word, but at its start mean something else.
const startsOther = `+-&|`

// spelled is the word with the escapes that it needs.
func (g glyphs) spelled() string {
	var b strings.Builder
	for i, r := range g {
		switch {
		case r == star:
			b.WriteByte('*')
		case r == one:
			b.WriteByte('?')
		case strings.ContainsRune(endsWord+`\*?`, r), i == 0 && strings.ContainsRune(startsOther, r), isSpace(r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isSpace is Java's Character.isWhitespace, by which AWS separates words: the breaking spaces and the separators of ASCII.
func isSpace(r rune) bool {
	switch {
	case r <= ' ':
		return r == ' ' || '\t' <= r && r <= '\r' || 0x1c <= r && r <= 0x1f
	case r < 0x80, r == 0xa0, r == 0x2007, r == 0x202f:
		return false
	default:
		return unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
	}
}

func (g glyphs) spaced() bool { return slices.ContainsFunc(g, isSpace) }
