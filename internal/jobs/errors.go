package jobs

import (
	"errors"
	"fmt"
)

// Code is what went wrong, in the product's own terms. What each plane calls it is one row in package wire.
type Code int

// The codes. A new one needs its row in wire's table; a test walks them all.
const (
	// InvalidRequest: a member is malformed, or the request makes no sense for the resource.
	InvalidRequest Code = iota + 1
	// ResourceNotFound: the thing, job, execution or group does not exist.
	ResourceNotFound
	// ResourceAlreadyExists: the name is taken by a resource of another configuration.
	ResourceAlreadyExists
	// InvalidStateTransition: the execution or job may not go from its state to the asked one.
	InvalidStateTransition
	// VersionMismatch: expectedVersion of a device is not the execution's version.
	VersionMismatch
	// VersionConflict: expectedVersion of an operator is not the resource's version.
	VersionConflict
	// TerminalState: a terminal execution was asked for on the device plane.
	TerminalState
	// DeleteConflict: the resource is in use and cannot be deleted.
	DeleteConflict
	// CertificateState: the certificate's or the CA's state does not allow it.
	CertificateState
	// CertificateValidation: the certificate is malformed, or not signed by whom it must be.
	CertificateValidation
	// CertificateConflict: more than one registered CA may have signed the certificate.
	CertificateConflict
	// RegistrationCodeValidation: the verification certificate does not have the registration code.
	RegistrationCodeValidation
	// MalformedPolicy: a policy document means nothing.
	MalformedPolicy
	// InvalidQuery: a query of the fleet index means nothing, or asks for what is not indexed.
	InvalidQuery
	// IndexNotReady: the fleet index is not there to be searched.
	IndexNotReady
	// VersionsLimitExceeded: a policy has as many versions as it may have.
	VersionsLimitExceeded
	// LimitExceeded: a quota is used up.
	LimitExceeded
	// Throttled: too many requests; try again later.
	Throttled
	// Unavailable: the service cannot answer now; try again.
	Unavailable
	// UnknownOperation: no operation lives at this path (Q17).
	UnknownOperation
	// Internal: our fault; the cause is in the log, never in the answer.
	Internal

	codeEnd
)

// Codes lists every code, for tables that must name each of them.
func Codes() []Code {
	all := make([]Code, 0, codeEnd-1)
	for c := InvalidRequest; c < codeEnd; c++ {
		all = append(all, c)
	}
	return all
}

var codeNames = map[Code]string{
	InvalidRequest: "invalid request", ResourceNotFound: "resource not found", ResourceAlreadyExists: "resource already exists",
	InvalidStateTransition: "invalid state transition", VersionMismatch: "version mismatch", VersionConflict: "version conflict",
	DeleteConflict: "delete conflict", CertificateState: "certificate state", CertificateValidation: "certificate validation",
	CertificateConflict: "certificate conflict", RegistrationCodeValidation: "registration code validation",
	MalformedPolicy: "malformed policy", InvalidQuery: "invalid query", IndexNotReady: "index not ready",
	VersionsLimitExceeded: "versions limit exceeded",
	TerminalState:         "terminal state", LimitExceeded: "limit exceeded", Throttled: "throttled", Unavailable: "unavailable",
	UnknownOperation: "unknown operation", Internal: "internal failure",
}

// Error makes a Code comparable with errors.Is.
func (c Code) Error() string {
	if name, ok := codeNames[c]; ok {
		return name
	}
	return fmt.Sprintf("code %d", int(c))
}

// Error is a refusal that the caller is told about.
type Error struct {
	Code Code
	// Message is for the client: what was wrong, and with which value.
	Message string
	// Execution is the current state, for answers that carry executionState; else nil.
	Execution *JobExecution
	// Resource is the existing resource's id and ARN-able name for ResourceAlreadyExists; else empty.
	Resource string
}

func (e *Error) Error() string { return e.Message }

// Unwrap makes errors.Is(err, jobs.VersionMismatch) work.
func (e *Error) Unwrap() error { return e.Code }

// Errorf makes a refusal.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf says what kind of refusal err is; any other error is Internal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
