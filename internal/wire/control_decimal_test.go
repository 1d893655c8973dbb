package wire_test

import (
	"testing"

	"iotjobs/internal/wire"
)

// TestDecimals: what is read is exactly what was written, whatever binary fractions make of it.
func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		number string
		digits int
		want   int64
	}{
		{"1.1", 1, 11},
		{"2.3", 1, 23},
		{"5", 1, 50},
		{"2.30", 1, 23},
		{"0", 2, 0},
		{"-0.00", 2, 0},
		{"0e999999999", 2, 0},
		{"1.15", 2, 115}, // 1.15*100 is 114.99999999999999
		{"0.29", 2, 29},
		{"100", 2, 10000},
		{"10.000000000000000000000", 2, 1000},
		{"1e2", 2, 10000},
		{"1225e-2", 2, 1225},
		{"0.1225E+2", 2, 1225},
		{"0.000120e3", 2, 12},
		{"-12.5", 2, -1250},
		{"999999999999999999", 0, 999999999999999999},
	} {
		r := reader(t, `{"d":`+c.number+`}`)
		if got, ok := r.Decimal("d", c.digits); got != c.want || !ok || r.Err() != nil {
			t.Errorf("%s with %d digits: got %d %v (%v), want %d", c.number, c.digits, got, ok, r.Err(), c.want)
		}
		if got := r.RequiredDecimal("d", c.digits); got != c.want || r.Err() != nil {
			t.Errorf("%s with %d digits, required: got %d (%v), want %d", c.number, c.digits, got, r.Err(), c.want)
		}
	}
	for _, number := range []string{"1.001", "1e-3", "100.000000000000000000001", "1e-99999999999999999999", "1.11e-9223372036854775808", "1e20", "-1e300"} {
		r := reader(t, `{"d":`+number+`}`)
		if got, ok := r.Decimal("d", 2); ok || r.Err() == nil {
			t.Errorf("%s with 2 digits was read as %d", number, got)
		}
	}
}

// TestDecimalViolations: a number is shown as AWS shows doubles, and as it came when it has too many digits.
func TestDecimalViolations(t *testing.T) {
	for body, want := range map[string]string{
		`{"d":1.1}`:    "",
		`{"d":5}`:      "",
		`{"d":1.0999}`: "2 validation errors detected: Value '1.0999' at 'd' failed to satisfy constraint: Member must have value greater than or equal to 1.1; Value '1.0999' at 'd' failed to satisfy constraint: Member must have at most 1 digits after the decimal point",
		`{"d":125e-2}`: "1 validation error detected: Value '125e-2' at 'd' failed to satisfy constraint: Member must have at most 1 digits after the decimal point",
		`{"d":6}`:      "1 validation error detected: Value '6.0' at 'd' failed to satisfy constraint: Member must have value less than or equal to 5",
		`{"d":1e400}`:  "1 validation error detected: Value '1e400' at 'd' failed to satisfy constraint: Member must be a number",
		`{"d":"2"}`:    `1 validation error detected: Value '"2"' at 'd' failed to satisfy constraint: Member must be a number`,
		`{"d":null}`:   "1 validation error detected: Value null at 'd' failed to satisfy constraint: Member must not be null",
	} {
		r := reader(t, body)
		r.RequiredDecimal("d", 1, wire.MinDouble(1.1), wire.MaxDouble(5))
		got := ""
		if err := r.Err(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
