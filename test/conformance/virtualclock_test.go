package conformance_test

import (
	"syscall"
	"testing"
)

// TestVirtualClock: a step timer of five minutes fires when the clock has moved by five minutes and not before, whatever happens to the server
// in between. The AWS CLI signs with the real time all along.
func TestVirtualClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		between func(*server)
	}{
		{"in one run", func(*server) {}},
		{"with a restart in between", func(s *server) { s.restart(syscall.SIGTERM) }},
		{"with a kill -9 in between", func(s *server) { s.restart(syscall.SIGKILL) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, virtualClock()...)
			(&performance{server: s}).steps(t, "given", stagehand, given(things("lamp"), job("update", "lamp")))
			sh := shell{s}
			sh.aws(t, `aws iot-jobs-data start-next-pending-job-execution --thing-name lamp --step-timeout-in-minutes 5`,
				Members{"execution": Members{"status": "IN_PROGRESS", "approximateSecondsBeforeTimedOut": 300}})
			s.advance("2m")
			c.between(s)
			s.advance("2m59s")
			sh.aws(t, `aws iot-jobs-data describe-job-execution --thing-name lamp --job-id update`,
				Members{"execution": Members{"status": "IN_PROGRESS", "approximateSecondsBeforeTimedOut": 1}})
			s.advance("1s")
			sh.aws(t, `aws iot describe-job-execution --thing-name lamp --job-id update`,
				Members{"execution": Members{"status": "TIMED_OUT", "versionNumber": 3, "approximateSecondsBeforeTimedOut": absent}}) // Q31
			c.between(s)
			s.advance("24h")
			sh.aws(t, `aws iot describe-job --job-id update`,
				Members{"job": Members{"status": "COMPLETED", "jobProcessDetails": counters(Members{"TimedOut": 1})}})
		})
	}
}
