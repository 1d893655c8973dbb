package controlhttp

import (
	"context"
	"time"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func decodeExecutionsForJob(q *httpapi.Request) (service.ListJobExecutionsForJobInput, error) {
	in := service.ListJobExecutionsForJobInput{JobID: q.JobID(q.Path("jobId"))}
	in.Status = executionStatus(q)
	in.Page = page(q)
	return in, nil
}

func (p *Plane) encodeExecutionsForJob(out service.ListJobExecutionsForJobOutput) any {
	var list []wire.ExecutionOfJob
	for _, e := range out.Executions {
		list = append(list, wire.ExecutionOfJob{ThingARN: p.Realm.ThingARN(e.Thing), JobExecutionSummary: wire.ExecutionSummary(e.Execution)})
	}
	return wire.Executions(list, out.NextToken)
}

func decodeExecutionsForThing(q *httpapi.Request) (service.ListJobExecutionsForThingInput, error) {
	in := service.ListJobExecutionsForThingInput{Thing: q.ThingName(q.Path("thingName"))}
	in.Status = executionStatus(q)
	q.Query("namespaceId", wire.NamespaceIDRules()...)
	in.Page = page(q)
	if id, ok := q.Query("jobId"); ok {
		in.JobID = q.JobID(id)
	}
	return in, notExecuted(q, "ListJobExecutionsForThing")
}

func encodeExecutionsForThing(out service.ListJobExecutionsForThingOutput) any {
	var list []wire.ExecutionOfThing
	for _, e := range out.Executions {
		list = append(list, wire.ExecutionOfThing{JobID: e.JobID, JobExecutionSummary: wire.ExecutionSummary(e.Execution)})
	}
	return wire.Executions(list, out.NextToken)
}

func executionStatus(q *httpapi.Request) jobs.ExecutionStatus {
	status, _ := q.Query("status", wire.ExecutionStatusRules()...)
	return jobs.ExecutionStatus(status)
}

// decodeExecution reads the path of operations on one execution; the number is zero, the newest.
func decodeExecution(q *httpapi.Request) service.JobExecutionInput {
	return service.JobExecutionInput{JobID: q.JobID(q.Path("jobId")), Thing: q.ThingName(q.Path("thingName"))}
}

func decodeDescribeExecution(q *httpapi.Request) (service.JobExecutionInput, error) {
	in := decodeExecution(q)
	in.ExecutionNumber = q.QueryExecutionNumber()
	return in, nil
}

// described is an execution with what its document needs besides.
type described struct {
	service.JobExecutionInput

	execution jobs.JobExecution
	at        time.Time
}

func (p *Plane) describeJobExecution(ctx context.Context, in service.JobExecutionInput) (described, error) {
	e, err := p.Service.DescribeJobExecution(ctx, in)
	return described{in, e, p.Now()}, err
}

func (p *Plane) encodeExecution(d described) any {
	return p.Realm.Execution(d.JobID, d.Thing, d.execution, d.at)
}

func decodeCancelExecution(q *httpapi.Request) (service.CancelJobExecutionInput, error) {
	in := service.CancelJobExecutionInput{JobExecutionInput: decodeExecution(q), Force: q.QueryBool("force", false)}
	in.ExpectedVersion, in.StatusDetails = q.CancelJobExecution()
	return in, nil
}

func decodeDeleteExecution(q *httpapi.Request) (service.DeleteJobExecutionInput, error) {
	in := service.DeleteJobExecutionInput{JobExecutionInput: decodeExecution(q)}
	in.ExecutionNumber = jobs.ExecutionNumber(q.PathLong("executionNumber", wire.Min(1)))
	in.Force = q.QueryBool("force", false)
	q.Query("namespaceId", wire.NamespaceIDRules()...)
	return in, notExecuted(q, "DeleteJobExecution")
}
