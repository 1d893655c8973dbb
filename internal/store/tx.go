package store

import (
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// ReadTx reads one consistent state. Lists have a fixed order, start after a cursor (its zero value is the beginning) and return at most
// limit rows; fewer than limit means that the end was reached.
type ReadTx interface {
	// Thing shows a thing as UpdateThing does.
	Thing(name registry.ThingName, addrs ...Address) (ThingView, error)
	// Things lists things by name, ThingsOfType those of one type; none for an empty type.
	Things(after registry.ThingName, limit int) ([]*registry.Thing, error)
	ThingsOfType(name registry.TypeName, after registry.ThingName, limit int) ([]*registry.Thing, error)

	// Group finds a group by its name, but none that is being deleted; GroupByNumber finds that one too. Nil without an error if there is none.
	Group(name registry.GroupName) (*registry.ThingGroup, error)
	GroupByNumber(number registry.GroupNumber) (*registry.ThingGroup, error)
	// Groups lists groups by name, ChildGroups the direct children of one, those without a parent for zero; none that is being deleted.
	Groups(after registry.GroupName, limit int) ([]*registry.ThingGroup, error)
	ChildGroups(parent registry.GroupNumber, after registry.GroupName, limit int) ([]*registry.ThingGroup, error)
	// Members lists the things that a group holds, directly or not, by thing name and number: now for asOf zero, else as of that membership
	// version (see Version), as long as PurgeMembers has not forgotten it. A group that is gone shows whom it held, too.
	Members(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]Member, error)
	// Version is the membership version: the number last drawn (NextNumber). Whatever joins or leaves later does so at a higher one, so that
	// a job that draws its number reads as of that number what its groups held when it was created.
	Version() (uint64, error)

	// Job finds a job by its ID, JobByNumber by its number; nil without an error if there is none.
	Job(id jobs.JobID) (*jobs.Job, error)
	JobByNumber(number jobs.JobNumber) (*jobs.Job, error)
	// Jobs lists jobs by number, the highest (newest) first; after zero starts with the newest.
	Jobs(after jobs.JobNumber, limit int) ([]*jobs.Job, error)
	// JobsIn lists those in one status, JobsFollowing those that follow a group (jobs.Job.Followed), in the same order.
	JobsIn(status jobs.JobStatus, after jobs.JobNumber, limit int) ([]*jobs.Job, error)
	JobsFollowing(group registry.GroupNumber, after jobs.JobNumber, limit int) ([]*jobs.Job, error)
	// Counters sums the executions of a job by status, as they are stored (see jobs.EffectiveCounters).
	Counters(job jobs.JobNumber) (jobs.Counters, error)

	// JobExecutions lists the executions of a job by thing name, thing number and execution number, the highest first.
	JobExecutions(job jobs.JobNumber, after ExecutionKey, limit int) ([]ThingExecution, error)
	// JobExecutionsIn lists those in one status, as they are stored, in the same order.
	JobExecutionsIn(job jobs.JobNumber, status jobs.ExecutionStatus, after ExecutionKey, limit int) ([]ThingExecution, error)
	// ThingExecutions lists the executions of one incarnation of a thing by job number and execution number, the highest first of each.
	ThingExecutions(thing registry.ThingKey, after ExecutionCursor, limit int) ([]jobs.JobExecution, error)

	// Due lists what falls due up to and including until, by time, thing and execution, starting with the earliest.
	Due(until time.Time, limit int) ([]Due, error)
	// DueJobs lists the jobs whose WakeAt is up to and including until, by time and number.
	DueJobs(until time.Time, limit int) ([]jobs.JobNumber, error)
	// NextDue is the earliest due instant of an execution or a job after the given one; zero when nothing is due later.
	NextDue(after time.Time) (time.Time, error)

	// Marks lists marked jobs by number, the lowest first.
	Marks(after jobs.JobNumber, limit int) ([]jobs.JobNumber, error)

	// Events lists the events that wait to be told, by number, those after one; LastEvent is the highest number that any event has had. Numbers
	// count up by one in the order of the commits, and no event becomes visible after one with a higher number.
	Events(after uint64, limit int) ([]jobs.Event, error)
	LastEvent() (uint64, error)

	// Record reads a small named row of its kind; nil without an error if there is none. Records lists a kind by id.
	Record(kind RecordKind, id string) ([]byte, error)
	Records(kind RecordKind, after string, limit int) ([]Record, error)
}

// Tx changes the state. Its reads see its changes.
type Tx interface {
	ReadTx

	// NextNumber draws from the one sequence of thing, group and job numbers: 1, 2, 3, …, never twice. Numbers drawn by an update that fails
	// may be drawn again.
	NextNumber() (uint64, error)

	// PutThing writes the registry's part of a thing; its executions stay. The name and number of a stored thing do not change. What its
	// Groups, which are by number, gain and lose against the stored ones joins and leaves at the version after Version. A membership that
	// ends at the version at which it began never was; one that only becomes direct or stops being so goes on.
	PutThing(thing *registry.Thing) error
	// DeleteThing removes a thing without pending executions, which so leaves its groups; its history stays with the jobs.
	DeleteThing(name registry.ThingName) error

	// PutGroup writes a group; its number, name and path do not change. DeleteGroup removes one that holds no thing any more.
	PutGroup(group *registry.ThingGroup) error
	DeleteGroup(number registry.GroupNumber) error
	// PurgeMembers forgets at most limit memberships that ended at or before a version, the oldest first, and tells how many: nobody may ask
	// for Members as of an older version afterwards.
	PurgeMembers(until uint64, limit int) (purged int, err error)
	// ChangeThing changes the executions of one thing, which must exist unless the change only deletes history.
	ChangeThing(key registry.ThingKey, change ThingChange) error

	// PutJob writes a job; the Config only when its Revision is new. DeleteJob removes a job that has no executions left, with its
	// counters, its mark, its ID and the heads that deleted executions left behind.
	PutJob(job *jobs.Job) error
	DeleteJob(number jobs.JobNumber) error
	// Mark and ClearMark set and clear that the job's step may have something to do. ClearMark clears only a mark that was there when
	// this update began: one that a device call sets while the update runs stays, for the step has not seen what that call did.
	Mark(number jobs.JobNumber) error
	ClearMark(number jobs.JobNumber) error

	// AppendEvents lets events wait to be told. They get their numbers when the update commits, in the order in which it appended them, those
	// of its ChangeThing included: only then are they shown, to the update's own reads neither. A number is never given twice.
	AppendEvents(events ...jobs.Event) error
	// DeleteEvents removes the events that the update sees up to and including a number.
	DeleteEvents(until uint64) error

	// Fence makes the update fail with ErrFenced unless the lease is still the one that its name was last acquired under. An engine that is not
	// Shared has no leases, and fences nothing.
	Fence(lease Lease) error

	// PutRecord writes a small named row, DeleteRecord removes it.
	PutRecord(kind RecordKind, id string, value []byte) error
	DeleteRecord(kind RecordKind, id string) error
}

// ExecutionKey addresses an execution within a job, and is the cursor of its lists.
type ExecutionKey struct {
	Thing  registry.ThingKey
	Number jobs.ExecutionNumber
}

// ExecutionCursor is the cursor of a thing's executions.
type ExecutionCursor struct {
	Job    jobs.JobNumber
	Number jobs.ExecutionNumber
}

// ThingExecution is an execution with its thing.
type ThingExecution struct {
	Thing     registry.ThingKey
	Execution jobs.JobExecution
}

// Member is a thing that a group holds or has held.
type Member struct {
	Thing registry.ThingKey
	// Direct is that of the membership as it is now or as it ended, also in a list as of an older version.
	Direct bool
}

// Due says that a timer of an execution fires. The executions's Deadline is the truth; the row only says when to look.
type Due struct {
	At    time.Time
	Thing registry.ThingKey
	Job   jobs.JobNumber
	// Number is the execution's number.
	Number jobs.ExecutionNumber
}

// RecordKind separates the small named rows that the service keeps beside things and jobs.
type RecordKind string

// The kinds of records.
const (
	// AccessKeyRecord: access keys, by access key id. AccessKeyUseRecord: when they were last used.
	AccessKeyRecord    RecordKind = "access-key"
	AccessKeyUseRecord RecordKind = "access-key-use"
	// UserRecord: users, by name in lower case. UserKeyRecord: which keys they have, by user id and access key id. UserPolicyRecord: their policies,
	// by user id and policy name.
	UserRecord       RecordKind = "user"
	UserKeyRecord    RecordKind = "user-key"
	UserPolicyRecord RecordKind = "user-policy"
	// SettingRecord: what a data directory is for life, and other single values: clock, CA.
	SettingRecord RecordKind = "setting"
	// ThingTypeRecord: thing types, by name.
	ThingTypeRecord RecordKind = "thing-type"
	// MassChangeRecord: changes of many things that are under way, one record and a cursor each.
	MassChangeRecord RecordKind = "mass-change"

	// CertificateRecord and CertificatePEMRecord: device certificates, by certificate id. CACertificateRecord: registered CAs.
	CertificateRecord    RecordKind = "certificate"
	CertificatePEMRecord RecordKind = "certificate-pem"
	CACertificateRecord  RecordKind = "ca-certificate"
	// CASubjectRecord: the ids of CA certificates, by subject and id.
	CASubjectRecord RecordKind = "ca-subject"
	// PolicyRecord: policies, by name. PolicyDocumentRecord: their documents, by name and version.
	PolicyRecord         RecordKind = "policy"
	PolicyDocumentRecord RecordKind = "policy-document"
	// TargetPolicyRecord: what is attached, by target and policy name.
	TargetPolicyRecord RecordKind = "target-policy"
	// ThingPrincipalRecord and PrincipalThingRecord: which certificates are attached to which things, by both.
	ThingPrincipalRecord RecordKind = "thing-principal"
	PrincipalThingRecord RecordKind = "principal-thing"
	// RoleRecord: roles, by name in lower case. RolePolicyRecord: their policies, by role id and name. RoleAliasRecord: role aliases, by name.
	RoleRecord       RecordKind = "role"
	RolePolicyRecord RecordKind = "role-policy"
	RoleAliasRecord  RecordKind = "role-alias"
	// CreationOrderRecord: ids in the order of creation, both ways, by list.
	CreationOrderRecord RecordKind = "creation-order"
	// NodeRecord: signs of life of the nodes that share the store, by node id.
	NodeRecord RecordKind = "node"

	// ImportRecord: how far the import of another store is (Portable); a store that has it must not be served.
	ImportRecord RecordKind = "import"
)

// Record is one small named row.
type Record struct {
	ID    string
	Value []byte
}
