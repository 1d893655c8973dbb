// Package stshttp is the one operation of AWS STS that scripts and tools call to see whether their credentials are good and whose they are:
// GetCallerIdentity, in STS's query protocol. It makes no credentials.
package stshttp

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"

	"iotjobs/internal/auth"
	"iotjobs/internal/wire"
)

const operation = "GetCallerIdentity"

// Plane answers. Set the fields, then take its Mux.
type Plane struct {
	Account string
	// ARN names a caller as AWS does.
	ARN func(auth.Principal) string
	// UserID is the id that goes with the ARN: for the account itself, the account's number.
	UserID func(auth.Principal) string
}

type callerIdentity struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	ARN       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type errorReply struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// Mux makes the handler.
func (p *Plane) Mux() *http.ServeMux {
	m := http.NewServeMux()
	// Called by people and scripts, once at the beginning of their work.
	m.HandleFunc("POST /{$}", p.serve)
	m.HandleFunc("GET /{$}", p.serve)
	return m
}

func (p *Plane) serve(w http.ResponseWriter, r *http.Request) {
	action, err := actionOf(r)
	who, known := auth.PrincipalOf(r.Context())
	switch {
	case err != nil:
		Refuse(w, &auth.Refusal{Type: "MalformedQueryString", Status: http.StatusBadRequest, Message: "The request is not a form."})
	case action != operation:
		Refuse(w, &auth.Refusal{
			Type: "InvalidAction", Status: http.StatusBadRequest,
			Message: "Could not find operation " + wire.Quote(action) + ". This server has only " + operation + ".",
		})
	case !known:
		Refuse(w, &auth.Refusal{Type: "InternalFailure", Status: http.StatusInternalServerError, Message: wire.InternalMessage})
	default:
		write(w, http.StatusOK, callerIdentity{ARN: p.ARN(who), UserID: p.UserID(who), Account: p.Account, RequestID: requestID(w)})
	}
}

// actionOf reads the action from the form, or from the query of a GET.
func actionOf(r *http.Request) (string, error) {
	if r.Method == http.MethodGet {
		return r.URL.Query().Get("Action"), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	form, err := url.ParseQuery(string(body))
	return form.Get("Action"), err
}

// codes are STS's names of what other services call otherwise.
var codes = map[string]string{
	"InvalidSignatureException":           "SignatureDoesNotMatch",
	"UnrecognizedClientException":         "InvalidClientTokenId",
	"ExpiredTokenException":               "ExpiredToken",
	"IncompleteSignatureException":        "IncompleteSignature",
	"MissingAuthenticationTokenException": "MissingAuthenticationToken",
	"UnknownOperationException":           "InvalidAction",
	"InternalFailureException":            "InternalFailure",
}

// Refuse answers with a refusal, as clients of STS read it.
func Refuse(w http.ResponseWriter, refusal *auth.Refusal) {
	code, sender := refusal.Type, "Sender"
	if renamed, ok := codes[code]; ok {
		code = renamed
	}
	if refusal.Status >= http.StatusInternalServerError {
		sender = "Receiver"
	}
	write(w, refusal.Status, errorReply{Type: sender, Code: code, Message: refusal.Message, RequestID: requestID(w)})
}

func write(w http.ResponseWriter, status int, document any) {
	body, err := xml.Marshal(document)
	if err != nil {
		panic(err) // both documents are flat texts
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone needs no answer
}

func requestID(w http.ResponseWriter) string { return w.Header().Get(wire.RequestIDHeader) }
