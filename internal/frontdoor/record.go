package frontdoor

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"iotjobs/internal/audit"
	"iotjobs/internal/auth"
	"iotjobs/internal/wire"
)

// record tells the audit log what it must know. The path is in the log, the query is not: it may hold a signature.
func (d *Door) record(r *http.Request, p plane, answer *recorder, principal string) {
	if d.audit == nil || answer.status == http.StatusOK && p.name != controlPlane { // the daily work of devices
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
	if p.name == controlPlane {
		e.Parameters = parametersOf(r, answer.body)
		e.CertificateID = madeBy(operation, answer)
	}
	if from := auth.SourceIP(r); from.IsValid() {
		e.SourceIP = from.String()
	}
	d.audit(r.Context(), e)
}

// parametersOf picks what an entry has of a request beside its path. Everything else in queries, headers and bodies may be a secret or a document.
func parametersOf(r *http.Request, body []byte) audit.Parameters {
	query := r.URL.Query()
	members := map[string]json.RawMessage{} // names in their exact case, the last of two counts: as the plane reads them
	if json.Unmarshal(body, &members) != nil {
		members = nil
	}
	name := func(member string) string {
		var text string
		if json.Unmarshal(members[member], &text) != nil {
			return ""
		}
		return short(text)
	}
	return audit.Parameters{
		NewStatus: short(query.Get("newStatus")), NewAutoRegistrationStatus: short(query.Get("newAutoRegistrationStatus")),
		SetAsActive: short(query.Get("setAsActive")), SetAsDefault: short(query.Get("setAsDefault")),
		Force:     short(cmp.Or(query.Get("force"), query.Get("forceDelete"))),
		Principal: short(cmp.Or(r.Header.Get("X-Amzn-Principal"), r.Header.Get("X-Amzn-Iot-Principal"))),
		Target:    name("target"), ThingName: name("thingName"), ThingGroupName: name("thingGroupName"),
	}
}

// madeBy is the certificate that a successful call has made known: which one, only the answer tells.
func madeBy(operation string, answer *recorder) string {
	var made struct {
		CertificateID string `json:"certificateId"`
	}
	switch operation {
	case "CreateKeysAndCertificate", "CreateCertificateFromCsr", "RegisterCertificate", "RegisterCertificateWithoutCA", "RegisterCACertificate":
		if answer.status != http.StatusOK || json.Unmarshal(answer.written, &made) != nil {
			return ""
		}
	}
	return made.CertificateID
}

// maxParameter is longer than any ARN of ours.
const maxParameter = 256

// short cuts what is no name at all.
func short(text string) string {
	if len(text) > maxParameter {
		return text[:maxParameter]
	}
	return text
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
