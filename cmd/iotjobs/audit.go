package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/audit"
	"iotjobs/internal/auth"
	"iotjobs/internal/registry"
)

// auditLog writes what the planes and the socket tell it. Changes, denied calls and temporary credentials that were given out have files of their own, so
// that neither whoever knocks at the door nor a fleet that renews its credentials each hour can push the history of changes out.
type auditLog struct {
	changes, denied, credentials *audit.Log
	log                          *slog.Logger
	failures                     prometheus.Counter
}

// openAudit returns nil if the directory is empty: then there is no audit log.
func openAudit(dir string, metrics prometheus.Registerer, log *slog.Logger) (*auditLog, error) {
	if dir == "" {
		return nil, nil //nolint:nilnil // no log is a log that is off
	}
	changes, err := audit.Open(dir, "changes", audit.DefaultBounds)
	if err != nil {
		return nil, err
	}
	denied, err := audit.Open(dir, "denied", audit.DefaultBounds)
	if err != nil {
		return nil, errors.Join(err, changes.Close())
	}
	credentials, err := audit.Open(dir, "credentials", audit.DefaultBounds)
	if err != nil {
		return nil, errors.Join(err, changes.Close(), denied.Close())
	}
	failures := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "iotjobs_audit_failures_total", Help: "Entries of the audit log that could not be written, or after which no new file could be begun.",
	})
	metrics.MustRegister(failures)
	return &auditLog{changes, denied, credentials, log, failures}, nil
}

// record writes an entry. The call has happened already, so a full disk is only told.
func (a *auditLog) record(ctx context.Context, e audit.Entry) {
	if a == nil {
		return
	}
	file := a.changes
	switch {
	case e.Denied:
		file = a.denied
	case e.Role != "":
		file = a.credentials
	}
	if err := file.Write(e); err != nil {
		a.failures.Inc()
		a.log.ErrorContext(ctx, "the audit log cannot be written", "requestId", e.RequestID, "error", err)
	}
}

func (a *auditLog) close() error {
	if a == nil {
		return nil
	}
	return errors.Join(a.changes.Close(), a.denied.Close(), a.credentials.Close())
}

// issued records that temporary credentials were given out: to which certificate, for which role and thing. Their secrets stay unsaid.
func (s *server) issued(r *http.Request, given registry.Session) {
	e := audit.Entry{
		Time: time.Now().UTC(), RequestID: auth.RequestIDOf(r.Context()), Principal: "cert/" + string(given.Certificate), Plane: "credentials",
		Operation: "AssumeRoleWithCertificate", Method: r.Method, Path: r.URL.Path, Status: http.StatusOK, Role: string(given.Role), Thing: string(given.Thing),
	}
	if from := auth.SourceIP(r); from.IsValid() {
		e.SourceIP = from.String()
	}
	s.audit.record(r.Context(), e)
}

// audited records an operator's command that changes something. Who may open the socket is not known by name.
func (s *server) audited(operation string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next(answer, r)
		s.audit.record(r.Context(), audit.Entry{
			Time: time.Now().UTC(), Principal: "operator", Plane: "socket", Operation: operation, Method: r.Method, Path: r.URL.Path,
			Status: answer.status, Error: w.Header().Get("X-Amzn-Errortype"),
		})
	}
}

type statusRecorder struct {
	http.ResponseWriter

	status int
}

func (w *statusRecorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
