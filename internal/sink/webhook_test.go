package sink_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/bubble"
	"iotjobs/internal/jobs"
	"iotjobs/internal/store/faultstore"
)

func TestEventsAreDeliveredAndForgotten(t *testing.T) {
	inBubble(t, func(w *world) {
		w.tell("a 1", "a 2", "job 1")
		bubble.Advance(time.Second)
		w.tell("a 3")
		bubble.Advance(10 * time.Second)
		if got, want := w.delivered(), []string{"a 1", "a 2", "job 1", "a 3"}; !slices.Equal(got, want) {
			t.Errorf("delivered %q, want %q", got, want)
		}
		if left := w.waiting(); len(left) > 0 {
			t.Errorf("%q are still stored", left)
		}
		if got := w.metric("iotjobs_webhook_posts_total", "delivered"); got != 4 {
			t.Errorf("the metric counts %v deliveries, want 4", got)
		}
	})
}

// TestPausesBetweenTries checks the pauses with the least and with nearly the most that jitter adds.
func TestPausesBetweenTries(t *testing.T) {
	for _, jitter := range []float64{0, 0.5} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.hook.Jitter = func() float64 { return jitter }
			defer w.run(w.hook)()
			w.answers(func(string) int { return 503 })
			w.tell("a 1")
			bubble.Advance(10 * time.Minute)
			posts := w.posts()
			for i, want := range []float64{1, 2, 4, 8, 16, 32, 60, 60, 60} {
				want = want/2 + jitter*want/2
				if got := posts[i+1].at.Sub(posts[i].at).Seconds(); got != want {
					t.Errorf("with jitter %v, pause %d is %v s, want %v", jitter, i+1, got, want)
				}
			}
			if got := w.metric("iotjobs_webhook_posts_total", "failed"); got != float64(len(posts)) {
				t.Errorf("the metric counts %v failures, want %d", got, len(posts))
			}
		})
	}
}

// TestUnreachableReceiver keeps everything, and delivers it in order when the receiver is back.
func TestUnreachableReceiver(t *testing.T) {
	inBubble(t, func(w *world) {
		w.answers(func(string) int { return 0 })
		var want []string
		for i := range 100 {
			w.tell(fmt.Sprintf("a %d", i))
			want = append(want, fmt.Sprintf("a %d", i))
			bubble.Advance(time.Minute)
		}
		if got := w.waiting(); !slices.Equal(got, want) {
			t.Errorf("%d events wait, want all 100", len(got))
		}
		if got := w.metric("iotjobs_webhook_events_pending", ""); got != 100 {
			t.Errorf("the metric shows %v waiting events, want 100", got)
		}
		w.answers(nil)
		bubble.Advance(2 * time.Minute)
		if got := w.delivered(); !slices.Equal(got, want) {
			t.Errorf("delivered %q, want each once and in order", got)
		}
		if left := w.waiting(); len(left) > 0 {
			t.Errorf("%q are still stored", left)
		}
	})
}

// TestOneThingIsStuck shows that a refused event holds up what must come after it, and nothing else; nothing is delivered twice.
func TestOneThingIsStuck(t *testing.T) {
	inBubble(t, func(w *world) {
		w.answers(func(id string) int {
			if id == "a 2" {
				return 400
			}
			return 200
		})
		told := []string{"a 1", "a 2", "a 3"}
		for i := range 40 {
			told = append(told, fmt.Sprintf("thing%d 1", i), fmt.Sprintf("thing%d 2", i))
		}
		told = append(told, "job 1", "b 1")
		w.tell(told...)
		bubble.Advance(5 * time.Minute)
		got := w.delivered()
		for _, id := range []string{"a 2", "a 3", "job 1", "b 1"} {
			if slices.Contains(got, id) {
				t.Errorf("%s was delivered before what it comes after", id)
			}
		}
		if len(got) < 60 { // some things share the lane of the stuck one
			t.Errorf("%d events were delivered, want most of the 80 of other things", len(got))
		}
		w.answers(nil)
		bubble.Advance(2 * time.Minute)
		got = w.delivered()
		if len(got) != len(told) || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(told) {
			t.Errorf("delivered %d, want each of %d once", len(got), len(told))
		}
		wantInOrder(t, got)
		if job := slices.Index(got, "job 1"); job != len(got)-2 || got[len(got)-1] != "b 1" {
			t.Errorf("the event of the job is number %d of %d, and %s the last", job+1, len(got), got[len(got)-1])
		}
	})
}

// wantInOrder checks that the numbers of each thing ascend.
func wantInOrder(t *testing.T, ids []string) {
	t.Helper()
	last := map[string]int{}
	for _, id := range ids {
		var thing string
		var n int
		if _, err := fmt.Sscan(id, &thing, &n); err != nil {
			t.Fatal(err)
		}
		if n <= last[thing] {
			t.Errorf("%s was delivered after number %d", id, last[thing])
		}
		last[thing] = n
	}
}

// TestManyEventsStayInOrder has more events than one window holds, and a receiver that often fails.
func TestManyEventsStayInOrder(t *testing.T) {
	inBubble(t, func(w *world) {
		tries := 0
		w.answers(func(string) int {
			if tries++; tries%7 == 0 {
				return 500
			}
			return 200
		})
		var told []string
		for i := range 1500 {
			id := fmt.Sprintf("thing%d %d", i%50, i/50+1)
			if i%400 == 399 {
				id = fmt.Sprintf("job %d", i)
			}
			told = append(told, id)
		}
		w.tell(told...)
		bubble.Advance(30 * time.Minute)
		got := w.delivered()
		if len(got) != len(told) {
			t.Errorf("delivered %d events, want %d", len(got), len(told))
		}
		wantInOrder(t, got)
		for i, id := range got {
			if strings.HasPrefix(id, "job ") && id != told[i] {
				t.Errorf("%s was delivered as number %d", id, i+1)
			}
		}
	})
}

func TestOldestEventsAreDropped(t *testing.T) {
	inBubble(t, func(w *world) {
		w.answers(func(string) int { return 503 })
		for i := range 2500 {
			w.tell(fmt.Sprintf("a %d", i+1))
		}
		bubble.Advance(time.Minute)
		left := w.waiting()
		if len(left) != 2000 || left[0] != "a 501" || left[1999] != "a 2500" {
			t.Errorf("%d events wait, want the newest 2000", len(left))
		}
		if got := w.metric("iotjobs_webhook_events_dropped_total", ""); got != 500 {
			t.Errorf("the metric counts %v dropped events, want 500", got)
		}
		w.answers(nil)
		bubble.Advance(2 * time.Minute)
		wantInOrder(t, w.delivered())
		if left := w.waiting(); len(left) > 0 {
			t.Errorf("%d are still stored", len(left))
		}
	})
}

// unforgetting cannot remove events while it is broken.
type unforgetting struct {
	*world

	broken atomic.Bool
}

func (u *unforgetting) PendingEvents(ctx context.Context, after uint64, limit int) ([]jobs.Event, error) {
	return u.service.PendingEvents(ctx, after, limit)
}

func (u *unforgetting) ForgetEvents(ctx context.Context, until uint64) error {
	if u.broken.Load() {
		return faultstore.ErrInjected
	}
	return u.service.ForgetEvents(ctx, until)
}

func (u *unforgetting) TrimEvents(ctx context.Context, keep uint64) (waiting, dropped uint64, err error) {
	return u.service.TrimEvents(ctx, keep)
}

// TestDeliveredEventsThatStay shows at least once: events that cannot be removed are told again by the next start only, with the same IDs.
func TestDeliveredEventsThatStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		u := &unforgetting{world: w}
		u.broken.Store(true)
		w.hook.Service = u
		stop := w.run(w.hook)
		w.tell("a 1", "a 2")
		bubble.Advance(time.Minute)
		if got := w.delivered(); len(got) != 2 {
			t.Errorf("delivered %q, want each once while the server runs", got)
		}
		stop()
		u.broken.Store(false)
		w.registry = prometheus.NewRegistry()
		stop = w.run(w.newHook(u))
		bubble.Advance(time.Minute)
		stop()
		if got, want := w.delivered(), []string{"a 1", "a 2", "a 1", "a 2"}; !slices.Equal(got, want) {
			t.Errorf("delivered %q, want %q", got, want)
		}
		if left := w.waiting(); len(left) > 0 {
			t.Errorf("%q are still stored", left)
		}
	})
}

// TestRemovingIsTriedAgain needs no new event for it.
func TestRemovingIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		u := &unforgetting{world: w}
		u.broken.Store(true)
		w.hook.Service = u
		stop := w.run(w.hook)
		w.tell("a 1")
		bubble.Advance(time.Minute)
		u.broken.Store(false)
		bubble.Advance(time.Minute)
		if left := w.waiting(); len(left) > 0 {
			t.Errorf("%q are still stored", left)
		}
		stop()
	})
}
