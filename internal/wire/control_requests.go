package wire

import (
	"encoding/json"
	"strings"

	"iotjobs/internal/jobs"
)

// Bounds of a job's members (CTRL-2).
const (
	maxTargetARN          = 2048
	maxDocument           = 32768
	maxDocumentSource     = 1350
	maxDescription        = 2028
	maxTemplateARN        = 1600
	maxPackageVersions    = 25
	maxInProgressTimeout  = 10080 // minutes: seven days
	maxReasonCode         = 128
	maxParameterKeyLength = 128
	maxParameterLength    = 30720
	maxTagKey, maxTag     = 128, 256
	maxTags               = 50 // of one resource (CTRL-2)
)

var (
	descriptionRules = []Constraint{MaxLen(maxDescription), Printable()}
	arnRules         = []Constraint{MinLen(1), MaxLen(maxTemplateARN), Pattern(`^arn:[!-~]+$`)}
	namespaceRules   = []Constraint{Pattern(`[a-zA-Z0-9_-]+`)}
	tagKeyRules      = []Constraint{MaxLen(maxTagKey), MinLen(1), Pattern(`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`)}
	tagValueRules    = []Constraint{MaxLen(maxTag)}
	selectionRules   = []Constraint{OneOf(jobs.Continuous, jobs.Snapshot)}
	// Java's \p{Upper} and \p{Digit} are ASCII.
	reasonCodeRules = []Constraint{MaxLen(maxReasonCode), {Pattern(`[A-Z0-9_]+`).ok, `Member must satisfy regular expression pattern: [\p{Upper}\p{Digit}_]+`}}
)

// The constraints of query members, for the plane.

// NamespaceIDRules are those of a namespace.
func NamespaceIDRules() []Constraint { return namespaceRules }

// TargetSelectionRules are those of a target selection.
func TargetSelectionRules() []Constraint { return selectionRules }

// JobStatusRules are those of a job's status.
func JobStatusRules() []Constraint { return []Constraint{OneOf(jobs.JobStatuses()...)} }

// ExecutionStatusRules are those of an execution's status.
func ExecutionStatusRules() []Constraint { return []Constraint{OneOf(jobs.ExecutionStatuses()...)} }

// ThingGroupIDRules are those of a thing group's id.
func ThingGroupIDRules() []Constraint {
	return []Constraint{MinLen(1), MaxLen(128), Pattern(`[a-zA-Z0-9\-]+`)}
}

// EndpointTypeRules are those of an endpoint's type.
func EndpointTypeRules() []Constraint { return []Constraint{MaxLen(128)} }

// CreateJobRequest is the body of CreateJob. Targets are ARNs as they came; Config has everything else.
type CreateJobRequest struct {
	Targets []string
	Config  jobs.Config
}

// CreateJob reads the body in the order of the model; violations are collected in the reader. The error is the first of what AWS checks
// only when there are no violations: members that do not go together. No rate may be above maxRate, in things per minute; 0 is no bound.
func (r *Reader) CreateJob(maxRate int) (CreateJobRequest, error) {
	var c CreateJobRequest
	c.Targets = r.Targets()
	r.String("documentSource", MinLen(1), MaxLen(maxDocumentSource))
	c.Config.Document, _ = r.String("document", MaxLen(maxDocument))
	c.Config.Description, _ = r.String("description", descriptionRules...)
	presigned := r.presignedURL()
	c.Config.TargetSelection = jobs.Snapshot
	if selection, ok := r.String("targetSelection", selectionRules...); ok {
		c.Config.TargetSelection = jobs.TargetSelection(selection)
	}
	rollout := r.rollout(maxRate)
	c.Config.Abort = r.abort()
	timeout := r.timeout()
	r.tags()
	r.String("namespaceId", namespaceRules...)
	template, _ := r.String("jobTemplateArn", arnRules...)
	retries := r.retries()
	r.StringMap("documentParameters", []Constraint{MaxLen(maxParameterKeyLength), MinLen(1), Pattern(`[a-zA-Z0-9_-]+`)},
		[]Constraint{MaxLen(maxParameterLength), MinLen(1), Printable()})
	schedule := r.scheduling()
	r.Count("destinationPackageVersions", 0, maxPackageVersions)
	r.Strings("destinationPackageVersions", arnRules...)

	for _, err := range []error{
		r.documentGiven(c.Config.Document), presigned.check(), rollout.check(), timeout.check(), checkTemplate(template), retries.check(),
		retries.checkNew(), schedule.check(c.Config.TargetSelection),
	} {
		if err != nil {
			return c, err
		}
	}
	c.Config.Rollout, c.Config.InProgressTimeout, c.Config.Retries, c.Config.Schedule = rollout.value(), timeout.value(), retries, jobs.Schedule(schedule)
	return c, nil
}

// Targets reads the ARNs of a job's targets as they came.
func (r *Reader) Targets() []string {
	r.Require("targets")
	r.Count("targets", 1, unbounded) // how many there may be is a quota of the service
	return r.Strings("targets", MaxLen(maxTargetARN))
}

// documentGiven demands one source of the document, and that the document is JSON text.
func (r *Reader) documentGiven(document string) error {
	switch {
	case r.Has("document") && r.Has("documentSource"):
		return jobs.Errorf(jobs.InvalidRequest, "Job document and job document source cannot be specified at the same time.")
	case !r.Has("document") && !r.Has("documentSource") && !r.Has("jobTemplateArn"):
		return jobs.Errorf(jobs.InvalidRequest, "Neither job document nor job document source is specified.")
	case !r.Has("document"):
		return nil
	}
	var text json.RawMessage
	if err := json.Unmarshal([]byte(document), &text); err != nil {
		return jobs.Errorf(jobs.InvalidRequest, "The job document is not valid JSON: %s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

func checkTemplate(arn string) error {
	if kind := resourceType(arn); arn != "" && kind != "jobtemplate" {
		return jobs.Errorf(jobs.InvalidRequest, "Resource type should be jobtemplate but found invalid resource type %s", kind)
	}
	return nil
}

func (r *Reader) tags() {
	r.Count("tags", 0, maxTags)
	for _, tag := range r.Objects("tags") {
		tag.RequiredString("Key", tagKeyRules...)
		tag.String("Value", tagValueRules...)
	}
}

// CancelJob reads the body of CancelJob.
func (r *Reader) CancelJob() (reasonCode, comment string) {
	reasonCode, _ = r.String("reasonCode", reasonCodeRules...)
	return reasonCode, r.Comment()
}

// Comment reads why somebody changes a job.
func (r *Reader) Comment() string {
	comment, _ := r.String("comment", descriptionRules...)
	return comment
}

// CancelJobExecution reads the body of CancelJobExecution. A nil version is not checked, nil details keep the stored ones.
func (r *Reader) CancelJobExecution() (expectedVersion *jobs.VersionNumber, details map[string]string) {
	if version, ok := r.Long("expectedVersion"); ok {
		v := jobs.VersionNumber(version)
		expectedVersion = &v
	}
	return expectedVersion, r.StatusDetails()
}
