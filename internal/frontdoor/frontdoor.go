// Package frontdoor is the way in over HTTP: request id, size limit, clean path, signature or certificate, choice of the plane by credential scope,
// access log and metrics. It knows no operation.
package frontdoor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"iotjobs/internal/audit"
	"iotjobs/internal/auth"
	"iotjobs/internal/fidelity"
	"iotjobs/internal/wire"
)

// The credential scopes that choose a plane.
const (
	ControlScope = "iot"
	DeviceScope  = "iot-jobs-data"
	// olderControlScope is that of clients from before 2023, such as Debian 12's (HTTP-1.5).
	olderControlScope = "execute-api"
	identityScope     = "sts"
)

// Scopes are those that signatures may have.
func Scopes() []string { return []string{ControlScope, DeviceScope, olderControlScope, identityScope} }

// Body limits: what is larger is refused before it is read.
const (
	controlBodyLimit  = 1 << 20
	deviceBodyLimit   = 128 << 10
	identityBodyLimit = 16 << 10
	noBodyLimit       = 1 << 10 // for operations that have none
)

// Door is the handler of a listener.
type Door struct {
	auth   *auth.Authenticator
	planes map[string]plane
	// credentials is chosen by its path, among requests that have only a certificate: it has no scope.
	credentials plane
	hosts       hostGuard
	log         *slog.Logger
	metrics     *Metrics
	now         func() time.Time
	audit       func(context.Context, audit.Entry)
}

type plane struct {
	name       string
	mux        *http.ServeMux
	bodyLimit  int64
	operations map[string]string
	refuse     func(http.ResponseWriter, *auth.Refusal)
}

// What the audit log calls planes; none is for requests that were refused before the choice.
const (
	devicePlane     = "device"
	controlPlane    = "control"
	identityPlane   = "identity"
	credentialPlane = "credentials"
	noPlane         = "none"
)

// Config wires a door.
type Config struct {
	Auth    *auth.Authenticator
	Device  *http.ServeMux
	Control *http.ServeMux
	// Identity answers who the caller is, in a protocol of its own, in which IdentityRefusal answers refusals.
	Identity        *http.ServeMux
	IdentityRefusal func(http.ResponseWriter, *auth.Refusal)
	// Credentials gives temporary credentials to devices.
	Credentials *http.ServeMux
	// DeviceOperations and the others name the operations of the patterns, for the audit log.
	DeviceOperations, ControlOperations, CredentialOperations map[string]string
	// Hosts are the names under which an emulator may be addressed; other Host headers are refused there.
	Hosts []string
	// Fidelity says where AWS is followed to the letter.
	Fidelity fidelity.Switches
	Log      *slog.Logger
	Metrics  *Metrics
	// Now is the real clock, for the access log.
	Now func() time.Time
	// Audit hears of every change over the control plane, whether it succeeded or not, and of every caller that was not let in or may not do what
	// it wanted; nil hears nothing.
	Audit func(context.Context, audit.Entry)
}

// New makes the door and gives all planes their answer to paths that they do not know.
func New(c Config) *Door {
	control := plane{controlPlane, c.Control, controlBodyLimit, c.ControlOperations, write}
	planes := map[string]plane{
		DeviceScope:       {devicePlane, c.Device, deviceBodyLimit, c.DeviceOperations, write},
		ControlScope:      control,
		olderControlScope: control,
		identityScope:     {identityPlane, c.Identity, identityBodyLimit, nil, c.IdentityRefusal},
	}
	credentials := plane{credentialPlane, c.Credentials, noBodyLimit, c.CredentialOperations, write}
	for _, p := range []plane{planes[DeviceScope], control, planes[identityScope], credentials} {
		asAWS := p.name == devicePlane && c.Fidelity.UnknownOperationOK
		p.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { // Q17
			if asAWS {
				wire.WriteUnknownOperationOK(w)
				return
			}
			p.refuse(w, unknown())
		})
	}
	return &Door{
		auth: c.Auth, hosts: newHostGuard(c.Hosts), log: c.Log, metrics: c.Metrics, now: c.Now, audit: c.Audit, planes: planes,
		credentials: credentials,
	}
}

// ServeHTTP lets a request in or answers why not.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := d.now()
	id := uuid.NewString()
	w.Header()[wire.RequestIDHeader] = []string{id}
	answer := &recorder{ResponseWriter: w, status: http.StatusOK}
	plane, principal := d.serve(answer, r, id)
	took := d.now().Sub(start)
	d.metrics.observe(plane.name, r.Pattern, answer.status, took)
	d.record(r, plane, answer, principal)
	if !d.log.Enabled(r.Context(), slog.LevelDebug) { // gathering the line would cost more than not writing it
		return
	}
	// The query stays out of the log: it may hold a signature.
	d.log.DebugContext(r.Context(), "request", "requestId", id, "plane", plane.name, "principal", principal, "method", r.Method,
		"path", r.URL.Path, "status", answer.status, "duration", took)
}

func (d *Door) serve(w *recorder, r *http.Request, id string) (_ plane, principal string) {
	if err := checkPath(r); err != nil {
		none := plane{name: noPlane, refuse: write}
		return none, d.refuse(w, r, none, err)
	}
	plane, claim, err := d.choose(r)
	if err != nil {
		plane.name, plane.refuse = noPlane, write
		return plane, d.refuse(w, r, plane, err)
	}
	body, err := readBody(r, plane.bodyLimit)
	if err != nil {
		w.Header().Set("Connection", "close") // the rest of the body is not read
		return plane, d.refuse(w, r, plane, err)
	}
	w.body = body
	who, err := d.auth.Authenticate(r, claim, body)
	if err != nil {
		if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
			w.Header().Set("Connection", "close") // the certificate of a connection does not change: nothing good will come over it
		}
		return plane, d.refuse(w, r, plane, err)
	}
	r.Body = http.NoBody
	if len(body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	ctx := auth.WithCaller(r.Context(), who, id)
	d.act(w, r, r.WithContext(ctx), plane)
	return plane, who.String()
}

// act runs the operation. A panic in it is an error of this one request: the others go on.
func (d *Door) act(w *recorder, r, inner *http.Request, p plane) {
	defer func() {
		r.Pattern = inner.Pattern
		cause := recover()
		if cause == nil {
			return
		}
		if cause == http.ErrAbortHandler { //nolint:errorlint // it is compared, not wrapped: net/http does the same
			panic(cause)
		}
		d.refuse(w, r, p, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
	}()
	p.mux.ServeHTTP(w, inner)
}

// choose finds the plane by credential scope, never by path: both planes have GET /things/{thingName}/jobs (HTTP-1).
func (d *Door) choose(r *http.Request) (plane, auth.Claim, error) {
	if d.auth.Emulator() {
		if err := d.hosts.check(r); err != nil {
			return plane{}, auth.Claim{}, err
		}
	}
	claim, err := d.auth.Claim(r)
	if err != nil {
		return plane{}, claim, err
	}
	if p, ok := d.planes[claim.Service()]; ok {
		return p, claim, nil
	}
	if !claim.Signed() {
		return d.unsigned(r), claim, nil
	}
	// The path tells which scope the client should have used.
	want := ControlScope
	if knows(d.planes[DeviceScope], r) {
		want = DeviceScope
	}
	return plane{}, claim, auth.WrongService(want)
}

// unsigned chooses the plane of a request without a signature: for a certificate the credential provider or the device plane, in emulator mode the device
// plane where two could be meant.
func (d *Door) unsigned(r *http.Request) plane {
	device := d.planes[DeviceScope]
	switch {
	case !d.auth.Emulator() && knows(d.credentials, r):
		return d.credentials
	case !d.auth.Emulator(), knows(device, r):
		return device
	default:
		return d.planes[ControlScope]
	}
}

// knows tells whether a plane has an operation for the method and path of a request.
func knows(p plane, r *http.Request) bool {
	_, pattern := p.mux.Handler(r)
	return pattern != "/"
}

// checkPath refuses what ServeMux would redirect to another resource.
func checkPath(r *http.Request) error {
	path := r.URL.Path
	clean := strings.HasPrefix(path, "/") && !strings.Contains(path, "//") && !strings.Contains(r.URL.EscapedPath(), "//")
	for segment := range strings.SplitSeq(path, "/") {
		clean = clean && segment != "." && segment != ".."
	}
	if !clean {
		return &auth.Refusal{Type: "InvalidRequestException", Status: http.StatusBadRequest, Message: "The request path is not clean: it has empty or dot segments."}
	}
	if r.Method == http.MethodHead {
		return unknown()
	}
	return nil
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge()
	}
	if r.ContentLength == 0 {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		return nil, &auth.Refusal{Type: "InvalidRequestException", Status: http.StatusBadRequest, Message: "The request body cannot be read to its end."}
	case int64(len(body)) > limit:
		return nil, tooLarge()
	}
	return body, nil
}

func tooLarge() error {
	return &auth.Refusal{Type: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge, Message: "The request body is too large."}
}

func unknown() *auth.Refusal {
	return &auth.Refusal{Type: "UnknownOperationException", Status: http.StatusNotFound, Message: "No operation of this service has this method and path."}
}

// refuse answers why a request is not let in, and says who was refused. Refusals of the caller are logged with the reason; errors of ours too, and
// the client learns nothing of them.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, p plane, err error) (principal string) {
	id := w.Header().Get(wire.RequestIDHeader)
	refusal, ok := errors.AsType[*auth.Refusal](err)
	if !ok {
		d.log.ErrorContext(r.Context(), "request failed", "requestId", id, "method", r.Method, "path", r.URL.Path, "error", err)
		refusal = &auth.Refusal{Type: "InternalFailureException", Status: http.StatusInternalServerError, Message: wire.InternalMessage}
		if e, message, ok := wire.Unavailable(err); ok { // clients try again, and a load balancer takes another node
			refusal = &auth.Refusal{Type: e.Type, Status: e.Status, Message: message}
		}
	} else {
		d.log.WarnContext(r.Context(), "request refused", "requestId", id, "method", r.Method, "path", r.URL.Path, "remote", r.RemoteAddr,
			"principal", refusal.Principal, "type", refusal.Type, "reason", refusal.Message)
	}
	p.refuse(w, refusal)
	return refusal.Principal
}

func write(w http.ResponseWriter, refusal *auth.Refusal) {
	wire.WriteError(w, wire.Exception{Type: refusal.Type, Status: refusal.Status}, wire.ErrorReply{Message: refusal.Message})
}

// recorder remembers the status for the access log, and for the audit log what was asked and answered.
type recorder struct {
	http.ResponseWriter

	status  int
	body    []byte
	written []byte // by the last Write, which for a document is the only one
}

func (w *recorder) Write(p []byte) (int, error) {
	w.written = p
	return w.ResponseWriter.Write(p)
}

func (w *recorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
