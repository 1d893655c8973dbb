package wire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares the bytes of a document with testdata/name.json, which is indented for its readers.
func golden(t *testing.T, name string, document any) {
	t.Helper()
	w := httptest.NewRecorder()
	wire.WriteJSON(w, 200, document)
	var text bytes.Buffer
	if err := json.Indent(&text, w.Body.Bytes(), "", "  "); err != nil {
		t.Fatalf("%s: %q is not JSON: %v", name, w.Body, err)
	}
	text.WriteByte('\n')
	file := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text.Bytes(), want) {
		t.Errorf("%s (rewrite with -update)\n got %s\nwant %s", name, text.Bytes(), want)
	}
}

// Instants of the documents: 2019, as in AWS's examples.
var (
	queued  = time.UnixMilli(1560787022733).UTC()
	started = queued.Add(10 * time.Second)
	updated = queued.Add(75 * time.Second)
)

func execution(status jobs.ExecutionStatus) jobs.JobExecution {
	e := jobs.JobExecution{Job: 1, Number: 2, Status: status, Version: 3, QueuedAt: queued, LastUpdatedAt: updated}
	if status != jobs.Queued {
		e.StartedAt = started
		e.StatusDetails = map[string]string{"step": "2", "of": "<3>"}
	}
	if status == jobs.InProgress {
		e.InProgressDeadline = queued.Add(10 * time.Minute)
	}
	return e
}

func TestDeviceDocuments(t *testing.T) {
	running := wire.DeviceExecution("j", execution(jobs.InProgress), updated)
	running.ThingName, running.JobDocument = "thing:1", `{ "op":"<a>&b" }`
	golden(t, "device_execution_http", wire.ExecutionReply{Execution: running})

	overMQTT := wire.DeviceExecution("j", execution(jobs.Queued), updated)
	overMQTT.JobDocument = wire.DocumentObject(`{"op":"<a>&b","n":1.0}`)
	golden(t, "device_execution_mqtt", wire.ExecutionReply{Execution: overMQTT})

	golden(t, "device_execution_none", wire.ExecutionReply{})
	golden(t, "device_pending", wire.PendingJobExecutions{
		InProgressJobs: []wire.JobExecutionSummary{wire.DeviceSummary("j", execution(jobs.InProgress))},
		QueuedJobs:     []wire.JobExecutionSummary{wire.DeviceSummary("k", execution(jobs.Queued))},
	})
	golden(t, "device_update", wire.UpdateReply{})
	succeeded := execution(jobs.Succeeded)
	golden(t, "device_update_full", wire.UpdateReply{ExecutionState: wire.ExecutionState(&succeeded), JobDocument: "{}"})
	bare := jobs.JobExecution{Status: jobs.Queued, Version: 1}
	golden(t, "device_error", wire.ErrorReply{Message: "no"})
	golden(t, "device_error_state", wire.ErrorReply{Message: "no", ExecutionState: wire.ExecutionState(&bare)})
}

var realm = wire.Realm{Region: "us-east-1", Account: "123456789012"}

func TestControlThings(t *testing.T) {
	thing := &registry.Thing{Name: "lamp", ID: "0b7c", Type: "bulb", Attributes: map[string]string{"b": "2", "a": "1"}, Version: 4}
	golden(t, "control_thing_created", realm.CreatedThing(thing))
	golden(t, "control_thing", realm.Thing(thing))
	golden(t, "control_things", realm.Things([]*registry.Thing{thing, {Name: "bare"}}, "token"))
	golden(t, "control_things_none", realm.Things(nil, ""))
}

func TestControlThingTypes(t *testing.T) {
	deprecated := &registry.ThingType{
		Name: "bulb", ID: "0b7d", Description: "gives <light>", SearchableAttributes: []string{"b", "a"}, CreatedAt: queued, DeprecatedAt: updated,
	}
	bare := &registry.ThingType{Name: "bare", ID: "0b7e", CreatedAt: queued}
	golden(t, "control_thing_type_created", realm.CreatedThingType(bare))
	golden(t, "control_thing_type", realm.ThingType(bare))
	golden(t, "control_thing_type_deprecated", realm.ThingType(deprecated))
	golden(t, "control_thing_types", realm.ThingTypes([]*registry.ThingType{bare, deprecated}, "token"))
	golden(t, "control_thing_types_none", realm.ThingTypes(nil, ""))
}

func TestControlThingGroups(t *testing.T) {
	root := &registry.ThingGroup{Name: "site", ID: "0c01", Version: 1, CreatedAt: queued}
	floor := &registry.ThingGroup{Name: "floor:1", ID: "0c02", Version: 1, CreatedAt: queued}
	room := &registry.ThingGroup{
		Name: "room", ID: "0c03", Description: "the <kitchen>", Attributes: map[string]string{"b": "2", "a": "1"}, Version: 3, CreatedAt: queued,
	}
	golden(t, "control_thing_group_created", realm.CreatedThingGroup(root))
	golden(t, "control_thing_group_root", realm.ThingGroup(root, nil))
	golden(t, "control_thing_group", realm.ThingGroup(room, []*registry.ThingGroup{root, floor}))
	golden(t, "control_thing_group_version", wire.ThingGroupVersion{Version: 2})
	golden(t, "control_thing_groups", realm.ThingGroups([]*registry.ThingGroup{root, floor}, "token"))
	golden(t, "control_thing_groups_none", realm.ThingGroups(nil, ""))
	golden(t, "control_thing_names", wire.ThingNames([]registry.ThingName{"a", "b:c"}, "token"))
	golden(t, "control_thing_names_none", wire.ThingNames(nil, ""))
}

func TestControlDynamicThingGroups(t *testing.T) {
	group := &registry.ThingGroup{
		Name: "saving", ID: "0c04", Version: 2, CreatedAt: queued, Query: "attributes.watts<8", QueryVersion: registry.QueryVersion,
		IndexName: registry.ThingIndex, Status: registry.GroupRebuilding,
	}
	golden(t, "control_dynamic_thing_group_created", realm.CreatedDynamicThingGroup(group))
	golden(t, "control_dynamic_thing_group", realm.ThingGroup(group, nil))
}

func TestControlIndex(t *testing.T) {
	lamp := &registry.Thing{Name: "lamp", ID: "0b7c", Type: "bulb", Attributes: map[string]string{"b": "2", "a": "1"}}
	page := []wire.ThingDocument{wire.NewThingDocument(lamp, []registry.GroupName{"house"}), wire.NewThingDocument(&registry.Thing{Name: "bare", ID: "0b7d"}, nil)}
	golden(t, "control_found_things", wire.FoundThings(page, "token"))
	golden(t, "control_found_things_none", wire.FoundThings(nil, ""))
	golden(t, "control_index", wire.ThingIndex(wire.IndexingRegistry))
	golden(t, "control_indices", wire.Indices([]string{registry.ThingIndex}))
	golden(t, "control_indices_none", wire.Indices(nil))
	golden(t, "control_indexing_configuration", wire.NewIndexingConfiguration(wire.IndexingRegistry))
	golden(t, "control_indexing_configuration_off", wire.NewIndexingConfiguration(wire.IndexingOff))
}

func TestControlJobs(t *testing.T) {
	config := &jobs.Config{
		Targets: []jobs.Target{{Kind: jobs.ThingTarget, Name: "a"}, {Kind: jobs.GroupTarget, Name: "g"}}, TargetSelection: jobs.Continuous,
		Description: "why", InProgressTimeout: 90 * time.Minute,
	}
	var counters jobs.Counters
	for i, status := range jobs.ExecutionStatuses() {
		counters.Add(status, int64(i+1))
	}
	releasing := &jobs.Job{ID: "j", Config: config, Status: jobs.JobInProgress, CreatedAt: queued, LastUpdatedAt: queued, Release: jobs.Release{Target: 1}}
	golden(t, "control_job_releasing", realm.Job(releasing, counters, nil))
	canceled := releasing.Clone()
	canceled.Status, canceled.CompletedAt, canceled.LastUpdatedAt, canceled.Sweep = jobs.JobCanceled, updated, updated, jobs.Sweep{Active: true}
	canceled.ReasonCode, canceled.Comment = "WHY", "because"
	golden(t, "control_job_canceled", realm.Job(canceled, counters, nil))
	plain := &jobs.Job{
		ID: "k", Config: &jobs.Config{Targets: config.Targets[:1], TargetSelection: jobs.Snapshot}, Status: jobs.JobInProgress, CreatedAt: queued, LastUpdatedAt: queued,
		Release: jobs.Release{Target: 1, Done: true},
	}
	golden(t, "control_job_plain", realm.Job(plain, jobs.Counters{}, nil))
	golden(t, "control_jobs", realm.Jobs([]*jobs.Job{canceled, plain}, "", "token"))
	golden(t, "control_jobs_of_group", realm.Jobs([]*jobs.Job{canceled}, "0c01", ""))
	golden(t, "control_jobs_none", realm.Jobs(nil, "0c01", ""))
	golden(t, "control_job_reply", realm.JobReply(canceled))
	golden(t, "control_job_reply_plain", realm.JobReply(plain))
	golden(t, "control_document", wire.JobDocumentReply{Document: `{ "a":"<b>" }`})
}

// TestControlJobConfigs has a job with every configuration, and one with the other half of each choice.
func TestControlJobConfigs(t *testing.T) {
	config := &jobs.Config{
		TargetSelection: jobs.Continuous,
		Rollout: jobs.RolloutRate{MaximumPerMinute: 1000, Exponential: &jobs.ExponentialRate{
			BaseRatePerMinute: 50, IncrementTenths: 20, Criterion: jobs.NotifiedThings, Threshold: 1000,
		}},
		Abort: []jobs.AbortCriterion{
			{FailureType: jobs.RejectedFailure, ThresholdBasisPoints: 2000, MinNumberOfExecutedThings: 100},
			{FailureType: jobs.AnyFailure, ThresholdBasisPoints: 1225, MinNumberOfExecutedThings: 1},
		},
		Retries: []jobs.RetryCriterion{{FailureType: jobs.FailedFailure, NumberOfRetries: 3}, {FailureType: jobs.TimedOutFailure}},
		Schedule: jobs.Schedule{
			StartTime: "2019-06-18 04:00", EndTime: "2019-07-01T00:00Z", EndBehavior: jobs.ForceCancel,
			MaintenanceWindows: []jobs.MaintenanceWindow{{StartTime: "cron(0 2 ? * MON *)", DurationInMinutes: 90}, {StartTime: "cron(30 4 1 * ? *)", DurationInMinutes: 1}},
		},
	}
	scheduled := &jobs.Job{ID: "j", Config: config, Status: jobs.JobScheduled, CreatedAt: queued, LastUpdatedAt: queued}
	utc1 := time.Date(2019, 6, 24, 4, 0, 0, 0, time.FixedZone("", 7200)) // shown in UTC
	openings := []jobs.Opening{{Start: utc1, End: utc1.Add(90 * time.Minute)}, {Start: utc1.AddDate(0, 0, 7).UTC()}}
	golden(t, "control_job_scheduled", realm.Job(scheduled, jobs.Counters{}, openings))

	half := &jobs.Job{ID: "k", Status: jobs.JobInProgress, CreatedAt: queued, LastUpdatedAt: queued, Config: &jobs.Config{
		TargetSelection: jobs.Snapshot, Schedule: jobs.Schedule{EndTime: "2019-07-01 00:00"},
		Rollout: jobs.RolloutRate{MaximumPerMinute: 11, Exponential: &jobs.ExponentialRate{
			BaseRatePerMinute: 10, IncrementTenths: 11, Criterion: jobs.SucceededThings, Threshold: 1,
		}},
		Abort:   []jobs.AbortCriterion{{FailureType: jobs.TimedOutFailure, MinNumberOfExecutedThings: 1}},
		Retries: []jobs.RetryCriterion{{FailureType: jobs.AnyFailure, NumberOfRetries: 10}},
	}}
	golden(t, "control_job_half", realm.Job(half, jobs.Counters{}, nil))
	half.Config.Rollout.Exponential = nil
	golden(t, "control_job_constant", realm.Job(half, jobs.Counters{}, nil))
}

// TestProcessingTargets: a group is shown until all of its things are released, and nothing once the release is over or has nothing left.
func TestProcessingTargets(t *testing.T) {
	config := &jobs.Config{Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "g", Group: 7}, {Kind: jobs.ThingTarget, Name: "a"}}}
	group, thing := realm.ThingGroupARN("g"), realm.ThingARN("a")
	for _, c := range []struct {
		name    string
		status  jobs.JobStatus
		release jobs.Release
		want    []string
	}{
		{"not begun", jobs.JobInProgress, jobs.Release{}, []string{group, thing}},
		{"within the group", jobs.JobInProgress, jobs.Release{After: registry.ThingKey{Name: "b", Number: 3}}, []string{group, thing}},
		{"after the group", jobs.JobInProgress, jobs.Release{Target: 1}, []string{thing}},
		{"nothing left", jobs.JobInProgress, jobs.Release{Target: 2}, nil},
		{"done", jobs.JobInProgress, jobs.Release{Target: 2, Done: true}, nil},
		{"scheduled", jobs.JobScheduled, jobs.Release{}, nil},
		{"canceled", jobs.JobCanceled, jobs.Release{Target: 1}, nil},
	} {
		job := &jobs.Job{ID: "j", Config: config, Status: c.status, Release: c.release}
		if got := realm.Job(job, jobs.Counters{}, nil).Job.JobProcessDetails.ProcessingTargets; !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestControlExecutions(t *testing.T) {
	golden(t, "control_execution", realm.Execution("j", "lamp", execution(jobs.InProgress), updated))
	golden(t, "control_execution_queued", realm.Execution("j", "lamp", execution(jobs.Queued), updated))
	forced := execution(jobs.Canceled)
	forced.ForceCanceled = true
	golden(t, "control_execution_canceled", realm.Execution("j", "lamp", forced, updated))
	summary := wire.ExecutionSummary(execution(jobs.Queued))
	golden(t, "control_executions_of_job", wire.Executions([]wire.ExecutionOfJob{{ThingARN: "arn", JobExecutionSummary: summary}}, "token"))
	golden(t, "control_executions_of_thing", wire.Executions([]wire.ExecutionOfThing{{JobID: "j", JobExecutionSummary: wire.ExecutionSummary(forced)}}, ""))
	golden(t, "control_executions_none", wire.Executions[wire.ExecutionOfThing](nil, ""))
	golden(t, "control_error", wire.ControlErrorReply{Message: "no"})
	golden(t, "control_error_taken", wire.ControlErrorReply{Message: "no", ResourceID: "j", ResourceARN: "arn"})
	golden(t, "control_endpoint", wire.EndpointReply{EndpointAddress: "localhost:8443"})
}

// TestTimestamp: milliseconds, no exponent, whatever the size.
func TestTimestamp(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "null"},
		{time.Unix(0, 0), "0.000"},
		{time.UnixMilli(1560787022733), "1560787022.733"},
		{time.Unix(1500000000, 0), "1500000000.000"},
		{time.UnixMilli(1), "0.001"},
		{time.UnixMilli(-1500), "-1.500"},
		{time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), "253402300799.999"},
	} {
		got, err := json.Marshal(wire.Timestamp(c.at))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("%s: got %s, want %s", c.at, got, c.want)
		}
	}
}
