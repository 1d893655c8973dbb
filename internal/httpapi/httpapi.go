// Package httpapi is what both HTTP planes share: a request goes decode → service → encode, and there is one place that writes an
// error. It knows no operation.
package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"iotjobs/internal/auth"
	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// API is one plane.
type API struct {
	Log *slog.Logger
	// Exception names errors as the plane's clients know them.
	Exception func(jobs.Code) wire.Exception
	// ErrorReply renders the body of a request's refusal.
	ErrorReply func(*http.Request, *jobs.Error) any
	// Permit decides whether the caller may do what the decoded input asks for, before it is done; nil permits everything. Its refusals are
	// *auth.Refusal.
	Permit func(r *http.Request, in any) error
}

// Request is one request while it is decoded: the members of its body, its path and its query. Violations are collected.
type Request struct {
	*wire.Reader

	HTTP *http.Request
}

// Path is a path parameter.
func (q *Request) Path(name string) string { return q.HTTP.PathValue(name) }

// PathLong is a number in the path.
func (q *Request) PathLong(name string, constraints ...wire.IntConstraint) int64 {
	value, _ := q.long(q.Path(name), name, constraints)
	return value
}

// Query is an optional query member.
func (q *Request) Query(name string, constraints ...wire.Constraint) (value string, ok bool) {
	if q.HTTP.URL.RawQuery == "" {
		return "", false
	}
	values := q.HTTP.URL.Query()
	if !values.Has(name) {
		return "", false
	}
	value = values.Get(name)
	return value, q.Check(value, name, constraints...)
}

// QueryLong is an optional number in the query.
func (q *Request) QueryLong(name string, constraints ...wire.IntConstraint) (value int64, ok bool) {
	text, ok := q.Query(name)
	if !ok {
		return 0, false
	}
	return q.long(text, name, constraints)
}

func (q *Request) long(text, name string, constraints []wire.IntConstraint) (value int64, ok bool) {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		q.Add(wire.Quote(text), name, "Member must be a whole number")
		return 0, false
	}
	return value, q.CheckInt(value, name, constraints...)
}

// QueryBool is an optional boolean in the query; absent gives otherwise.
func (q *Request) QueryBool(name string, otherwise bool) bool {
	text, ok := q.Query(name)
	if !ok {
		return otherwise
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		q.Add(wire.Quote(text), name, "Member must be a boolean")
	}
	return value
}

// QueryExecutionNumber is an optional execution number; zero if absent.
func (q *Request) QueryExecutionNumber() jobs.ExecutionNumber {
	number, _ := q.QueryLong("executionNumber", wire.Positive)
	return jobs.ExecutionNumber(number)
}

// NoOutput makes an operation without an output of one that only succeeds or fails. NoBody encodes its answer.
func NoOutput[In any](op func(context.Context, In) error) func(context.Context, In) (struct{}, error) {
	return func(ctx context.Context, in In) (struct{}, error) { return struct{}{}, op(ctx, in) }
}

// NoBody encodes an answer without a body.
func NoBody(struct{}) any { return nil }

// Handle makes the handler of one operation. decode checks shape and collects violations, Permit whether the caller may, op checks meaning and acts, encode renders
// the answer; nil is an answer without a body.
func Handle[In, Out any](api *API, decode func(*Request) (In, error), op func(context.Context, In) (Out, error), encode func(Out) any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, err := serve(r, api.Permit, decode, op, encode)
		switch {
		case err != nil:
			api.WriteError(w, r, err)
		case document == nil:
			w.WriteHeader(http.StatusOK)
		default:
			wire.WriteJSON(w, http.StatusOK, document)
		}
	})
}

func serve[In, Out any](
	r *http.Request, permit func(*http.Request, any) error, decode func(*Request) (In, error), op func(context.Context, In) (Out, error),
	encode func(Out) any,
) (any, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, jobs.Errorf(jobs.InvalidRequest, "The request body cannot be read.")
	}
	reader, err := wire.NewReader(body)
	if err != nil {
		return nil, err
	}
	in, err := decode(&Request{Reader: reader, HTTP: r})
	if violations := reader.Err(); violations != nil {
		return nil, violations
	}
	if err != nil {
		return nil, err
	}
	if permit != nil {
		if err := permit(r, in); err != nil {
			return nil, err
		}
	}
	out, err := op(r.Context(), in)
	if err != nil {
		return nil, err
	}
	return encode(out), nil
}

// readBody makes no buffer for what most requests of devices do not have.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == http.NoBody {
		return nil, nil
	}
	return io.ReadAll(r.Body)
}

// WriteError answers with a refusal. An error that is none is ours: it is logged here, once, and the client learns nothing but its
// request id.
func (api *API) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	if denied, ok := errors.AsType[*auth.Refusal](err); ok {
		wire.WriteError(w, wire.Exception{Type: denied.Type, Status: denied.Status}, wire.ErrorReply{Message: denied.Message})
		return
	}
	refusal, ok := errors.AsType[*jobs.Error](err)
	if !ok {
		if !errors.Is(err, context.Canceled) {
			api.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "requestId", w.Header().Get(wire.RequestIDHeader), "error", err)
		}
		refusal = jobs.Errorf(jobs.Internal, wire.InternalMessage)
	}
	wire.WriteError(w, api.Exception(refusal.Code), api.ErrorReply(r, refusal))
}
