package wire_test

import (
	"strings"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// TestErrorTable walks all codes: each has its own row, as the three planes know it.
func TestErrorTable(t *testing.T) {
	type row struct {
		device, control wire.Exception
		mqtt            string
	}
	want := map[jobs.Code]row{
		jobs.InvalidRequest:             {wire.Exception{Type: "InvalidRequestException", Status: 400}, wire.Exception{Type: "InvalidRequestException", Status: 400}, "InvalidRequest"},
		jobs.ResourceNotFound:           {wire.Exception{Type: "ResourceNotFoundException", Status: 404}, wire.Exception{Type: "ResourceNotFoundException", Status: 404}, "ResourceNotFound"},
		jobs.ResourceAlreadyExists:      {wire.Exception{Type: "ResourceAlreadyExistsException", Status: 409}, wire.Exception{Type: "ResourceAlreadyExistsException", Status: 409}, "InvalidRequest"},
		jobs.InvalidStateTransition:     {wire.Exception{Type: "InvalidStateTransitionException", Status: 409}, wire.Exception{Type: "InvalidStateTransitionException", Status: 409}, "InvalidStateTransition"},
		jobs.VersionMismatch:            {wire.Exception{Type: "InvalidStateTransitionException", Status: 409}, wire.Exception{Type: "VersionConflictException", Status: 409}, "VersionMismatch"},
		jobs.VersionConflict:            {wire.Exception{Type: "InvalidStateTransitionException", Status: 409}, wire.Exception{Type: "VersionConflictException", Status: 409}, "VersionMismatch"},
		jobs.TerminalState:              {wire.Exception{Type: "TerminalStateException", Status: 410}, wire.Exception{Type: "InvalidStateTransitionException", Status: 409}, "TerminalStateReached"},
		jobs.DeleteConflict:             {wire.Exception{Type: "DeleteConflictException", Status: 409}, wire.Exception{Type: "DeleteConflictException", Status: 409}, "InvalidRequest"},
		jobs.CertificateState:           {wire.Exception{Type: "CertificateStateException", Status: 406}, wire.Exception{Type: "CertificateStateException", Status: 406}, "InvalidRequest"},
		jobs.CertificateValidation:      {wire.Exception{Type: "CertificateValidationException", Status: 400}, wire.Exception{Type: "CertificateValidationException", Status: 400}, "InvalidRequest"},
		jobs.CertificateConflict:        {wire.Exception{Type: "CertificateConflictException", Status: 409}, wire.Exception{Type: "CertificateConflictException", Status: 409}, "InvalidRequest"},
		jobs.RegistrationCodeValidation: {wire.Exception{Type: "RegistrationCodeValidationException", Status: 400}, wire.Exception{Type: "RegistrationCodeValidationException", Status: 400}, "InvalidRequest"},
		jobs.MalformedPolicy:            {wire.Exception{Type: "MalformedPolicyException", Status: 400}, wire.Exception{Type: "MalformedPolicyException", Status: 400}, "InvalidRequest"},
		jobs.InvalidQuery:               {wire.Exception{Type: "InvalidQueryException", Status: 400}, wire.Exception{Type: "InvalidQueryException", Status: 400}, "InvalidRequest"},
		jobs.IndexNotReady:              {wire.Exception{Type: "IndexNotReadyException", Status: 400}, wire.Exception{Type: "IndexNotReadyException", Status: 400}, "InvalidRequest"},
		jobs.VersionsLimitExceeded:      {wire.Exception{Type: "VersionsLimitExceededException", Status: 409}, wire.Exception{Type: "VersionsLimitExceededException", Status: 409}, "InvalidRequest"},
		jobs.LimitExceeded:              {wire.Exception{Type: "LimitExceededException", Status: 410}, wire.Exception{Type: "LimitExceededException", Status: 410}, "RequestThrottled"},
		jobs.Throttled:                  {wire.Exception{Type: "ThrottlingException", Status: 429}, wire.Exception{Type: "ThrottlingException", Status: 400}, "RequestThrottled"},
		jobs.Unavailable:                {wire.Exception{Type: "ServiceUnavailableException", Status: 503}, wire.Exception{Type: "ServiceUnavailableException", Status: 503}, "InternalError"},
		jobs.UnknownOperation:           {wire.Exception{Type: "UnknownOperationException", Status: 404}, wire.Exception{Type: "UnknownOperationException", Status: 404}, "InvalidTopic"},
		jobs.Internal:                   {wire.Exception{Type: "InternalServerException", Status: 500}, wire.Exception{Type: "InternalFailureException", Status: 500}, "InternalError"},
	}
	for _, code := range jobs.Codes() {
		if strings.HasPrefix(code.Error(), "code ") {
			t.Errorf("%s has no name", code)
		}
		expected, ok := want[code]
		if !ok {
			t.Errorf("this test has no row for %s", code)
			continue
		}
		got := row{wire.DeviceException(code), wire.ControlException(code), wire.MQTTCode(code)}
		if got != expected {
			t.Errorf("%s: got %v, want %v", code, got, expected)
		}
	}
	if got, want := wire.DeviceException(jobs.Code(9999)), wire.DeviceException(jobs.Internal); got != want {
		t.Errorf("an unknown code: got %v, want that of an internal error %v", got, want)
	}
}
