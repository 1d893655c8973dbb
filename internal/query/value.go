package query

import "strings"

// test is what a term asks of one value: present, *phrase, *pattern or *span. Shadows hold numbers; everything else is text.
type test interface {
	matchText(value string) bool
	matchNumber(value float64) bool
}

// present is the value *: anything (CTRL-3.4.1).
type present struct{}

func (present) matchText(string) bool    { return true }
func (present) matchNumber(float64) bool { return true }

// phrase looks for its words, side by side, among the words of a text; a phrase that is a number also for that number.
type phrase struct {
	text    string // as it was written
	words   []string
	number  float64
	numeric bool
}

func newPhrase(text string) *phrase {
	p := &phrase{text: text, words: strings.FieldsFunc(fold(text), isSpace)}
	p.number, p.numeric = parseNumber(text)
	return p
}

func (p *phrase) matchText(value string) bool {
	if len(p.words) == 0 {
		first, _ := cutWord(value)
		return first == ""
	}
	for value != "" {
		if p.starts(value) {
			return true
		}
		_, value = cutWord(value)
	}
	return false
}

// starts tells whether the first words of the value are those of the phrase.
func (p *phrase) starts(value string) bool {
	for _, want := range p.words {
		var first string
		if first, value = cutWord(value); compareFolded(first, want) != 0 {
			return false
		}
	}
	return true
}

func (p *phrase) matchNumber(value float64) bool { return p.numeric && p.number == value }

// pattern looks for a word with wildcards; numbers are not words.
type pattern struct {
	written glyphs
	folded  glyphs
}

func newPattern(written glyphs) *pattern { return &pattern{written, foldGlyphs(written)} }

func (p *pattern) matchText(value string) bool {
	for value != "" {
		var first string
		if first, value = cutWord(value); first != "" && p.folded.match(first) {
			return true
		}
	}
	return false
}

func (*pattern) matchNumber(float64) bool { return false }
