package wire

import (
	"strconv"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Constraints of names and values that more than one operation takes (HTTP-2, CTRL-2).
var (
	// Thing groups, thing types and billing groups are named like things.
	thingNameRules   = []Constraint{MinLen(1), MaxLen(128), Pattern(`[a-zA-Z0-9:_-]+`)}
	jobIDRules       = []Constraint{MinLen(1), MaxLen(64), Pattern(`[a-zA-Z0-9_-]+`)}
	jobIDOrNextRules = []Constraint{MinLen(1), MaxLen(64), {Pattern(`[a-zA-Z0-9_-]+`).ok, `Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+|^\$next`}}
	detailKeyRules   = []Constraint{MaxLen(128), MinLen(1), Pattern(`[a-zA-Z0-9:_-]+`)}
	detailValueRules = []Constraint{MaxLen(1024), MinLen(1), Printable()}
)

// MaxStatusDetails is how many pairs one execution holds (Q22).
const MaxStatusDetails = 10

// ThingName checks a thing name from a path.
func (v *Violations) ThingName(name string) registry.ThingName {
	v.Check(name, "thingName", thingNameRules...)
	return registry.ThingName(name)
}

// ThingGroupName checks a thing group's name from a path.
func (v *Violations) ThingGroupName(name string) registry.GroupName {
	v.Check(name, "thingGroupName", thingNameRules...)
	return registry.GroupName(name)
}

// ThingTypeName checks a thing type's name from a path.
func (v *Violations) ThingTypeName(name string) registry.TypeName {
	v.Check(name, "thingTypeName", thingNameRules...)
	return registry.TypeName(name)
}

// JobID checks a job id from a path.
func (v *Violations) JobID(id string) jobs.JobID {
	v.Check(id, "jobId", jobIDRules...)
	return jobs.JobID(id)
}

// JobIDOrNext also takes $next, as DescribeJobExecution on the device plane does.
func (v *Violations) JobIDOrNext(id string) jobs.JobID {
	if id == string(jobs.NextJobID) {
		return jobs.NextJobID
	}
	v.Check(id, "jobId", jobIDOrNextRules...)
	return jobs.JobID(id)
}

// StatusDetails reads a flat map of status details; nil if absent.
func (r *Reader) StatusDetails() map[string]string {
	details := r.StringMap("statusDetails", detailKeyRules, detailValueRules)
	if len(details) > MaxStatusDetails {
		r.Add("'"+strconv.Itoa(len(details))+" pairs'", r.At("statusDetails"), "Member must have length less than or equal to "+strconv.Itoa(MaxStatusDetails))
	}
	return details
}
