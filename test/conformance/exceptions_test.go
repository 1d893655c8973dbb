package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// TestExceptionsReachClients has every error of ours, also those that no case can bring about, reach the SDKs as the exception that AWS has for it:
// here a stub answers, with the server's own table and writer of errors.
func TestExceptionsReachClients(t *testing.T) {
	t.Parallel()
	for _, plane := range []struct {
		service, operation string
		exception          func(jobs.Code) wire.Exception
	}{
		{"iot", "DescribeThing", wire.ControlException},
		{"iot-jobs-data", "GetPendingJobExecutions", wire.DeviceException},
	} {
		modelled := exceptionsOf(t, plane.service, plane.operation)
		for _, code := range jobs.Codes() {
			want := plane.exception(code)
			stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				wire.WriteError(w, want, wire.ErrorReply{Message: "Because."})
			}))
			t.Cleanup(stub.Close)
			c := call{
				Service: plane.service, Operation: plane.operation, Input: Members{"thingName": "lamp"}, Endpoint: stub.URL, Region: region, Attempts: 1,
				Credentials: credentials{AccessKeyID: "any", SecretAccessKey: "any"},
			}
			for _, by := range clients {
				if by.name() == awsCLI {
					continue
				}
				answer, err := by.play(t.Context(), c)
				if err != nil || answer.Error == nil {
					t.Errorf("%s: %s, %s: got no exception, %v", by.name(), plane.service, code, err)
					continue
				}
				got := *answer.Error
				if got.Type != want.Type || got.Status != want.Status || got.Message != "Because." || !got.Modelled && slices.Contains(modelled, want.Type) {
					t.Errorf("%s: %s, %s: got %+v, want %+v", by.name(), plane.service, code, got, want)
				}
			}
		}
	}
}

// exceptionsOf are those that AWS models for an operation, so that clients have classes for them.
func exceptionsOf(t *testing.T, service, name string) []string {
	t.Helper()
	operations, err := stagehand.operations(service)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(operations, func(o operation) bool { return o.Name == name })
	if i < 0 {
		t.Fatalf("%s has no %s", service, name)
	}
	return operations[i].Errors
}
