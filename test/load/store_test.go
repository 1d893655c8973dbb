package load

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// storePackage has a benchmark of its own, which compares the store with a group commit that does nothing else.
const storePackage = "iotjobs/internal/store/pebble"

// storeLine is a result of that benchmark.
var storeLine = regexp.MustCompile(`BenchmarkUpdateThing/callers=(\d+)\S*\s.*?([\d.]+) ops/s\s.*?([\d.]+) ratio`)

// BenchmarkStore runs the store's benchmark in the same run, so that the table holds its goals too.
func BenchmarkStore(b *testing.B) {
	bars := map[string]bar{"1": atLeast(0.40), "64": atLeast(0.20)}
	for b.Loop() {
		say("the store against an ideal group commit")
		out, err := exec.CommandContext(b.Context(), "go", "test", "-run", "^$", "-bench", "UpdateThing$", "-count", strconv.Itoa(*rounds), storePackage).CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		ratios, rates := map[string][]float64{}, map[string][]float64{}
		for _, found := range storeLine.FindAllSubmatch(out, -1) {
			callers := string(found[1])
			rates[callers] = append(rates[callers], parsed(b, found[2]))
			ratios[callers] = append(ratios[callers], parsed(b, found[3]))
		}
		for _, callers := range []string{"1", "64"} {
			if len(ratios[callers]) == 0 {
				b.Fatalf("the store's benchmark tells no ratio for %s callers: %s", callers, out)
			}
			results.add(b, row{
				what: fmt.Sprintf("store, callers %s: rate of an ideal group commit", callers), bar: bars[callers], measured: median(ratios[callers]),
				detail: thousands(median(rates[callers])) + "/s",
			})
		}
	}
}

func parsed(b *testing.B, text []byte) float64 {
	b.Helper()
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}
