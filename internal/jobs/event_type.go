package jobs

// EventType is a kind of events that can be switched on and off; its value is the wire value (CTRL-2.3.4).
type EventType string

// The types that this version has events of.
const (
	JobEvents          EventType = "JOB"
	JobExecutionEvents EventType = "JOB_EXECUTION"
)

// EventTypes lists all types in the order of the AWS model.
func EventTypes() []EventType {
	return []EventType{
		"THING", "THING_GROUP", "THING_TYPE", "THING_GROUP_MEMBERSHIP", "THING_GROUP_HIERARCHY", "THING_TYPE_ASSOCIATION",
		JobEvents, JobExecutionEvents, "POLICY", "CERTIFICATE", "CA_CERTIFICATE",
	}
}

// Happens tells whether this version has events of the type: what can never happen must not be switched on.
func (t EventType) Happens() bool { return t == JobEvents || t == JobExecutionEvents }
