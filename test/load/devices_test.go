package load

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkDevices measures device calls over HTTP with signatures, with all things stored, against the bare server and against "hello".
func BenchmarkDevices(b *testing.B) {
	w := theWorld(b)
	for _, o := range []operation{update, pending, describe} {
		for _, connections := range []int{1, 16, 128} {
			b.Run(fmt.Sprintf("%s/connections=%d", o.name, connections), func(b *testing.B) {
				for b.Loop() {
					w.compare(b, o, connections)
				}
			})
		}
	}
}

// compare lets the servers take turns and adds a line to the table.
func (w *world) compare(b *testing.B, o operation, connections int) {
	b.Helper()
	if err := w.product.settle(); err != nil {
		b.Fatal(err)
	}
	servers := []*server{w.product, w.bare, w.hello}
	calls := []caller{o.work(*things, workJob), o.work(*things, workJob), operation{make: o.make, answer: "hello"}.work(*things, workJob)}
	turns := takeTurns(b, servers, calls, connections)
	if *profiles != "" {
		profileCalls(b, w.product, o, connections)
	}
	product, bare := turns[0], turns[1]
	rate := row{
		what: fmt.Sprintf("%s, %d connections: rate of bare", o.name, connections), measured: product.against(bare, sample.rate),
		detail: fmt.Sprintf("%s of %s/s, hello %s/s; p50 %s of %s, p99 %s of %s; processor %s of %s", thousands(product.median(sample.rate)),
			thousands(bare.median(sample.rate)), thousands(turns[2].median(sample.rate)), product.wait(sample.p50), bare.wait(sample.p50),
			product.wait(sample.p99), bare.wait(sample.p99), product.wait(sample.each), bare.wait(sample.each)),
	}
	if connections != 128 {
		results.add(b, rate)
		return
	}
	rate.bar = atLeast(0.40).goal(0.45)
	if o.read {
		rate.bar = atLeast(0.75).goal(0.85)
	}
	results.add(b, rate)
	slow := row{what: fmt.Sprintf("%s, %d connections: p99 of bare", o.name, connections), measured: product.against(bare, sample.p99)}
	if !o.read {
		slow.bar = atMost(1.6)
	}
	results.add(b, slow)
}

// profileCalls is one more turn, which counts nowhere.
func profileCalls(b *testing.B, product *server, o operation, connections int) {
	b.Helper()
	all, err := dialAll(product.address, product.key, connections)
	if err != nil {
		b.Fatal(err)
	}
	defer all.close() //nolint:errcheck // the answers are read
	const length = 5 * time.Second
	err = product.profiled(fmt.Sprintf("%s-%d", o.name, connections), length, func() error {
		_, err := all.run(length, o.work(*things, workJob))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// turns are the samples of one server.
type turns []sample

// takeTurns calls the servers one after the other, round by round: what disturbs the machine for a while disturbs all of them.
func takeTurns(b *testing.B, servers []*server, calls []caller, connections int) []turns {
	b.Helper()
	all := make([]turns, len(servers))
	dialed := make([]clients, len(servers))
	for i, s := range servers {
		var err error
		if dialed[i], err = dialAll(s.address, s.key, connections); err != nil {
			b.Fatal(err)
		}
		defer dialed[i].close() //nolint:errcheck // the answers are read
	}
	for range *rounds {
		for i := range servers {
			before := servers[i].processor()
			s, err := dialed[i].run(*roundTime, calls[i])
			if err != nil {
				b.Fatal(err)
			}
			s.processor = servers[i].processor() - before
			all[i] = append(all[i], s)
		}
	}
	return all
}

func (s sample) p50() float64 { return s.at(0.5).Seconds() }
func (s sample) p99() float64 { return s.at(0.99).Seconds() }

func (t turns) median(of func(sample) float64) float64 {
	numbers := make([]float64, len(t))
	for i, s := range t {
		numbers[i] = of(s)
	}
	return median(numbers)
}

// against is the median of the ratios, round by round.
func (t turns) against(other turns, of func(sample) float64) float64 {
	return median(t.ratios(other, of))
}

// spread is what a quarter of the ratios do not reach, and what a quarter exceed.
func (t turns) spread(other turns, of func(sample) float64) (low, high float64) {
	ratios := t.ratios(other, of)
	slices.Sort(ratios)
	return ratios[len(ratios)/4], ratios[len(ratios)-1-len(ratios)/4]
}

func (t turns) ratios(other turns, of func(sample) float64) []float64 {
	ratios := make([]float64, len(t))
	for i, s := range t {
		ratios[i] = of(s) / of(other[i])
	}
	return ratios
}

// wait is the median over the rounds, for people.
func (t turns) wait(of func(sample) float64) string {
	return duration(time.Duration(t.median(of) * float64(time.Second)))
}

func duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}

// thousands writes a rate.
func thousands(n float64) string {
	if n < 10_000 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.1fk", n/1000)
}
