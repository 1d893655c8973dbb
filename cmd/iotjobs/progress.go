package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// progress shows how far the phases of a command are: on a terminal one line that is drawn anew, elsewhere a line every second.
type progress struct {
	out      io.Writer
	terminal bool
}

// How often a line is drawn on a terminal and elsewhere, and how wide the bar is.
const (
	redraw   = 150 * time.Millisecond
	relog    = time.Second
	barWidth = 24
)

func newProgress(out io.Writer) *progress {
	file, ok := out.(*os.File)
	if !ok {
		return &progress{out: out}
	}
	info, err := file.Stat()
	return &progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"}
}

// phase is one thing that is counted while it goes on.
type phase struct {
	name string
	unit string // of what is counted for the rate
	// total is how much is to be done; 0 if nobody knows.
	total int
	// done is how much is done, rated what the rate counts. Both are called concurrently with the work.
	done, rated func() int
}

// run does the work and shows how far it is.
func (p *progress) run(ph phase, work func() error) error {
	stop, stopped := make(chan struct{}), make(chan struct{})
	start := time.Now()
	go func() {
		defer close(stopped)
		p.watch(ph, start, stop)
	}()
	err := work()
	close(stop)
	<-stopped
	p.draw(ph, rate(ph.rated(), time.Since(start)), time.Since(start))
	if p.terminal {
		fmt.Fprintln(p.out)
	}
	return err
}

// watch draws the phase until stop is closed, with the rate since the last time.
func (p *progress) watch(ph phase, start time.Time, stop <-chan struct{}) {
	every := relog
	if p.terminal {
		every = redraw
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	before, at := 0, start
	for {
		select {
		case <-stop:
			return
		case now := <-ticker.C:
			count := ph.rated()
			p.draw(ph, rate(count-before, now.Sub(at)), now.Sub(start))
			before, at = count, now
		}
	}
}

func (p *progress) draw(ph phase, perSecond float64, elapsed time.Duration) {
	done := ph.done()
	count := fmt.Sprintf("%7s", grouped(done))
	bar := ""
	if ph.total > 0 {
		count += " of " + grouped(ph.total)
		full := min(done, ph.total) * barWidth / ph.total
		bar = "[" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "]  "
	}
	line := fmt.Sprintf("  %-8s %-20s %8s %s/s %8s", ph.name, count, grouped(int(perSecond)), ph.unit, seconds(elapsed))
	if p.terminal {
		fmt.Fprintf(p.out, "\r%s  %s\x1b[K", line, strings.TrimSpace(bar))
		return
	}
	fmt.Fprintln(p.out, line)
}

func rate(n int, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// brief writes a latency with three digits, in the unit that fits.
func brief(d time.Duration) string {
	unit, name := time.Second, "s"
	switch {
	case d < time.Millisecond:
		unit, name = time.Microsecond, "us"
	case d < time.Second:
		unit, name = time.Millisecond, "ms"
	}
	value := float64(d) / float64(unit)
	digits := 2
	switch {
	case value >= 100:
		digits = 0
	case value >= 10:
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + name
}

// byteSize writes 12345678 as 11.8 MiB.
func byteSize(n int64) string {
	value, unit := float64(n), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if value < 1024 {
			break
		}
		value, unit = value/1024, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", value, unit)
}
