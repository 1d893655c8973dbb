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

// sharedStorePackage has a benchmark that compares the PostgreSQL store with the simple way on the same cluster, and with the embedded store.
const sharedStorePackage = "iotjobs/internal/store/postgres"

// sharedStoreLine is a result of that benchmark. The units are in the order of their names.
var sharedStoreLine = regexp.MustCompile(`BenchmarkUpdateThing/callers=(\d+)\S*\s.*?([\d.]+) of-pebble.*?([\d.]+) ops/s\s.*?([\d.]+) x-update`)

// BenchmarkSharedStore runs it, so that the table holds its goals too.
func BenchmarkSharedStore(b *testing.B) {
	updates, pebbles := map[string]bar{"64": atLeast(2)}, map[string]bar{"64": atLeast(0.40)}
	for b.Loop() {
		say("the PostgreSQL store against one UPDATE for each report, and against the embedded store")
		out, err := exec.CommandContext(b.Context(), "go", "test", "-run", "^$", "-bench", "UpdateThing$", "-count", strconv.Itoa(*rounds), sharedStorePackage).CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		ofPebble, ofUpdate, rates := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
		for _, found := range sharedStoreLine.FindAllSubmatch(out, -1) {
			callers := string(found[1])
			ofPebble[callers] = append(ofPebble[callers], parsed(b, found[2]))
			rates[callers] = append(rates[callers], parsed(b, found[3]))
			ofUpdate[callers] = append(ofUpdate[callers], parsed(b, found[4]))
		}
		for _, callers := range []string{"1", "64"} {
			if len(rates[callers]) == 0 {
				b.Fatalf("the store's benchmark tells nothing for %s callers: %s", callers, out)
			}
			detail := thousands(median(rates[callers])) + "/s"
			results.add(b, row{
				what: fmt.Sprintf("store/postgres, callers %s: rate of one UPDATE each", callers), bar: updates[callers], measured: median(ofUpdate[callers]),
				detail: detail,
			})
			results.add(b, row{
				what: fmt.Sprintf("store/postgres, callers %s: rate of the embedded store", callers), bar: pebbles[callers], measured: median(ofPebble[callers]),
				detail: detail,
			})
		}
	}
}
