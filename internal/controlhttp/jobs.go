package controlhttp

import (
	"cmp"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func (p *Plane) decodeCreateJob(q *httpapi.Request) (in service.CreateJobInput, err error) {
	in.ID = q.JobID(q.Path("jobId"))
	in.Config, err = p.jobConfig(q.Reader)
	return in, err
}

// ReadCreateJob reads the body of a CreateJob that is not to be carried out; a jobId in it is passed over.
func (p *Plane) ReadCreateJob(body []byte) (jobs.Config, error) {
	reader, err := wire.NewReader(body)
	if err != nil {
		return jobs.Config{}, err
	}
	config, err := p.jobConfig(reader)
	return config, cmp.Or(reader.Err(), err)
}

// jobConfig checks in the order of AWS: single members, what does not go together, what is not executed, targets.
func (p *Plane) jobConfig(r *wire.Reader) (jobs.Config, error) {
	body, err := r.CreateJob(p.MaxRolloutPerMinute)
	if err != nil {
		return body.Config, err
	}
	if err := refuseMembers("CreateJob", r.Asks); err != nil {
		return body.Config, err
	}
	if err := notExecutedPlaceholder(body.Config.Document); err != nil {
		return body.Config, err
	}
	body.Config.Targets, err = p.targets(body.Targets)
	return body.Config, err
}

// targets reads ARNs and drops repeats. The service numbers the groups.
func (p *Plane) targets(arns []string) ([]jobs.Target, error) {
	targets := make([]jobs.Target, 0, len(arns))
	seen := make(map[jobs.Target]bool, len(arns))
	for _, arn := range arns {
		target, err := p.Realm.ParseTarget(arn)
		if err != nil {
			return nil, err
		}
		if !seen[target] {
			seen[target] = true
			targets = append(targets, target)
		}
	}
	return targets, nil
}

func (p *Plane) encodeJobReply(job *jobs.Job) any { return p.Realm.JobReply(job) }

// decodeJobID also reads beforeSubstitution: managed templates, whose parameters it is about, come later, so both answers are the same.
func decodeJobID(q *httpapi.Request) (jobs.JobID, error) {
	id := q.JobID(q.Path("jobId"))
	q.QueryBool("beforeSubstitution", false)
	return id, nil
}

func (p *Plane) encodeJob(d service.JobDescription) any {
	return p.Realm.Job(d.Job, d.Counters, d.Upcoming)
}

func encodeDocument(document string) any { return wire.JobDocumentReply{Document: document} }

func decodeListJobs(q *httpapi.Request) (service.ListJobsInput, error) {
	status, _ := q.Query("status", wire.JobStatusRules()...)
	selection, _ := q.Query("targetSelection", wire.TargetSelectionRules()...)
	in := service.ListJobsInput{Status: jobs.JobStatus(status), TargetSelection: jobs.TargetSelection(selection), Page: page(q)}
	in.Group = queryGroupName(q, "thingGroupName")
	in.GroupID, _ = q.Query("thingGroupId", wire.ThingGroupIDRules()...)
	q.Query("namespaceId", wire.NamespaceIDRules()...)
	return in, notExecuted(q, "ListJobs")
}

func (p *Plane) encodeJobs(out service.ListJobsOutput) any {
	return p.Realm.Jobs(out.Jobs, out.GroupID, out.NextToken)
}

// decodeAssociateTargets checks in the order of AWS, as decodeCreateJob does.
func (p *Plane) decodeAssociateTargets(q *httpapi.Request) (service.AssociateTargetsInput, error) {
	var in service.AssociateTargetsInput
	arns := q.Targets()
	in.ID = q.JobID(q.Path("jobId"))
	in.Comment = q.Comment()
	q.Query("namespaceId", wire.NamespaceIDRules()...)
	if err := notExecuted(q, "AssociateTargetsWithJob"); err != nil {
		return in, err
	}
	var err error
	in.Targets, err = p.targets(arns)
	return in, err
}

// decodeUpdateJob checks in the order of AWS, as decodeCreateJob does. That something is to be changed at all is for the service to demand.
func (p *Plane) decodeUpdateJob(q *httpapi.Request) (service.UpdateJobInput, error) {
	in := service.UpdateJobInput{ID: q.JobID(q.Path("jobId"))}
	body, err := q.UpdateJob(p.MaxRolloutPerMinute, q.HTTP.URL.Query().Get("namespaceId"))
	if err != nil {
		return in, err
	}
	in.Description, in.InProgressTimeout = body.Description, body.InProgressTimeout
	in.Rollout, in.Abort, in.Retries = body.Rollout, body.Abort, body.Retries
	return in, notExecuted(q, "UpdateJob")
}

func decodeCancelJob(q *httpapi.Request) (service.CancelJobInput, error) {
	in := service.CancelJobInput{ID: q.JobID(q.Path("jobId"))}
	in.ReasonCode, in.Comment = q.CancelJob()
	in.Force = q.QueryBool("force", false)
	return in, nil
}

func decodeDeleteJob(q *httpapi.Request) (service.DeleteJobInput, error) {
	in := service.DeleteJobInput{ID: q.JobID(q.Path("jobId")), Force: q.QueryBool("force", false)}
	q.Query("namespaceId", wire.NamespaceIDRules()...)
	return in, notExecuted(q, "DeleteJob")
}
