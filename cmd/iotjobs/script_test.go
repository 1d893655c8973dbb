package main

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"iotjobs/internal/store/postgres/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(withClusters{m}, map[string]func(){"iotjobs": main})
}

// withClusters removes the database cluster of the tests, if one was started.
type withClusters struct{ m *testing.M }

func (w withClusters) Run() int { return pgtest.Main(w.m) }

// TestScripts plays what an operator types and compares what he sees. The scripts are in testdata; commands_test.go has the commands in
// them that no shell has.
func TestScripts(t *testing.T) {
	// A server that starts where it must refuse would run for ever.
	end := time.Now().Add(10 * time.Minute)
	if last, limited := t.Deadline(); limited {
		end = last.Add(-time.Minute)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireUniqueNames: true, Deadline: end,
		Setup: func(e *testscript.Env) error {
			// Any free ports: scripts run side by side.
			for _, listener := range []string{"IOTJOBS_HTTP", "IOTJOBS_HTTPS", "IOTJOBS_ADMIN"} {
				e.Setenv(listener, "127.0.0.1:0")
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready": ready, "sigterm": sigterm, "http": httpRequest, "call": call, "mode": mode, "capture": capture,
			"database": func(ts *testscript.TestScript, neg bool, args []string) {
				want(ts, !neg && len(args) == 1, "database NAME")
				ts.Setenv(args[0], pgtest.NewURL(t))
			},
		},
	})
}
