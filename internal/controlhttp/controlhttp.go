// Package controlhttp is the control plane over HTTP (iot): the operations on jobs, and the part of the registry that jobs need. It
// decodes, asks whether the caller may (permissions.go), calls the service and encodes; it holds no rule. What this version does not execute, it refuses by name (notexecuted.go).
package controlhttp

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"iotjobs/internal/fidelity"
	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// Service is what the plane needs of package service.
type Service interface {
	IdentityService
	RoleAliasService

	CreateThing(context.Context, service.CreateThingInput) (*registry.Thing, error)
	DescribeThing(context.Context, registry.ThingName) (*registry.Thing, error)
	UpdateThing(context.Context, service.UpdateThingInput) error
	DeleteThing(ctx context.Context, name registry.ThingName, expectedVersion *int64) error
	ListThings(context.Context, service.ListThingsInput) (service.ListThingsOutput, error)

	CreateThingType(context.Context, service.CreateThingTypeInput) (*registry.ThingType, error)
	DescribeThingType(context.Context, registry.TypeName) (*registry.ThingType, error)
	ListThingTypes(context.Context, service.ListThingTypesInput) (service.ListThingTypesOutput, error)
	DeprecateThingType(context.Context, service.DeprecateThingTypeInput) error
	DeleteThingType(context.Context, registry.TypeName) error

	CreateThingGroup(context.Context, service.CreateThingGroupInput) (*registry.ThingGroup, error)
	DescribeThingGroup(context.Context, registry.GroupName) (service.ThingGroupDescription, error)
	UpdateThingGroup(context.Context, service.UpdateThingGroupInput) (version int64, err error)
	DeleteThingGroup(ctx context.Context, name registry.GroupName, expectedVersion *int64) error
	ListThingGroups(context.Context, service.ListThingGroupsInput) (service.ListThingGroupsOutput, error)
	AddThingToThingGroup(context.Context, service.ThingGroupMemberInput) error
	RemoveThingFromThingGroup(context.Context, service.ThingGroupMemberInput) error
	UpdateThingGroupsForThing(context.Context, service.UpdateThingGroupsForThingInput) error
	ListThingsInThingGroup(context.Context, service.ListThingsInThingGroupInput) (service.ListThingsInThingGroupOutput, error)
	ListThingGroupsForThing(context.Context, service.ListThingGroupsForThingInput) (service.ListThingGroupsOutput, error)

	CreateDynamicThingGroup(context.Context, service.CreateDynamicThingGroupInput) (*registry.ThingGroup, error)
	UpdateDynamicThingGroup(context.Context, service.UpdateDynamicThingGroupInput) (version int64, err error)
	DeleteDynamicThingGroup(ctx context.Context, name registry.GroupName, expectedVersion *int64) error

	SearchIndex(context.Context, service.SearchIndexInput) (service.SearchIndexOutput, error)
	DescribeIndex(ctx context.Context, name string) (service.IndexingMode, error)
	ListIndices(context.Context, service.Page) (names []string, err error)
	GetIndexingConfiguration(context.Context) (service.IndexingMode, error)
	UpdateIndexingConfiguration(context.Context, service.IndexingMode) error

	CreateJob(context.Context, service.CreateJobInput) (*jobs.Job, error)
	DescribeJob(context.Context, jobs.JobID) (service.JobDescription, error)
	ListJobs(context.Context, service.ListJobsInput) (service.ListJobsOutput, error)
	GetJobDocument(context.Context, jobs.JobID) (string, error)
	AssociateTargetsWithJob(context.Context, service.AssociateTargetsInput) (*jobs.Job, error)
	UpdateJob(context.Context, service.UpdateJobInput) error
	CancelJob(context.Context, service.CancelJobInput) (*jobs.Job, error)
	DeleteJob(context.Context, service.DeleteJobInput) error

	ListJobExecutionsForJob(context.Context, service.ListJobExecutionsForJobInput) (service.ListJobExecutionsForJobOutput, error)
	ListJobExecutionsForThing(context.Context, service.ListJobExecutionsForThingInput) (service.ListJobExecutionsForThingOutput, error)
	DescribeJobExecution(context.Context, service.JobExecutionInput) (jobs.JobExecution, error)
	CancelJobExecution(context.Context, service.CancelJobExecutionInput) error
	DeleteJobExecution(context.Context, service.DeleteJobExecutionInput) error

	DescribeEventConfigurations(context.Context) (service.EventConfigurations, error)
	UpdateEventConfigurations(context.Context, map[jobs.EventType]bool) error
}

// Plane is the control plane. Set the fields, then take its Mux.
type Plane struct {
	Service Service
	Guard   Guard
	// Realm is where all ARNs live.
	Realm wire.Realm
	// Endpoint is the address that DescribeEndpoint gives out, host or host:port: where devices call.
	Endpoint string
	// Fidelity says where AWS is followed to the letter.
	Fidelity fidelity.Switches
	// MaxRolloutPerMinute is the highest rate that a job may ask for, in things: the service's quota of that name. 0 is no limit.
	MaxRolloutPerMinute int
	// Now is the service's time, from which the time that an execution has left is counted.
	Now func() time.Time
	Log *slog.Logger
}

// route is one operation of the AWS model.
type route struct {
	operation, pattern string
	handler            http.Handler
}

// Mux makes the handler. Paths that AWS IoT does not know either are left to the caller.
func (p *Plane) Mux() *http.ServeMux {
	api := &httpapi.API{Log: p.Log, Exception: wire.ControlException, ErrorReply: p.errorReply, Permit: p.permit(Operations())}
	m := http.NewServeMux()
	routed := map[string]bool{}
	for _, r := range slices.Concat(p.routes(api), p.identityRoutes(api), p.roleAliasRoutes(api)) {
		routed[r.operation] = true
		m.Handle(r.pattern, p.guarded(api, r.operation, r.handler))
	}
	for _, o := range modelOperations() {
		if !routed[o.name] {
			m.Handle(o.pattern(), notExecutedOperation(api, o.name))
		}
	}
	return m
}

// routes is the API at a glance, with identityRoutes and roleAliasRoutes.
func (p *Plane) routes(api *httpapi.API) []route {
	s := p.Service
	return []route{
		// Things. Called by provisioning, a few times in the life of a thing, and in bulk when a fleet is imported.
		{"CreateThing", "POST /things/{thingName}", httpapi.Handle(api, decodeCreateThing, s.CreateThing, p.encodeCreatedThing)},
		{"DescribeThing", "GET /things/{thingName}", httpapi.Handle(api, decodeThingName, s.DescribeThing, p.encodeThing)},
		{"UpdateThing", "PATCH /things/{thingName}", httpapi.Handle(api, decodeUpdateThing, httpapi.NoOutput(s.UpdateThing), httpapi.NoBody)},
		{"DeleteThing", "DELETE /things/{thingName}", httpapi.Handle(api, decodeDeleteThing, httpapi.NoOutput(deleting(s.DeleteThing)), httpapi.NoBody)},
		{"ListThings", "GET /things", httpapi.Handle(api, decodeListThings, s.ListThings, p.encodeThings)},

		// Thing types. Called by those who set up a fleet, a few times in the life of a product.
		{"CreateThingType", "POST /thing-types/{thingTypeName}", httpapi.Handle(api, decodeCreateThingType, s.CreateThingType, p.encodeCreatedThingType)},
		{"DescribeThingType", "GET /thing-types/{thingTypeName}", httpapi.Handle(api, decodeThingTypeName, s.DescribeThingType, p.encodeThingType)},
		{"ListThingTypes", "GET /thing-types", httpapi.Handle(api, decodeListThingTypes, s.ListThingTypes, p.encodeThingTypes)},
		{
			"DeprecateThingType", "POST /thing-types/{thingTypeName}/deprecate",
			httpapi.Handle(api, decodeDeprecateThingType, httpapi.NoOutput(s.DeprecateThingType), httpapi.NoBody),
		},
		{"DeleteThingType", "DELETE /thing-types/{thingTypeName}", httpapi.Handle(api, decodeThingTypeName, httpapi.NoOutput(s.DeleteThingType), httpapi.NoBody)},

		// Thing groups. Called by those who set up a fleet, a few times a day at most.
		{"CreateThingGroup", "POST /thing-groups/{thingGroupName}", httpapi.Handle(api, decodeCreateThingGroup, s.CreateThingGroup, p.encodeCreatedThingGroup)},
		{"DescribeThingGroup", "GET /thing-groups/{thingGroupName}", httpapi.Handle(api, decodeThingGroupName, s.DescribeThingGroup, p.encodeThingGroup)},
		{"UpdateThingGroup", "PATCH /thing-groups/{thingGroupName}", httpapi.Handle(api, decodeUpdateThingGroup, s.UpdateThingGroup, encodeThingGroupVersion)},
		{"DeleteThingGroup", "DELETE /thing-groups/{thingGroupName}", httpapi.Handle(api, decodeDeleteThingGroup, httpapi.NoOutput(deleting(s.DeleteThingGroup)), httpapi.NoBody)},
		{"ListThingGroups", "GET /thing-groups", httpapi.Handle(api, decodeListThingGroups, s.ListThingGroups, p.encodeThingGroups)},

		// Dynamic thing groups. Called by operators who plan a rollout, a few times a day at most.
		{
			"CreateDynamicThingGroup", "POST /dynamic-thing-groups/{thingGroupName}",
			httpapi.Handle(api, decodeCreateDynamicThingGroup, s.CreateDynamicThingGroup, p.encodeCreatedDynamicThingGroup),
		},
		{
			"UpdateDynamicThingGroup", "PATCH /dynamic-thing-groups/{thingGroupName}",
			httpapi.Handle(api, decodeUpdateDynamicThingGroup, s.UpdateDynamicThingGroup, encodeThingGroupVersion),
		},
		{
			"DeleteDynamicThingGroup", "DELETE /dynamic-thing-groups/{thingGroupName}",
			httpapi.Handle(api, decodeDeleteThingGroup, httpapi.NoOutput(deleting(s.DeleteDynamicThingGroup)), httpapi.NoBody),
		},

		// The index of things. Searched by operators and dashboards, a few times a minute; turned on once.
		{"SearchIndex", "POST /indices/search", httpapi.Handle(api, decodeSearchIndex, s.SearchIndex, encodeFoundThings)},
		{"DescribeIndex", "GET /indices/{indexName}", httpapi.Handle(api, decodeIndexName, s.DescribeIndex, encodeIndex)},
		{"ListIndices", "GET /indices", httpapi.Handle(api, decodeListIndices, s.ListIndices, encodeIndices)},
		{
			"GetIndexingConfiguration", "GET /indexing/config",
			httpapi.Handle(api, decodeNothing, noInput(s.GetIndexingConfiguration), encodeIndexingConfiguration),
		},
		{
			"UpdateIndexingConfiguration", "POST /indexing/config",
			httpapi.Handle(api, decodeUpdateIndexingConfiguration, httpapi.NoOutput(s.UpdateIndexingConfiguration), httpapi.NoBody),
		},

		// Membership. Called by provisioning for each thing, in bulk when a fleet is imported or moved; the lists by operators.
		{
			"AddThingToThingGroup", "PUT /thing-groups/addThingToThingGroup",
			httpapi.Handle(api, p.decodeAddToGroup, httpapi.NoOutput(s.AddThingToThingGroup), httpapi.NoBody),
		},
		{
			"RemoveThingFromThingGroup", "PUT /thing-groups/removeThingFromThingGroup",
			httpapi.Handle(api, p.decodeRemoveFromGroup, httpapi.NoOutput(s.RemoveThingFromThingGroup), httpapi.NoBody),
		},
		{
			"UpdateThingGroupsForThing", "PUT /thing-groups/updateThingGroupsForThing",
			httpapi.Handle(api, decodeUpdateGroupsForThing, httpapi.NoOutput(s.UpdateThingGroupsForThing), httpapi.NoBody),
		},
		{"ListThingsInThingGroup", "GET /thing-groups/{thingGroupName}/things", httpapi.Handle(api, decodeThingsInGroup, s.ListThingsInThingGroup, encodeThingNames)},
		{"ListThingGroupsForThing", "GET /things/{thingName}/thing-groups", httpapi.Handle(api, decodeGroupsForThing, s.ListThingGroupsForThing, p.encodeThingGroups)},

		// Jobs. Called by operators and release pipelines, a few times a day.
		{"CreateJob", "PUT /jobs/{jobId}", httpapi.Handle(api, p.decodeCreateJob, s.CreateJob, p.encodeJobReply)},
		{"AssociateTargetsWithJob", "POST /jobs/{jobId}/targets", httpapi.Handle(api, p.decodeAssociateTargets, s.AssociateTargetsWithJob, p.encodeJobReply)},
		{"UpdateJob", "PATCH /jobs/{jobId}", httpapi.Handle(api, p.decodeUpdateJob, httpapi.NoOutput(s.UpdateJob), httpapi.NoBody)},
		{"CancelJob", "PUT /jobs/{jobId}/cancel", httpapi.Handle(api, decodeCancelJob, s.CancelJob, p.encodeJobReply)},
		{"DeleteJob", "DELETE /jobs/{jobId}", httpapi.Handle(api, decodeDeleteJob, httpapi.NoOutput(s.DeleteJob), httpapi.NoBody)},
		// Called by dashboards and pipelines that wait for a job: every few seconds while one runs.
		{"DescribeJob", "GET /jobs/{jobId}", httpapi.Handle(api, decodeJobID, s.DescribeJob, p.encodeJob)},
		{"ListJobs", "GET /jobs", httpapi.Handle(api, decodeListJobs, s.ListJobs, p.encodeJobs)},
		{"GetJobDocument", "GET /jobs/{jobId}/job-document", httpapi.Handle(api, decodeJobID, s.GetJobDocument, encodeDocument)},

		// Job executions. Called by operators who look after single things, and page by page by reports.
		{"ListJobExecutionsForJob", "GET /jobs/{jobId}/things", httpapi.Handle(api, decodeExecutionsForJob, s.ListJobExecutionsForJob, p.encodeExecutionsForJob)},
		{"ListJobExecutionsForThing", "GET /things/{thingName}/jobs", httpapi.Handle(api, decodeExecutionsForThing, s.ListJobExecutionsForThing, encodeExecutionsForThing)},
		{"DescribeJobExecution", "GET /things/{thingName}/jobs/{jobId}", httpapi.Handle(api, decodeDescribeExecution, p.describeJobExecution, p.encodeExecution)},
		{"CancelJobExecution", "PUT /things/{thingName}/jobs/{jobId}/cancel", httpapi.Handle(api, decodeCancelExecution, httpapi.NoOutput(s.CancelJobExecution), httpapi.NoBody)},
		{
			"DeleteJobExecution", "DELETE /things/{thingName}/jobs/{jobId}/executionNumber/{executionNumber}",
			httpapi.Handle(api, decodeDeleteExecution, httpapi.NoOutput(s.DeleteJobExecution), httpapi.NoBody),
		},

		// Events. Called by those who set up what listens to them, once or twice in the life of a fleet.
		{
			"DescribeEventConfigurations", "GET /event-configurations",
			httpapi.Handle(api, decodeNothing, noInput(s.DescribeEventConfigurations), encodeEventConfigurations),
		},
		{
			"UpdateEventConfigurations", "PATCH /event-configurations",
			httpapi.Handle(api, decodeEventConfigurations, httpapi.NoOutput(s.UpdateEventConfigurations), httpapi.NoBody),
		},

		// Called by device tools and provisioning, once when they start.
		{"DescribeEndpoint", "GET /endpoint", httpapi.Handle(api, decodeDescribeEndpoint, p.describeEndpoint, encodeEndpoint)},
	}
}

// errorReply names the resource that has the name already: its id is the refusal's, its ARN follows from the request.
func (p *Plane) errorReply(r *http.Request, e *jobs.Error) any {
	reply := wire.ControlErrorReply{Message: e.Message}
	if e.Code != jobs.ResourceAlreadyExists {
		return reply
	}
	reply.ResourceID = e.Resource
	if id := r.PathValue("jobId"); id != "" {
		reply.ResourceARN = p.Realm.JobARN(jobs.JobID(id))
	} else if name := r.PathValue("thingName"); name != "" {
		reply.ResourceARN = p.Realm.ThingARN(registry.ThingName(name))
	} else if name := r.PathValue("thingTypeName"); name != "" {
		reply.ResourceARN = p.Realm.ThingTypeARN(registry.TypeName(name))
	} else if name := r.PathValue("thingGroupName"); name != "" {
		reply.ResourceARN = p.Realm.ThingGroupARN(registry.GroupName(name))
	} else {
		reply.ResourceARN = p.takenIdentity(r, e.Resource)
	}
	return reply
}
