package frontdoor

import (
	"net/http"
	"strings"

	"iotjobs/internal/audit"
	"iotjobs/internal/auth"
	"iotjobs/internal/wire"
)

// record tells the audit log what it must know. The path is in the log, the query is not: it may hold a signature.
func (d *Door) record(r *http.Request, p plane, answer *recorder, principal string) {
	if d.audit == nil {
		return
	}
	operation := p.operations[r.Pattern]
	errorType := answer.Header().Get("X-Amzn-Errortype")
	denied := isDenied(answer.status, errorType)
	if !denied && (p.name != controlPlane || !changes(operation)) {
		return
	}
	e := audit.Entry{
		Time: d.now().UTC(), RequestID: answer.Header().Get(wire.RequestIDHeader), Principal: principal, Plane: p.name, Operation: operation,
		Method: r.Method, Path: r.URL.Path, Status: answer.status, Error: errorType, Denied: denied,
	}
	if from := auth.SourceIP(r); from.IsValid() {
		e.SourceIP = from.String()
	}
	d.audit(r.Context(), e)
}

// isDenied also knows the refusals of callers that have another status than 403.
func isDenied(status int, errorType string) bool {
	return status == http.StatusForbidden || errorType == "CertificateValidationException" || errorType == "IncompleteSignatureException"
}

// changes tells by its name whether an operation changes anything. Methods do not tell: some lists are POST.
func changes(operation string) bool {
	for _, reading := range []string{"Describe", "Get", "List", "Search", "Test", "Validate"} {
		if strings.HasPrefix(operation, reading) {
			return false
		}
	}
	return operation != ""
}
