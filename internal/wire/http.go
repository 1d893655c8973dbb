package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// WriteJSON answers with a document. Nothing is written before the whole document is encoded.
func WriteJSON(w http.ResponseWriter, status int, document any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		// Only a document that cannot be encoded at all gets here, which the golden tests exclude.
		WriteError(w, DeviceException(0), ErrorReply{Message: InternalMessage})
		return
	}
	body.Truncate(body.Len() - 1) // the newline that Encode adds
	header := w.Header()
	header["Content-Type"] = jsonType
	header["Content-Length"] = []string{strconv.Itoa(body.Len())}
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a client that is gone needs no answer
}

var jsonType = []string{"application/json"}

// WriteError answers with a refusal: its type in the header that SDKs read first, its text in the body (HTTP-6).
func WriteError(w http.ResponseWriter, e Exception, reply any) {
	w.Header()["X-Amzn-Errortype"] = []string{e.Type}
	WriteJSON(w, e.Status, reply)
}

// RequestIDHeader is on every answer, success too.
const RequestIDHeader = "X-Amzn-Requestid"

// WriteUnknownOperationOK answers an unknown path as AWS's jobs host was captured to: with 200 and a document that says it failed (Q17).
func WriteUnknownOperationOK(w http.ResponseWriter) {
	type output struct {
		Type    string  `json:"__type"`
		Message *string `json:"message"`
	}
	WriteJSON(w, http.StatusOK, struct {
		Output  output
		Version string
	}{output{Type: "com.amazon.coral.service#UnknownOperationException"}, "1.0"})
}
