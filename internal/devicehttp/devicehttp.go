// Package devicehttp is the device plane over HTTP (iot-jobs-data): the four operations that devices call. It decodes, asks
// whether the caller may, calls the service and encodes; it holds no rule.
package devicehttp

import (
	"context"
	"log/slog"
	"net/http"

	"iotjobs/internal/auth"
	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// Service is what the plane needs of package service.
type Service interface {
	GetPendingJobExecutions(context.Context, service.GetPendingJobExecutionsInput) (service.GetPendingJobExecutionsOutput, error)
	StartNextPendingJobExecution(context.Context, service.StartNextPendingJobExecutionInput) (service.DeviceExecutionOutput, error)
	DescribePendingJobExecution(context.Context, service.DescribePendingJobExecutionInput) (service.DeviceExecutionOutput, error)
	UpdateJobExecution(context.Context, service.UpdateJobExecutionInput) (service.UpdateJobExecutionOutput, error)
}

// Guard decides whether the caller may make a call; its refusals are *auth.Refusal.
type Guard interface {
	Authorize(context.Context, auth.Call) error
}

// Plane is the device plane. Set the fields, then take its Mux.
type Plane struct {
	Service Service
	Guard   Guard
	// Realm is where all ARNs live.
	Realm wire.Realm
	Log   *slog.Logger
}

// Mux makes the handler.
func (p *Plane) Mux() *http.ServeMux {
	api := &httpapi.API{Log: p.Log, Exception: wire.DeviceException, ErrorReply: errorReply}
	m := http.NewServeMux()
	for _, r := range p.routes(api) {
		m.Handle(r.pattern, p.guarded(api, r.operation, r.handler))
	}
	return m
}

// route is one operation of the AWS model.
type route struct {
	operation, pattern string
	handler            http.Handler
}

// routes is the API at a glance. Every call below comes from a device, at its own pace: a poll every few minutes, and a handful of calls per execution.
func (p *Plane) routes(api *httpapi.API) []route {
	s := p.Service
	return []route{
		{"GetPendingJobExecutions", "GET /things/{thingName}/jobs", httpapi.Handle(api, decodeGetPending, s.GetPendingJobExecutions, encodePending)},
		{"StartNextPendingJobExecution", "PUT /things/{thingName}/jobs/$next", httpapi.Handle(api, decodeStartNext, s.StartNextPendingJobExecution, encodeExecution)},
		{"DescribeJobExecution", "GET /things/{thingName}/jobs/{jobId}", httpapi.Handle(api, decodeDescribe, s.DescribePendingJobExecution, encodeExecution)},
		{"UpdateJobExecution", "POST /things/{thingName}/jobs/{jobId}", httpapi.Handle(api, decodeUpdate, s.UpdateJobExecution, encodeUpdate)},
	}
}

// Operations names the operation of each pattern of the Mux.
func (p *Plane) Operations() map[string]string {
	names := map[string]string{}
	for _, r := range p.routes(&httpapi.API{}) {
		names[r.pattern] = r.operation
	}
	return names
}

// maxThingName is the longest name that a thing may have (HTTP-2).
const maxThingName = 128

// guarded asks before anything of the request is read but its path: who may not do a thing learns nothing about it (HTTP-8.1 to HTTP-8.4).
func (p *Plane) guarded(api *httpapi.API, operation string, next http.Handler) http.Handler {
	action, things := "iotjobsdata:"+operation, p.Realm.ThingARN("")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		thing := registry.ThingName(r.PathValue("thingName"))
		call := auth.Call{Action: action, Resource: things + string(thing), Thing: thing}
		if len(thing) > maxThingName {
			call.Thing = "" // no thing is called so
		}
		if err := p.Guard.Authorize(r.Context(), call); err != nil {
			api.WriteError(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// errorReply adds the execution's state to the refusals that carry it: those of an update (HTTP-4.4).
func errorReply(_ *http.Request, e *jobs.Error) any {
	reply := wire.ErrorReply{Message: e.Message}
	if e.Code == jobs.VersionMismatch || e.Code == jobs.InvalidStateTransition {
		reply.ExecutionState = wire.ExecutionState(e.Execution)
	}
	return reply
}
