package controlhttp_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"iotjobs/internal/controlhttp"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// TestInputs demands that every member of a request reaches the service, in its place.
func TestInputs(t *testing.T) {
	zero, five := int64(0), int64(5)
	empty, text := "", "~ a !"
	timeout := 90 * time.Minute
	rollout := jobs.RolloutRate{MaximumPerMinute: 1000, Exponential: &jobs.ExponentialRate{
		BaseRatePerMinute: 50, IncrementTenths: 23, Criterion: jobs.SucceededThings, Threshold: 8,
	}}
	abort := []jobs.AbortCriterion{{FailureType: jobs.AnyFailure, ThresholdBasisPoints: 1225, MinNumberOfExecutedThings: 9}}
	retries := []jobs.RetryCriterion{{FailureType: jobs.TimedOutFailure, NumberOfRetries: 3}, {FailureType: jobs.FailedFailure}}
	page := service.Page{MaxResults: 7, NextToken: "t"}
	const paged = "maxResults=7&nextToken=t"
	for _, c := range []struct {
		request, body string
		want          any
	}{
		{
			"POST /things/a", `{"thingTypeName":"t","attributePayload":{"attributes":{"k":"v"},"merge":true}}`,
			service.CreateThingInput{Name: "a", Type: "t", Attributes: map[string]string{"k": "v"}},
		},
		{
			"PATCH /things/a", `{"thingTypeName":"t","attributePayload":{"attributes":{"k":"v"},"merge":true},"expectedVersion":5}`,
			service.UpdateThingInput{Name: "a", Type: "t", Payload: &registry.AttributePayload{Attributes: map[string]string{"k": "v"}, Merge: true}, ExpectedVersion: &five},
		},
		{"PATCH /things/a", `{"removeThingType":true}`, service.UpdateThingInput{Name: "a", RemoveType: true}},
		{"DELETE /things/a?expectedVersion=5", "", deleted{"a", &five}},
		{
			"GET /things?attributeName=k&attributeValue=v&usePrefixAttributeValue=true&thingTypeName=t&" + paged, "",
			service.ListThingsInput{AttributeName: "k", AttributeValue: "v", PrefixValue: true, Type: "t", Page: page},
		},

		{
			"POST /thing-types/t", `{"thingTypeProperties":{"thingTypeDescription":"~ a !","searchableAttributes":["z","y","x"]}}`,
			service.CreateThingTypeInput{Name: "t", Description: text, SearchableAttributes: []string{"z", "y", "x"}},
		},
		{"GET /thing-types/t", "", registry.TypeName("t")},
		{"GET /thing-types?thingTypeName=t&" + paged, "", service.ListThingTypesInput{Name: "t", Page: page}},
		{"POST /thing-types/t/deprecate", "", service.DeprecateThingTypeInput{Name: "t"}},
		{"POST /thing-types/t/deprecate", `{"undoDeprecate":true}`, service.DeprecateThingTypeInput{Name: "t", Undo: true}},
		{"DELETE /thing-types/t", "", registry.TypeName("t")},

		{
			"POST /thing-groups/g", `{"parentGroupName":"p","thingGroupProperties":{"thingGroupDescription":"~ a !","attributePayload":{"attributes":{"k":"v"}}}}`,
			service.CreateThingGroupInput{Name: "g", Parent: "p", Description: text, Attributes: map[string]string{"k": "v"}},
		},
		{"GET /thing-groups/g", "", registry.GroupName("g")},
		{"PATCH /thing-groups/g", `{"thingGroupProperties":{}}`, service.UpdateThingGroupInput{Name: "g"}},
		{
			"PATCH /thing-groups/g", `{"thingGroupProperties":{"thingGroupDescription":"","attributePayload":{"attributes":{"k":""},"merge":true}},"expectedVersion":0}`,
			service.UpdateThingGroupInput{Name: "g", Description: &empty, Payload: &registry.AttributePayload{Attributes: map[string]string{"k": ""}, Merge: true}, ExpectedVersion: &zero},
		},
		{"DELETE /thing-groups/g", "", deleted{"g", nil}},
		{"DELETE /thing-groups/g?expectedVersion=0", "", deleted{"g", &zero}},
		{"GET /thing-groups", "", service.ListThingGroupsInput{}},
		{
			"GET /thing-groups?parentGroup=p&namePrefixFilter=n&recursive=true&" + paged, "",
			service.ListThingGroupsInput{Parent: "p", NamePrefix: "n", Recursive: true, Page: page},
		},
		{"PUT /thing-groups/addThingToThingGroup", `{"thingGroupName":"g","thingName":"a"}`, added{Group: "g", Thing: "a"}},
		{
			"PUT /thing-groups/addThingToThingGroup",
			`{"thingGroupArn":"` + groupARN + `g","thingArn":"arn:aws:iot:eu-central-1:123456789012:thing/a","thingName":"a","overrideDynamicGroups":true}`,
			added{Group: "g", Thing: "a", OverrideDynamicGroups: true},
		},
		{"PUT /thing-groups/removeThingFromThingGroup", `{"thingGroupName":"g","thingName":"a"}`, removed{Group: "g", Thing: "a"}},
		{"PUT /thing-groups/updateThingGroupsForThing", `{"thingName":"a"}`, service.UpdateThingGroupsForThingInput{Thing: "a"}},
		{
			"PUT /thing-groups/updateThingGroupsForThing", `{"thingName":"a","thingGroupsToAdd":["g","h"],"thingGroupsToRemove":["i"],"overrideDynamicGroups":true}`,
			service.UpdateThingGroupsForThingInput{
				Thing: "a", Add: []registry.GroupName{"g", "h"}, Remove: []registry.GroupName{"i"}, OverrideDynamicGroups: true,
			},
		},
		{"GET /thing-groups/g/things?recursive=true&" + paged, "", service.ListThingsInThingGroupInput{Group: "g", Recursive: true, Page: page}},
		{"GET /thing-groups/g/things?recursive=false", "", service.ListThingsInThingGroupInput{Group: "g"}},
		{
			"POST /dynamic-thing-groups/g", `{"queryString":"*","indexName":"AWS_Things","queryVersion":"2017-09-30",` +
				`"thingGroupProperties":{"thingGroupDescription":"~ a !","attributePayload":{"attributes":{"k":"v"}}}}`,
			service.CreateDynamicThingGroupInput{
				Name: "g", Search: service.Search{Query: "*", IndexName: "AWS_Things", QueryVersion: "2017-09-30"}, Description: text, Attributes: map[string]string{"k": "v"},
			},
		},
		{
			"PATCH /dynamic-thing-groups/g", `{"queryString":"q","indexName":"i","queryVersion":"v","expectedVersion":5,` +
				`"thingGroupProperties":{"thingGroupDescription":"","attributePayload":{"attributes":{"k":""},"merge":true}}}`,
			service.UpdateDynamicThingGroupInput{
				UpdateThingGroupInput: service.UpdateThingGroupInput{
					Name: "g", Description: &empty, Payload: &registry.AttributePayload{Attributes: map[string]string{"k": ""}, Merge: true}, ExpectedVersion: &five,
				},
				Search: service.Search{Query: "q", IndexName: "i", QueryVersion: "v"},
			},
		},
		{"DELETE /dynamic-thing-groups/g?expectedVersion=0", "", deleted{"dynamic g", &zero}},
		{
			"POST /indices/search", `{"queryString":"q","indexName":"i","queryVersion":"v","maxResults":7,"nextToken":"t"}`,
			service.SearchIndexInput{Search: service.Search{Query: "q", IndexName: "i", QueryVersion: "v"}, Page: page},
		},
		{"GET /indices/i", "", "i"},
		{"GET /indices?" + paged, "", page},
		{"POST /indexing/config", registryIndexed, service.IndexingRegistry},
		{"GET /things/a/thing-groups?" + paged, "", service.ListThingGroupsForThingInput{Thing: "a", Page: page}},

		{
			"PUT /jobs/j", `{"targets":["` + groupARN + `g","arn:aws:iot:eu-central-1:123456789012:thing/g","` + groupARN + `g"],"document":"{}"}`,
			service.CreateJobInput{ID: "j", Config: jobs.Config{
				Targets:         []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}, {Kind: jobs.ThingTarget, Name: "g"}},
				TargetSelection: jobs.Snapshot, Document: "{}",
			}},
		},
		{
			"PUT /jobs/j", `{"targets":["` + groupARN + `g"],"document":"{}","targetSelection":"CONTINUOUS",` + everyConfig +
				`,"schedulingConfig":{"startTime":"a","endTime":"b","endBehavior":"STOP_ROLLOUT","maintenanceWindows":[{"startTime":"c","durationInMinutes":7}]}}`,
			service.CreateJobInput{ID: "j", Config: jobs.Config{
				Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}}, TargetSelection: jobs.Continuous, Document: "{}", Description: text,
				InProgressTimeout: timeout, Rollout: rollout, Abort: abort, Retries: retries,
				Schedule: jobs.Schedule{
					StartTime: "a", EndTime: "b", EndBehavior: jobs.StopRollout, MaintenanceWindows: []jobs.MaintenanceWindow{{StartTime: "c", DurationInMinutes: 7}},
				},
			}},
		},
		{
			"PATCH /jobs/j", `{` + everyConfig + `}`,
			service.UpdateJobInput{ID: "j", Description: &text, InProgressTimeout: &timeout, Rollout: &rollout, Abort: &abort, Retries: &retries},
		},
		{"PATCH /jobs/j", `{"jobExecutionsRolloutConfig":{"maximumPerMinute":30}}`, service.UpdateJobInput{ID: "j", Rollout: &jobs.RolloutRate{MaximumPerMinute: 30}}},
		{"PATCH /jobs/j", ``, service.UpdateJobInput{ID: "j"}},
		{
			"POST /jobs/j/targets", `{"targets":["` + groupARN + `g","` + groupARN + `h","` + groupARN + `g"],"comment":"why"}`,
			service.AssociateTargetsInput{ID: "j", Comment: "why", Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}, {Kind: jobs.GroupTarget, Name: "h"}}},
		},
		{
			"GET /jobs?status=CANCELED&targetSelection=CONTINUOUS&thingGroupName=g&thingGroupId=0c01-a&" + paged, "",
			service.ListJobsInput{Status: jobs.JobCanceled, TargetSelection: jobs.Continuous, Group: "g", GroupID: "0c01-a", Page: page},
		},
	} {
		var got recorder
		p := planeOn(t, &got)
		if answer := p.call(c.request, c.body); answer.status != 410 || answer.errorType != "LimitExceededException" {
			t.Errorf("%s %s: got %d %s, want the recorder's refusal", c.request, c.body, answer.status, answer.body)
		}
		if !reflect.DeepEqual(got.input, c.want) {
			t.Errorf("%s %s\n got %#v\nwant %#v", c.request, c.body, got.input, c.want)
		}
	}
}

// everyConfig are the members that CreateJob and UpdateJob share.
const everyConfig = `"description":"~ a !","timeoutConfig":{"inProgressTimeoutInMinutes":90},` +
	`"jobExecutionsRolloutConfig":{"maximumPerMinute":1000,"exponentialRate":{"baseRatePerMinute":50,"incrementFactor":2.3,"rateIncreaseCriteria":{"numberOfSucceededThings":8}}},` +
	`"abortConfig":{"criteriaList":[{"failureType":"ALL","action":"CANCEL","thresholdPercentage":12.25,"minNumberOfExecutedThings":9}]},` +
	`"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"TIMED_OUT","numberOfRetries":3},{"failureType":"FAILED","numberOfRetries":0}]}`

// Inputs that one type alone does not tell apart, or that are no struct.
type (
	added   service.ThingGroupMemberInput
	removed service.ThingGroupMemberInput
	deleted struct {
		name            string
		expectedVersion *int64
	}
)

// recorder plays the service: it keeps what arrives and refuses it. The operations that it leaves out panic.
type recorder struct {
	controlhttp.Service

	input any
}

func (r *recorder) keep(input any) error {
	r.input = input
	return jobs.Errorf(jobs.LimitExceeded, "kept")
}

func (r *recorder) CreateThing(_ context.Context, in service.CreateThingInput) (*registry.Thing, error) {
	return nil, r.keep(in)
}

func (r *recorder) UpdateThing(_ context.Context, in service.UpdateThingInput) error {
	return r.keep(in)
}

func (r *recorder) DeleteThing(_ context.Context, name registry.ThingName, expectedVersion *int64) error {
	return r.keep(deleted{string(name), expectedVersion})
}

func (r *recorder) ListThings(_ context.Context, in service.ListThingsInput) (out service.ListThingsOutput, err error) {
	return out, r.keep(in)
}

func (r *recorder) CreateThingType(_ context.Context, in service.CreateThingTypeInput) (*registry.ThingType, error) {
	return nil, r.keep(in)
}

func (r *recorder) DescribeThingType(_ context.Context, name registry.TypeName) (*registry.ThingType, error) {
	return nil, r.keep(name)
}

func (r *recorder) ListThingTypes(_ context.Context, in service.ListThingTypesInput) (out service.ListThingTypesOutput, err error) {
	return out, r.keep(in)
}

func (r *recorder) DeprecateThingType(_ context.Context, in service.DeprecateThingTypeInput) error {
	return r.keep(in)
}

func (r *recorder) DeleteThingType(_ context.Context, name registry.TypeName) error {
	return r.keep(name)
}

func (r *recorder) CreateThingGroup(_ context.Context, in service.CreateThingGroupInput) (*registry.ThingGroup, error) {
	return nil, r.keep(in)
}

func (r *recorder) DescribeThingGroup(_ context.Context, name registry.GroupName) (out service.ThingGroupDescription, err error) {
	return out, r.keep(name)
}

func (r *recorder) UpdateThingGroup(_ context.Context, in service.UpdateThingGroupInput) (int64, error) {
	return 0, r.keep(in)
}

func (r *recorder) DeleteThingGroup(_ context.Context, name registry.GroupName, expectedVersion *int64) error {
	return r.keep(deleted{string(name), expectedVersion})
}

func (r *recorder) ListThingGroups(_ context.Context, in service.ListThingGroupsInput) (out service.ListThingGroupsOutput, err error) {
	return out, r.keep(in)
}

func (r *recorder) AddThingToThingGroup(_ context.Context, in service.ThingGroupMemberInput) error {
	return r.keep(added(in))
}

func (r *recorder) RemoveThingFromThingGroup(_ context.Context, in service.ThingGroupMemberInput) error {
	return r.keep(removed(in))
}

func (r *recorder) UpdateThingGroupsForThing(_ context.Context, in service.UpdateThingGroupsForThingInput) error {
	return r.keep(in)
}

func (r *recorder) ListThingsInThingGroup(_ context.Context, in service.ListThingsInThingGroupInput) (out service.ListThingsInThingGroupOutput, err error) {
	return out, r.keep(in)
}

func (r *recorder) ListThingGroupsForThing(_ context.Context, in service.ListThingGroupsForThingInput) (out service.ListThingGroupsOutput, err error) {
	return out, r.keep(in)
}

func (r *recorder) CreateDynamicThingGroup(_ context.Context, in service.CreateDynamicThingGroupInput) (*registry.ThingGroup, error) {
	return nil, r.keep(in)
}

func (r *recorder) UpdateDynamicThingGroup(_ context.Context, in service.UpdateDynamicThingGroupInput) (int64, error) {
	return 0, r.keep(in)
}

func (r *recorder) DeleteDynamicThingGroup(_ context.Context, name registry.GroupName, expectedVersion *int64) error {
	return r.keep(deleted{"dynamic " + string(name), expectedVersion})
}

func (r *recorder) SearchIndex(_ context.Context, in service.SearchIndexInput) (out service.SearchIndexOutput, err error) {
	return out, r.keep(in)
}

func (r *recorder) DescribeIndex(_ context.Context, name string) (service.IndexingMode, error) {
	return "", r.keep(name)
}

func (r *recorder) ListIndices(_ context.Context, in service.Page) ([]string, error) {
	return nil, r.keep(in)
}

func (r *recorder) UpdateIndexingConfiguration(_ context.Context, mode service.IndexingMode) error {
	return r.keep(mode)
}

func (r *recorder) CreateJob(_ context.Context, in service.CreateJobInput) (*jobs.Job, error) {
	return nil, r.keep(in)
}

func (r *recorder) AssociateTargetsWithJob(_ context.Context, in service.AssociateTargetsInput) (*jobs.Job, error) {
	return nil, r.keep(in)
}

func (r *recorder) UpdateJob(_ context.Context, in service.UpdateJobInput) error {
	return r.keep(in)
}

func (r *recorder) ListJobs(_ context.Context, in service.ListJobsInput) (out service.ListJobsOutput, err error) {
	return out, r.keep(in)
}
