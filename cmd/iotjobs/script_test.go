package main

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"iotjobs": main})
}

// TestScripts plays what an operator types and compares what he sees. The scripts are in testdata; commands_test.go has the commands in
// them that no shell has.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireUniqueNames: true,
		// A server that starts where it must refuse would run for ever.
		Deadline: time.Now().Add(3 * time.Minute),
		Setup: func(e *testscript.Env) error {
			// Any free ports: scripts run side by side.
			for _, listener := range []string{"IOTJOBS_HTTP", "IOTJOBS_HTTPS", "IOTJOBS_ADMIN"} {
				e.Setenv(listener, "127.0.0.1:0")
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready": ready, "sigterm": sigterm, "http": httpRequest, "call": call, "mode": mode, "capture": capture,
		},
	})
}
