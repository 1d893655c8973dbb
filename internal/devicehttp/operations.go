package devicehttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func decodeGetPending(q *httpapi.Request) (service.GetPendingJobExecutionsInput, error) {
	return service.GetPendingJobExecutionsInput{Thing: q.ThingName(q.Path("thingName"))}, nil
}

func encodePending(out service.GetPendingJobExecutionsOutput) any {
	list := func(executions []service.PendingExecution) []wire.JobExecutionSummary {
		summaries := make([]wire.JobExecutionSummary, len(executions)) // never nil: an empty list is [] on the wire
		for i, e := range executions {
			summaries[i] = wire.DeviceSummary(e.JobID, e.Execution)
		}
		return summaries
	}
	return wire.PendingJobExecutions{InProgressJobs: list(out.InProgress), QueuedJobs: list(out.Queued)}
}

func decodeStartNext(q *httpapi.Request) (service.StartNextPendingJobExecutionInput, error) {
	in := service.StartNextPendingJobExecutionInput{Thing: q.ThingName(q.Path("thingName"))}
	body := q.StartNext()
	in.StatusDetails, in.StepTimer = body.StatusDetails, body.StepTimer
	return in, nil
}

func decodeDescribe(q *httpapi.Request) (service.DescribePendingJobExecutionInput, error) {
	in := service.DescribePendingJobExecutionInput{JobID: q.JobIDOrNext(q.Path("jobId")), Thing: q.ThingName(q.Path("thingName"))}
	in.OmitDocument = !q.QueryBool("includeJobDocument", true)
	in.ExecutionNumber = q.QueryExecutionNumber()
	return in, nil
}

// encodeExecution shows an execution, with its document as a string; {} when there is none (HTTP-3).
func encodeExecution(out service.DeviceExecutionOutput) any {
	if out.Execution == nil {
		return wire.ExecutionReply{}
	}
	e := wire.DeviceExecution(out.JobID, *out.Execution, out.At)
	e.ThingName = out.Thing
	if out.Document != "" {
		e.JobDocument = out.Document
	}
	return wire.ExecutionReply{Execution: e}
}

func decodeUpdate(q *httpapi.Request) (service.UpdateJobExecutionInput, error) {
	in := service.UpdateJobExecutionInput{JobID: q.JobID(q.Path("jobId")), Thing: q.ThingName(q.Path("thingName"))}
	body := q.Update()
	in.Report, in.ExecutionNumber = body.Report, body.ExecutionNumber
	in.IncludeState, in.IncludeDocument = body.IncludeState, body.IncludeDocument
	return in, nil
}

func encodeUpdate(out service.UpdateJobExecutionOutput) any {
	reply := wire.UpdateReply{ExecutionState: wire.ExecutionState(out.Execution)}
	if out.Document != "" {
		reply.JobDocument = out.Document
	}
	return reply
}
