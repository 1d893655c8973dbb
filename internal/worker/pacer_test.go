package worker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"iotjobs/internal/worker"
)

// pacing is what a piece of work is made of, and how long it is followed by a pause.
type pacing struct {
	name      string
	took      time.Duration // by the clock
	computed  time.Duration // by its own thread
	devices   bool          // call meanwhile
	fails     error
	pause     time.Duration // of Pace
	pauseStep time.Duration // of PaceStep, with two processors
}

func TestPauses(t *testing.T) {
	failed := errors.New("the disk is full")
	for _, c := range []pacing{
		{name: "devices are idle", took: 40 * time.Millisecond, computed: 4 * time.Millisecond},
		// A step that computes 4 ms costs 32 ms, and so has a turn of 128 ms.
		{"devices call", 10 * time.Millisecond, 4 * time.Millisecond, true, nil, 50 * time.Millisecond, 118 * time.Millisecond},
		{"it waited long", 200 * time.Millisecond, 4 * time.Millisecond, true, nil, time.Second, 0},
		{"a slow disk", time.Minute, 4 * time.Millisecond, true, nil, 1250 * time.Millisecond, 0},
		{"it computes for ever", time.Minute, time.Minute, true, nil, 1250 * time.Millisecond, 0},
		{"it fails", 10 * time.Millisecond, 4 * time.Millisecond, true, failed, 0, 0},
	} {
		for method, want := range map[string]time.Duration{"Pace": c.pause, "PaceStep": c.pauseStep} {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var calls int64
					var computed time.Duration
					p := &worker.Pacer{
						Calls: func() int64 { return calls }, Now: time.Now,
						Processor: func() time.Duration { return computed }, Processors: 2,
					}
					pace := map[string]func(context.Context, func() error) error{"Pace": p.Pace, "PaceStep": p.PaceStep}[method]
					begin := time.Now()
					err := pace(t.Context(), func() error {
						<-time.After(c.took)
						computed += c.computed
						if c.devices {
							calls++
						}
						return c.fails
					})
					if pause := time.Since(begin) - c.took; pause != want || !errors.Is(err, c.fails) {
						t.Errorf("paused %s with %v, want %s with %v", pause, err, want, c.fails)
					}
				})
			})
		}
	}
}

// A pause ends with its context.
func TestAPauseIsCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls int64
		ctx, cancel := context.WithCancel(t.Context())
		p := &worker.Pacer{Calls: func() int64 { calls++; return calls }, Now: time.Now, Processor: worker.ThreadTime, Processors: 1}
		begin := time.Now()
		if err := p.Pace(ctx, func() error { <-time.After(time.Second); cancel(); return nil }); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != time.Second {
			t.Errorf("took %s, want no pause", took)
		}
	})
}

// The clock of a thread counts what it computes.
func TestThreadTime(t *testing.T) {
	p := &worker.Pacer{Calls: func() int64 { return 0 }, Now: time.Now, Processor: worker.ThreadTime, Processors: 1}
	var before, after time.Duration
	err := p.PaceStep(t.Context(), func() error {
		before = worker.ThreadTime()
		for n := 0; worker.ThreadTime()-before < 5*time.Millisecond; n++ {
			if n == 1<<30 {
				t.Error("the clock stands still")
				break
			}
		}
		after = worker.ThreadTime()
		return nil
	})
	if err != nil || after-before < 5*time.Millisecond {
		t.Errorf("computed %s with %v", after-before, err)
	}
}
