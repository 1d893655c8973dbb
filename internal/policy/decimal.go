package policy

import (
	"cmp"
	"fmt"
	"strings"
)

// A decimal is an exact number. Floating point would take two large identifiers for the same, and what matches too much may allow too much.
type decimal struct {
	negative bool
	whole    string // without leading zeros
	fraction string // without trailing zeros
}

// parseDecimal reads -12.50; no exponent, because nobody writes one in a policy and it would let six characters stand for a million digits.
func parseDecimal(text string) (decimal, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	if !negative {
		digits = strings.TrimPrefix(digits, "+")
	}
	whole, fraction, hasPoint := strings.Cut(digits, ".")
	isDigit := func(c byte) bool { return '0' <= c && c <= '9' }
	if !onlyHas(whole, isDigit) || hasPoint && !onlyHas(fraction, isDigit) {
		return decimal{}, false
	}
	d := decimal{negative: negative, whole: strings.TrimLeft(whole, "0"), fraction: strings.TrimRight(fraction, "0")}
	if d.whole == "" && d.fraction == "" {
		d.negative = false
	}
	return d, true
}

func (d decimal) compare(other decimal) int {
	if d.negative != other.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	order := cmp.Or(cmp.Compare(len(d.whole), len(other.whole)), cmp.Compare(d.whole, other.whole), cmp.Compare(d.fraction, other.fraction))
	if d.negative {
		return -order
	}
	return order
}

type numberTest struct {
	relation relation
	bound    decimal
}

func (t numberTest) holds(value string, _ Context) bool {
	d, ok := parseDecimal(value)
	return ok && t.relation.accepts(d.compare(t.bound))
}

func addNumber(r relation) func(*condition, string, *parser) error {
	return func(c *condition, value string, _ *parser) error {
		bound, ok := parseDecimal(value)
		if !ok {
			return fmt.Errorf("must be a decimal number without exponent, not %s", quote(value))
		}
		c.tests = append(c.tests, numberTest{r, bound})
		return nil
	}
}
