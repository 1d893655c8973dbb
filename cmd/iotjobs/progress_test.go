package main

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestNumbersAreGrouped(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567", -1: "-1", -999: "-999", -1000: "-1,000", -123456: "-123,456",
	} {
		if got := grouped(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestLatenciesHaveThreeDigits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.00 us", 999 * time.Nanosecond: "1.00 us", 12345 * time.Nanosecond: "12.3 us", 999 * time.Microsecond: "999 us",
		time.Millisecond: "1.00 ms", 45600 * time.Microsecond: "45.6 ms", time.Second: "1.00 s", 75 * time.Second: "75.0 s", 150 * time.Second: "150 s",
	} {
		if got := brief(d); got != want {
			t.Errorf("%d ns: got %s, want %s", d, got, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 12345678: "11.8 MiB", 5 << 30: "5.0 GiB", 3 << 40: "3.0 TiB", math.MaxInt64: "8388608.0 TiB",
	} {
		if got := byteSize(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestRateOfNoTimeIsNone(t *testing.T) {
	if got := rate(5, 0); got != 0 {
		t.Errorf("got %g", got)
	}
	if got := rate(5, 2*time.Second); got != 2.5 {
		t.Errorf("got %g", got)
	}
}

func TestShellWords(t *testing.T) {
	for text, want := range map[string]string{
		"/tmp/a-b_c.d:1": "/tmp/a-b_c.d:1", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "a;b": "'a;b'", "ä": "'ä'", "": "''",
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// Elsewhere than on a terminal a phase leaves a line, and its error comes through.
func TestPhaseLeavesALine(t *testing.T) {
	var out strings.Builder
	broken := errors.New("broken")
	count := 0
	done := func() int { return count }
	err := newProgress(&out).run(phase{name: "things", unit: "calls", total: 2000, done: done, rated: done}, func() error {
		count = 1500
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if got := out.String(); !strings.HasPrefix(got, "  things     1,500 of 2,000 ") || !strings.HasSuffix(got, " s\n") || strings.ContainsAny(got, "\r\x1b#") {
		t.Errorf("got %q", got)
	}
}
