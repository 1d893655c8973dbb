package query

import "strings"

// spell writes a query so that it parses to an equal one.
func spell(n node) string {
	switch n := n.(type) {
	case allOf:
		return spellParts(n, " AND ")
	case anyOf:
		return spellParts(n, " OR ")
	case not:
		return "NOT " + spellPart(n.of)
	case *term:
		return n.spell()
	}
	panic("query: unknown node")
}

func spellParts(parts []node, operator string) string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = spellPart(part)
	}
	return strings.Join(texts, operator)
}

// spellPart puts all that has an AND or an OR in parentheses, needed or not: nobody has to know which binds stronger.
func spellPart(n node) string {
	switch n.(type) {
	case allOf, anyOf:
		return "(" + spell(n) + ")"
	}
	return spell(n)
}

func (t *term) spell() string {
	name := ""
	if t.field.source != anyField {
		name = t.field.name + ":"
	}
	switch test := t.test.(type) {
	case present:
		return name + "*"
	case *phrase:
		return name + spellText(test.text)
	case *pattern:
		return name + test.written.spelled()
	case *span:
		return name + test.spell()
	}
	panic("query: unknown test")
}

// spellText writes a text as a word if it can.
func spellText(text string) string {
	g := glyphs(text)
	if _, keyword := keywords[text]; keyword || text == "" || g.spaced() {
		return quote(text)
	}
	return g.spelled()
}

func (s *span) spell() string {
	open, end := "{", "}"
	if s.low.inclusive {
		open = "["
	}
	if s.high.inclusive {
		end = "]"
	}
	return open + s.low.spell() + " TO " + s.high.spell() + end
}

func (b bound) spell() string {
	switch {
	case !b.given:
		return "*"
	case b.quoted:
		return quote(b.text)
	}
	return b.text
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
