package load

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// row is one line of the table.
type row struct {
	what     string
	bar      bar
	measured float64
	detail   string // the numbers behind the ratio
}

// bar is what a measured number must keep; the zero bar says nothing.
type bar struct {
	set, most bool // most: at most limit, else at least
	limit     float64
	aim       float64 // where it is to go later; zero when that is the limit
}

func atLeast(limit float64) bar { return bar{set: true, limit: limit} }
func atMost(limit float64) bar  { return bar{set: true, most: true, limit: limit} }

// goal says where a bar is to go later.
func (b bar) goal(aim float64) bar {
	b.aim = aim
	return b
}

func (b bar) keeps(measured, limit float64) bool {
	if b.most {
		return measured <= limit
	}
	return measured >= limit
}

func (b bar) String() string {
	if !b.set {
		return "–"
	}
	sign, aim := "≥ ", ""
	if b.most {
		sign = "≤ "
	}
	if b.aim != 0 {
		aim = ", goal " + number(b.aim)
	}
	return sign + number(b.limit) + aim
}

// number has two digits after the point below ten, as goals are written, and fewer above.
func number(n float64) string {
	switch {
	case n >= 100 || n == 0:
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return fmt.Sprintf("%.1f", n)
	default:
		return fmt.Sprintf("%.2f", n)
	}
}

// verdict is empty without a bar.
func (r row) verdict() string {
	switch {
	case !r.bar.set:
		return ""
	case !r.bar.keeps(r.measured, r.bar.limit):
		return "MISSED"
	case r.bar.aim != 0 && !r.bar.keeps(r.measured, r.bar.aim):
		return "ok, below goal"
	default:
		return "ok"
	}
}

// table is all lines of a run.
type table struct{ rows []row }

var results table

// add takes a line, also as a metric of the benchmark.
func (t *table) add(b *testing.B, r row) {
	b.Helper()
	t.rows = append(t.rows, r)
	b.ReportMetric(r.measured, strings.NewReplacer(" ", "-", ",", "", ":", "").Replace(r.what))
}

func (t *table) print(w io.Writer) {
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n%s things; growth and memory: %s executions; backlog: %s timers; nodes: %s things\n\n",
		machine(), grouped(*things), grouped(*executions), grouped(*timers), grouped(*shared))
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(lines, "what\tbar\tmeasured\t\tdetail")
	for _, r := range t.rows {
		fmt.Fprintf(lines, "%s\t%s\t%s\t%s\t%s\n", r.what, r.bar, number(r.measured), r.verdict(), r.detail)
	}
	if err := lines.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// machine says what was measured on.
func machine() string {
	return fmt.Sprintf("%s, %d cores, GOMAXPROCS %d, %s/%s, %s", processor(), runtime.NumCPU(), runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// processor is the model of the machine's processor, where the system tells it.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	defer file.Close() //nolint:errcheck // it was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// median of at least one number; of an even count the lower middle one.
func median[T cmp.Ordered](numbers []T) T {
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[(len(sorted)-1)/2]
}
