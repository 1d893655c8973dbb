package query

// span looks for a value between two bounds. If every given bound is a number without quotes, values are compared as numbers, and text
// that is no number is outside. Else whole texts are compared, character by character, and numbers are outside
// (CTRL-3.4.3).
type span struct {
	low, high bound
	numeric   bool
}

// bound is one end of a span; not given means open.
type bound struct {
	given, inclusive bool
	text             string // as it was written
	quoted           bool
	folded           string
	number           float64
}

func newBound(text string, quoted bool) bound {
	return bound{given: true, text: text, quoted: quoted, folded: fold(text)}
}

// newSpan makes the test; open at both ends it asks for any value.
func newSpan(low, high bound) test {
	if !low.given && !high.given {
		return present{}
	}
	s := &span{low: low, high: high, numeric: true}
	for _, b := range []*bound{&s.low, &s.high} {
		number, ok := parseNumber(b.text)
		b.number = number
		s.numeric = s.numeric && (!b.given || ok && !b.quoted)
	}
	if !s.numeric {
		// [5 TO abc] and ["5" TO abc] are the same.
		s.low.quoted, s.high.quoted = s.low.given, s.high.given
		s.low.number, s.high.number = 0, 0
	}
	return s
}

func (s *span) matchText(value string) bool {
	if s.numeric {
		number, ok := parseNumber(value)
		return ok && s.matchNumber(number)
	}
	return s.low.below(compareFolded(value, s.low.folded)) && s.high.below(-compareFolded(value, s.high.folded))
}

func (s *span) matchNumber(value float64) bool {
	return s.numeric && s.low.below(compareNumbers(value, s.low.number)) && s.high.below(compareNumbers(s.high.number, value))
}

// below takes how far a value is inside the bound: negative is outside, 0 on it.
func (b bound) below(distance int) bool {
	return !b.given || distance > 0 || distance == 0 && b.inclusive
}

func compareNumbers(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
