package query

import "strconv"

// parseNumber reads a decimal number: -12, 0.5, .5, 1e9. Words that Go or C would also take (Inf, NaN, 0x10, 1_000) are text. The form is
// checked first, because the error of strconv costs memory, and most attributes of most things are no numbers.
func parseNumber(text string) (number float64, ok bool) {
	if !looksNumeric(text) {
		return 0, false
	}
	number, err := strconv.ParseFloat(text, 64)
	return number, err == nil
}

func looksNumeric(text string) bool {
	rest := skipSign(text, "-")
	whole, rest := skipDigits(rest)
	fraction := 0
	if rest != "" && rest[0] == '.' {
		fraction, rest = skipDigits(rest[1:])
	}
	if whole+fraction == 0 {
		return false
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		var exponent int
		if exponent, rest = skipDigits(skipSign(rest[1:], "+-")); exponent == 0 {
			return false
		}
	}
	return rest == ""
}

func skipDigits(text string) (n int, rest string) {
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n, text[n:]
}

func skipSign(text, signs string) string {
	for i := range len(signs) {
		if text != "" && text[0] == signs[i] {
			return text[1:]
		}
	}
	return text
}
