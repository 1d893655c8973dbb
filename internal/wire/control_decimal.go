package wire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// DoubleConstraint is a rule for a number with a fraction.
type DoubleConstraint struct {
	ok   func(float64) bool
	text string
}

// MinDouble and MaxDouble bound a number.
func MinDouble(n float64) DoubleConstraint {
	return DoubleConstraint{func(d float64) bool { return d >= n }, fmt.Sprintf("Member must have value greater than or equal to %g", n)}
}

// MaxDouble is the upper bound of a number.
func MaxDouble(n float64) DoubleConstraint {
	return DoubleConstraint{func(d float64) bool { return d <= n }, fmt.Sprintf("Member must have value less than or equal to %g", n)}
}

// Decimal reads an optional number that has at most so many digits after the decimal point, as a whole number of the last one: 2.25 with
// two digits is 225. It is read from the text, so that no fraction gets lost in binary.
func (r *Reader) Decimal(name string, digits int, constraints ...DoubleConstraint) (value int64, ok bool) {
	raw, ok := r.raw(name)
	if !ok {
		return 0, false
	}
	var near float64
	if json.Unmarshal(raw, &near) != nil {
		r.wrongType(name, raw, "a number")
		return 0, false
	}
	for _, c := range constraints {
		if !c.ok(near) {
			r.Add("'"+showDouble(near)+"'", r.At(name), c.text)
			ok = false
		}
	}
	value, exact := shifted(string(raw), digits)
	if !exact {
		r.Add(Quote(string(raw)), r.At(name), fmt.Sprintf("Member must have at most %d digits after the decimal point", digits))
	}
	return value, ok && exact
}

// RequiredDecimal reads a number that must be there, as Decimal does.
func (r *Reader) RequiredDecimal(name string, digits int, constraints ...DoubleConstraint) int64 {
	r.Require(name)
	value, _ := r.Decimal(name, digits, constraints...)
	return value
}

// double is a number that AWS's model calls a double: 2 is 2.0 (CTRL-1.4).
type double float64

// MarshalJSON writes 2.0.
func (d double) MarshalJSON() ([]byte, error) { return []byte(showDouble(float64(d))), nil }

// showDouble writes a number as AWS does, 2 as 2.0.
func showDouble(d float64) string {
	text := strconv.FormatFloat(d, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// shifted moves the decimal point of a JSON number to the right; ok tells that the outcome is whole and fits.
func shifted(number string, digits int) (whole int64, ok bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	integer, fraction, _ := strings.Cut(mantissa, ".")
	sign, integer := cutSign(integer)
	significant := strings.Trim(integer+fraction, "0")
	if significant == "" {
		return 0, true
	}
	shift := digits - len(fraction) + trailingZeros(integer+fraction)
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil {
			return 0, false
		}
		shift += e
	}
	const most = 18 // decimal digits that an int64 holds whatever they are
	if shift < 0 || shift > most {
		return 0, false
	}
	whole, err := strconv.ParseInt(sign+significant+strings.Repeat("0", shift), 10, 64)
	return whole, err == nil
}

func cutSign(integer string) (sign, rest string) {
	if rest, negative := strings.CutPrefix(integer, "-"); negative {
		return "-", rest
	}
	return "", integer
}

func trailingZeros(digits string) int { return len(digits) - len(strings.TrimRight(digits, "0")) }
