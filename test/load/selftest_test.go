package load

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/wire"
)

// The tests here are of the measuring itself. What they time counts nowhere.

// fleetOfThree is the product, in a process of its own, with a fleet that is released to at once.
func fleetOfThree(t *testing.T) operator {
	t.Helper()
	dir := shortDirectory(t)
	if err := importFleet(t.Context(), dir, 3); err != nil {
		t.Fatal(err)
	}
	s, err := startProduct(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("%v: %s", err, s.logged())
		}
	})
	o := operator{s, 3}
	if _, err := o.createJob(workJob); err != nil {
		t.Fatal(err)
	}
	return o
}

// shortDirectory is not t.TempDir: its long path leaves too little for the path of a socket.
func shortDirectory(t *testing.T) string {
	t.Helper()
	dir, err := newDirectory()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestTheBareServerAnswersLikeTheProduct: a baseline that did less than the product's JSON would make the goals too hard, one that did more too easy.
func TestTheBareServerAnswersLikeTheProduct(t *testing.T) {
	product := fleetOfThree(t).product
	bare, err := startBaseline(bare)
	if err != nil {
		t.Fatal(err)
	}
	defer bare.stop() //nolint:errcheck // it ends with us in any case
	for _, o := range []operation{pending, describe, update} {
		t.Run(o.name, func(t *testing.T) {
			var shapes []string
			for _, s := range []*server{product, bare} {
				c, err := dial(s.address, s.key, 1)
				if err != nil {
					t.Fatal(err)
				}
				defer c.close() //nolint:errcheck // the answer is read
				if _, err := o.work(3, workJob)(c); err != nil {
					t.Fatal(err)
				}
				var answer any
				if err := json.Unmarshal(c.body, &answer); err != nil {
					t.Fatal(err)
				}
				shapes = append(shapes, shape(answer))
			}
			if shapes[1] != shapes[0] {
				t.Errorf("bare answers %s, the product %s", shapes[1], shapes[0])
			}
		})
	}
}

func TestTheOperatorSeesAJobThrough(t *testing.T) {
	o := fleetOfThree(t)
	if part, err := o.released(workJob, callTimeout); err != nil || part != 1 {
		t.Fatalf("released to %v of the fleet, error %v", part, err)
	}
	if err := errors.Join(o.cancelJob(workJob), o.followed(workJob, callTimeout), o.deleteJob(workJob)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.describeJob(workJob); err == nil || !strings.Contains(err.Error(), "status 404") {
		t.Errorf("a deleted job is described with error %v, want status 404", err)
	}
	if o.product.processor() <= 0 {
		t.Error("the product has no processor time")
	}
	if err := o.product.settle(); err != nil {
		t.Error(err)
	}
}

func TestAFilledStoreServes(t *testing.T) {
	dir := shortDirectory(t)
	if err := fill(t.Context(), dir, stock{things: 3, pending: 2, history: 2}); err != nil {
		t.Fatal(err)
	}
	s, err := startProduct(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop() //nolint:errcheck // the calls count
	c, err := dial(s.address, s.key, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close() //nolint:errcheck // the answers are read
	for _, o := range []operation{update, pending, describe} {
		for range 10 {
			if _, err := onAnyJob(o, 3, 2)(c); err != nil {
				t.Fatal(err)
			}
		}
	}
	// History is not pending, and nothing is stored beyond it.
	for i, status := range []int{http.StatusOK, http.StatusOK, http.StatusGone, http.StatusGone, http.StatusNotFound} {
		path := "/things/" + thingName(2) + "/jobs/" + string(jobNamed(i))
		got, body, _, err := c.call(request{scope: deviceScope, method: "GET", path: path})
		if err != nil || got != status {
			t.Errorf("%s: status %d %s, error %v; want %d", path, got, body, err, status)
		}
	}
}

func TestABulkLoadEnds(t *testing.T) {
	if took, err := bulkLoad(2*bulkBatch + 1); err != nil || took <= 0 {
		t.Errorf("took %s, error %v", took, err)
	}
}

func listen(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// shape is a JSON value without its scalars, but for the length of texts.
func shape(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var members []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			members = append(members, name+":"+shape(v[name]))
		}
		return "{" + strings.Join(members, " ") + "}"
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, shape(item))
		}
		return "[" + strings.Join(items, " ") + "]"
	case string:
		return strings.Repeat("x", len(v))
	default:
		return "?"
	}
}

func TestTheSignerSignsQueries(t *testing.T) {
	var got string
	handler := bareHandler().(*http.ServeMux)
	verifier := &bareServer{newBareVerifier()}
	handler.HandleFunc("GET /jobs", func(w http.ResponseWriter, r *http.Request) {
		if _, ok := verifier.receive(w, r); ok {
			got = r.URL.RawQuery
			wire.WriteJSON(w, http.StatusOK, struct{}{})
		}
	})
	c, err := dial(listen(t, handler), baselineKey, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close() //nolint:errcheck // the answer is read
	r := request{scope: deviceScope, method: "GET", path: "/jobs", query: "force=true"}
	if _, _, err := c.must(r); err != nil || got != r.query {
		t.Errorf("query %q, error %v", got, err)
	}
	c.signer.key.SecretAccessKey, c.signer.scope = "another", ""
	if status, _, _, err := c.call(r); err != nil || status != http.StatusForbidden {
		t.Errorf("signed with another secret: status %d, error %v; want 403", status, err)
	}
}

func TestARunStopsAtTheFirstError(t *testing.T) {
	address := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	all, err := dialAll(address, baselineKey, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer all.close() //nolint:errcheck // the answers are read
	if _, err := all.run(time.Hour, update.work(1, workJob)); err == nil || !strings.Contains(err.Error(), "status 418") {
		t.Errorf("error %v, want status 418", err)
	}
}

// TestTheLastAnswersAreNotInTheRate: what is answered when the turn is over counts as a wait, but not for the rate.
func TestTheLastAnswersAreNotInTheRate(t *testing.T) {
	fast, slow := &connection{}, &connection{}
	begun, over := make(chan struct{}), make(chan struct{})
	made := 0
	calls := func(c *connection) (int64, error) {
		if c == slow {
			close(begun)
			<-over
			return 1, nil
		}
		<-begun
		if made++; made == 100 {
			close(over)
		}
		return 1, nil
	}
	s, err := clients{fast, slow}.runUntil(calls, time.Now(), func(time.Time) bool {
		select {
		case <-over:
			return true
		default:
			return false
		}
	})
	if err != nil || s.answered != 99 || len(s.waits) != 101 || s.calls != 101 {
		t.Errorf("answered %d, waits %d, calls %d, error %v; want 99, 101, 101", s.answered, len(s.waits), s.calls, err)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, answer := range []string{"", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"} {
		client, server := net.Pipe()
		go func() {
			_, _ = io.WriteString(server, answer)
			_ = server.Close()
		}()
		c := newConnection(client, "", baselineKey, 1)
		if status, err := c.read(); err == nil {
			t.Errorf("%q: status %d, want an error", answer, status)
		}
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		bar      bar
		measured float64
		want     string
	}{
		{atLeast(0.4).goal(0.45), 0.39, "MISSED"},
		{atLeast(0.4).goal(0.45), 0.40, "ok, below goal"},
		{atLeast(0.4).goal(0.45), 0.45, "ok"},
		{atMost(1.6), 1.61, "MISSED"},
		{atMost(0), 0, "ok"},
		{bar{}, 7, ""},
	} {
		if got := (row{bar: c.bar, measured: c.measured}).verdict(); got != c.want {
			t.Errorf("%v against %s: %q, want %q", c.measured, c.bar, got, c.want)
		}
	}
	var out strings.Builder
	shown := table{rows: []row{{what: "calls", bar: atLeast(0.4).goal(0.45), measured: 0.5, detail: "1 of 2"}}}
	shown.print(&out)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := strings.Fields(lines[len(lines)-1]); strings.Join(last, " ") != "calls ≥ 0.40, goal 0.45 0.50 ok 1 of 2" {
		t.Errorf("table:\n%s", &out)
	}
}

func TestMedians(t *testing.T) {
	if got := median([]int{5, 1, 3}); got != 3 {
		t.Errorf("median of three: %d", got)
	}
	if got := median([]int{4, 1, 3, 2}); got != 2 {
		t.Errorf("median of four: %d", got)
	}
	s := sample{took: 2 * time.Second, answered: 5, waits: []int64{1, 2, 3, 4, 5}}
	if s.rate() != 2.5 || s.at(0.5) != 3 || s.at(1) != 5 {
		t.Errorf("rate %v, p50 %v, longest %v", s.rate(), s.at(0.5), s.at(1))
	}
	double := turns{{took: time.Second, answered: 2}, {took: time.Second, answered: 2}}
	single := turns{{took: time.Second, answered: 1}, {took: time.Second, answered: 1}}
	if got := double.against(single, sample.rate); got != 2 {
		t.Errorf("ratio %v, want 2", got)
	}
}

func TestTheStoresBenchmarkIsUnderstood(t *testing.T) {
	line := "BenchmarkUpdateThing/callers=64-2         	   12345	     61234 ns/op	        33.00 ops/group	     16234 ops/s	      5123 p99-µs	         0.2312 ratio	       321.0 walB/op"
	found := storeLine.FindStringSubmatch(line)
	if len(found) != 4 || found[1] != "64" || found[2] != "16234" || found[3] != "0.2312" {
		t.Errorf("found %q", found)
	}
}

func TestTheSharedStoresBenchmarkIsUnderstood(t *testing.T) {
	line := "BenchmarkUpdateThing/callers=64-2         	    5000	    214350 ns/op	         0.4404 of-pebble	        31.00 ops/group	      4665 ops/s	     34123 p99-µs	         2.131 x-update"
	found := sharedStoreLine.FindStringSubmatch(line)
	if len(found) != 5 || found[1] != "64" || found[2] != "0.4404" || found[3] != "4665" || found[4] != "2.131" {
		t.Errorf("found %q", found)
	}
}

// TestTheSpreadIsOfRatios compares turns round by round, not the rates of all turns.
func TestTheSpreadIsOfRatios(t *testing.T) {
	at := func(rates ...int) (all turns) {
		for _, rate := range rates {
			all = append(all, sample{answered: rate, took: time.Second})
		}
		return all
	}
	ours, theirs := at(10, 220, 90, 40, 600), at(10, 200, 100, 50, 500)
	if low, high := ours.spread(theirs, sample.rate); low != 0.9 || high != 1.1 {
		t.Errorf("half of the turns are within %v and %v", low, high)
	}
	if ratio := ours.against(theirs, sample.rate); ratio != 1 {
		t.Errorf("the median ratio is %v", ratio)
	}
}
