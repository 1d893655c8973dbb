package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestRegistrarCanBeRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		s.fault = func(q request) fault {
			if q.n%10 == 0 {
				return lostAnswer
			}
			return served
		}
		r := &Registrar{Client: s.client(), Workers: 8}
		names := NumberedThings("thing-", 100)
		for range 2 {
			things, err := r.Register(t.Context(), names)
			if err != nil {
				t.Fatal(err)
			}
			for i, thing := range things {
				if thing.Name != names[i] || !strings.HasSuffix(thing.ARN, ":thing/"+string(names[i])) {
					t.Errorf("thing %d is %+v", i, thing)
				}
			}
		}
		if len(s.things) != 100 || names[0] != "thing-000001" || names[99] != "thing-000100" {
			t.Errorf("%d things, from %s to %s", len(s.things), names[0], names[99])
		}
		if s.most != 8 || r.Registered() != 200 {
			t.Errorf("%d at the same time; %d registered", s.most, r.Registered())
		}
	})
}

func TestRegistrarEndsAtTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		s.fault = func(request) fault { return unavailable }
		r := &Registrar{Client: s.client(), Workers: 4}
		r.Client.Attempts = 1
		_, err := r.Register(t.Context(), NumberedThings("thing-", 1000))
		if !is(err, "ServiceUnavailableException") {
			t.Errorf("got %v", err)
		}
		if got := s.requests(CreateThing); got > 8 {
			t.Errorf("%d calls were made after the first failure", got)
		}
	})
}

func TestJobMakerCutsTargets(t *testing.T) {
	for _, c := range []struct {
		targets int
		want    string
	}{
		{1, "[demo]"}, {100, "[demo]"}, {101, "[demo-1 demo-2]"}, {1000, "[demo-01 demo-02 demo-03 demo-04 demo-05 demo-06 demo-07 demo-08 demo-09 demo-10]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFake(t)
			var arns []string
			for _, name := range NumberedThings("thing-", c.targets) {
				arns = append(arns, "arn:aws:iot:eu-west-1:123456789012:thing/"+string(name))
			}
			var told []JobID
			ids, err := (&JobMaker{Client: s.client(), Document: "{}"}).Make(t.Context(), "demo", arns, func(id JobID) { told = append(told, id) })
			if err != nil || fmt.Sprint(ids) != c.want || !slices.Equal(told, ids) {
				t.Errorf("%d targets: %v, %v, told %v", c.targets, ids, err, told)
			}
			var got []string
			for _, id := range ids {
				if n := len(s.jobs[string(id)]); n > MaxTargets {
					t.Errorf("%s has %d targets", id, n)
				}
				got = append(got, s.jobs[string(id)]...)
			}
			if !slices.Equal(got, arns) {
				t.Errorf("%d targets: %d were addressed", c.targets, len(got))
			}
		})
	}
}

func TestJobMakerRepairsALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		s.fault = func(q request) fault {
			if q.operation == CreateJob && q.n == 1 {
				return lostAnswer
			}
			return served
		}
		maker := &JobMaker{Client: s.client(), Document: "{}"}
		target := []string{"arn:aws:iot:eu-west-1:123456789012:thing/a"}
		if ids, err := maker.Make(t.Context(), "demo", target, nil); err != nil || len(ids) != 1 {
			t.Errorf("got %v, %v", ids, err)
		}
		other := []string{"arn:aws:iot:eu-west-1:123456789012:thing/b"}
		if _, err := maker.Make(t.Context(), "demo", other, nil); !is(err, "ResourceAlreadyExistsException") {
			t.Errorf("a job with other targets: %v", err)
		}
	})
}

func TestJobsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t)
		s.jobs["a"], s.jobs["b"] = []string{"x"}, []string{"x"}
		s.queue("b", "x")
		ended := JobsEnded(s.client(), "a", "b")
		for _, want := range []bool{false, true} {
			if got, err := ended(t.Context()); err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
			s.all[0].status = Succeeded
		}
		if _, err := JobsEnded(s.client(), "c")(t.Context()); !is(err, "ResourceNotFoundException") {
			t.Errorf("got %v", err)
		}
		job, err := s.client().DescribeJob(t.Context(), "b")
		if err != nil || job.ID != "b" || job.Executions[Succeeded] != 1 || len(job.Executions) != 1 {
			t.Errorf("got %+v, %v", job, err)
		}
	})
}

func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 5, 1000} {
		var sum atomic.Int64
		if err := each(t.Context(), n, 7, func(_ context.Context, i int) error { sum.Add(int64(i)); return nil }); err != nil {
			t.Fatal(err)
		}
		if got, want := int(sum.Load()), n*(n-1)/2; got != want {
			t.Errorf("%d: the sum is %d, want %d", n, got, want)
		}
	}
	first := errors.New("first")
	err := each(t.Context(), 1000, 7, func(ctx context.Context, i int) error {
		if i == 3 {
			return first
		}
		<-ctx.Done() // the others are told to end
		return ctx.Err()
	})
	if !errors.Is(err, first) {
		t.Errorf("got %v", err)
	}
}

func TestReadProfile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ReadProfile(dir, "iotjobs"); err == nil {
		t.Error("no files: no error")
	}
	write("config", "[default]\nregion = us-west-2\n\n[profile iotjobs]\n# where\nregion = eu-west-1\r\nendpoint_url=http://127.0.0.1:8080\niot =\n  region = nested\n[profile other]\nca_bundle = /x\n")
	write("credentials", "[iotjobs2]\naws_access_key_id = wrong\n[iotjobs]\naws_access_key_id = AKID\naws_secret_access_key = a/b+c=\n; end\n[z]\naws_secret_access_key = wrong\n")
	got, err := ReadProfile(dir, "iotjobs")
	want := Profile{Endpoint: "http://127.0.0.1:8080", Region: "eu-west-1", Credentials: Credentials{AccessKeyID: "AKID", SecretAccessKey: "a/b+c="}}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := ReadProfile(dir, "third"); err == nil {
		t.Error("unknown profile: no error")
	}
}
