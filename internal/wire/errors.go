package wire

import (
	"errors"
	"net/http"

	"iotjobs/internal/jobs"
)

// Exception is an error as HTTP clients know it: the type that SDKs turn into an exception, and the status.
type Exception struct {
	Type   string
	Status int
}

// row is what each plane calls one code.
type row struct {
	device  Exception
	control Exception
	mqtt    string
}

// errorTable is the only place that knows the wire's names of errors (HTTP-6, CTRL-1, MQTT-4).
var errorTable = map[jobs.Code]row{
	jobs.InvalidRequest:         same("InvalidRequestException", http.StatusBadRequest, "InvalidRequest"),
	jobs.ResourceNotFound:       same("ResourceNotFoundException", http.StatusNotFound, "ResourceNotFound"),
	jobs.ResourceAlreadyExists:  same("ResourceAlreadyExistsException", http.StatusConflict, "InvalidRequest"),
	jobs.InvalidStateTransition: same("InvalidStateTransitionException", http.StatusConflict, "InvalidStateTransition"),
	// The device model has no version error, so SDKs can only catch the transition one (Q13).
	jobs.VersionMismatch: {Exception{"InvalidStateTransitionException", http.StatusConflict}, Exception{"VersionConflictException", http.StatusConflict}, "VersionMismatch"},
	jobs.VersionConflict: {Exception{"InvalidStateTransitionException", http.StatusConflict}, Exception{"VersionConflictException", http.StatusConflict}, "VersionMismatch"},
	jobs.TerminalState:   {Exception{"TerminalStateException", http.StatusGone}, Exception{"InvalidStateTransitionException", http.StatusConflict}, "TerminalStateReached"},
	// Only the control plane has these.
	jobs.DeleteConflict:             same("DeleteConflictException", http.StatusConflict, "InvalidRequest"),
	jobs.CertificateState:           same("CertificateStateException", http.StatusNotAcceptable, "InvalidRequest"),
	jobs.CertificateValidation:      same("CertificateValidationException", http.StatusBadRequest, "InvalidRequest"),
	jobs.CertificateConflict:        same("CertificateConflictException", http.StatusConflict, "InvalidRequest"),
	jobs.RegistrationCodeValidation: same("RegistrationCodeValidationException", http.StatusBadRequest, "InvalidRequest"),
	jobs.MalformedPolicy:            same("MalformedPolicyException", http.StatusBadRequest, "InvalidRequest"),
	jobs.InvalidQuery:               same("InvalidQueryException", http.StatusBadRequest, "InvalidRequest"),
	jobs.IndexNotReady:              same("IndexNotReadyException", http.StatusBadRequest, "InvalidRequest"),
	jobs.VersionsLimitExceeded:      same("VersionsLimitExceededException", http.StatusConflict, "InvalidRequest"),
	jobs.LimitExceeded:              same("LimitExceededException", http.StatusGone, "RequestThrottled"),
	// Q15: the device plane says 429, the control plane 400.
	jobs.Throttled:        {Exception{"ThrottlingException", http.StatusTooManyRequests}, Exception{"ThrottlingException", http.StatusBadRequest}, "RequestThrottled"},
	jobs.Unavailable:      same("ServiceUnavailableException", http.StatusServiceUnavailable, "InternalError"),
	jobs.UnknownOperation: same("UnknownOperationException", http.StatusNotFound, "InvalidTopic"),
	jobs.Internal:         {Exception{"InternalServerException", http.StatusInternalServerError}, Exception{"InternalFailureException", http.StatusInternalServerError}, "InternalError"},
}

func same(name string, status int, mqtt string) row {
	e := Exception{name, status}
	return row{e, e, mqtt}
}

// DeviceException and ControlException name a code on the HTTP planes, MQTTCode on MQTT. An unknown code is an internal error.
func DeviceException(c jobs.Code) Exception { return lookup(c).device }

// ControlException names a code on the control plane.
func ControlException(c jobs.Code) Exception { return lookup(c).control }

// MQTTCode names a code in a rejected message.
func MQTTCode(c jobs.Code) string { return lookup(c).mqtt }

func lookup(c jobs.Code) row {
	if r, ok := errorTable[c]; ok {
		return r
	}
	return errorTable[jobs.Internal]
}

// Unavailable is the answer of every plane to an error that says that this server cannot know now and may later; ok is false for any other error.
func Unavailable(err error) (e Exception, message string, ok bool) {
	refusal, ok := errors.AsType[*jobs.Error](err)
	if !ok || refusal.Code != jobs.Unavailable {
		return Exception{}, "", false
	}
	return lookup(jobs.Unavailable).control, refusal.Message, true
}

// InternalMessage is all that a client is told about an error of ours.
const InternalMessage = "An internal error has occurred. The request id leads to the cause in the server's log."
