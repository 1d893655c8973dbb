package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// FuzzReader feeds bodies to the decoder and to every request that is read from one: no panic, every refusal is an invalid request that
// can be answered, and an accepted body is a JSON object in UTF-8 (or none).
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", "[]", `{"status":"SUCCEEDED","expectedVersion":"2","statusDetails":{"a":"b"}}`, `{"statusDetails":{"a":null}}`,
		`{"stepTimeoutInMinutes":-1,"executionNumber":1e999}`, `{"attributePayload":{"attributes":{"x":""},"merge":true},"expectedVersion":1}`,
		`{"targets":["arn:aws:iot:us-east-1:123456789012:thing/a",null],"document":"{}","timeoutConfig":{}}`,
		`{"targets":[""],"abortConfig":{"criteriaList":[null,{"thresholdPercentage":1e308}]},"tags":[{"Key":"k"}]}`,
		`{"targets":[""],"jobExecutionsRolloutConfig":{"exponentialRate":{"rateIncreaseCriteria":[]}},"jobExecutionsRetryConfig":{"criteriaList":[7]}}`,
		`{"schedulingConfig":{"maintenanceWindows":[{}]},"presignedUrlConfig":{"roleArn":"x"},"jobTemplateArn":"arn:x"}`,
		`{"parentGroupName":"g","thingGroupProperties":{"thingGroupDescription":"d","attributePayload":{"attributes":{"a":"b"}}},"tags":[{"Key":"k"}]}`,
		`{"thingGroupName":"g","thingArn":"arn:aws:iot:us-east-1:123456789012:thing/a","thingGroupsToAdd":["g",null],"overrideDynamicGroups":true}`,
		`{"thingTypeProperties":{"searchableAttributes":["a"],"mqtt5Configuration":{"propagatingAttributes":[{"userPropertyKey":"k"}]}},"undoDeprecate":1}`, "{\"a\":\"\xff\"}", `{"\ud800":"\ud800"}`,
		`{"queryString":"a:*","indexName":"i","queryVersion":"v","maxResults":101,"thingGroupProperties":{}}`,
		`{"thingIndexingConfiguration":{"thingIndexingMode":"ON","managedFields":[{"name":"x"},null],"filter":[]},"thingGroupIndexingConfiguration":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := wire.NewReader(body); err != nil {
			if !errors.Is(err, jobs.InvalidRequest) {
				t.Fatalf("the refusal %v is no invalid request", err)
			}
			return
		}
		if len(bytes.TrimSpace(body)) > 0 {
			var object map[string]any
			if err := json.Unmarshal(body, &object); err != nil && !tooBig(err) || object == nil || !utf8.Valid(body) {
				t.Fatalf("accepted %q, which is no JSON object: %v", body, err)
			}
		}
		for _, read := range []func(*wire.Reader) error{
			func(r *wire.Reader) error { r.StartNext(); return nil },
			func(r *wire.Reader) error { r.Update(); return nil },
			func(r *wire.Reader) error { r.CreateThing(); return nil },
			func(r *wire.Reader) error { r.UpdateThing(); return nil },
			func(r *wire.Reader) error { r.CreateThingGroup(); return nil },
			func(r *wire.Reader) error { r.UpdateThingGroup(); return nil },
			func(r *wire.Reader) error { return named(r.AddThingToThingGroup()) },
			func(r *wire.Reader) error { r.UpdateThingGroupsForThing(); return nil },
			func(r *wire.Reader) error {
				r.CreateThingType()
				r.Asks("thingTypeProperties.mqtt5Configuration")
				return nil
			},
			func(r *wire.Reader) error { r.DeprecateThingType(); return nil },
			func(r *wire.Reader) error { r.CreateDynamicThingGroup(); return nil },
			func(r *wire.Reader) error { r.UpdateDynamicThingGroup(); return nil },
			func(r *wire.Reader) error { r.SearchIndex(); return nil },
			func(r *wire.Reader) error {
				r.UpdateIndexingConfiguration()
				r.Asks("thingIndexingConfiguration.filter.geoLocations")
				return nil
			},
			func(r *wire.Reader) error { r.Targets(); r.Comment(); return nil },
			func(r *wire.Reader) error { r.CancelJob(); return nil },
			func(r *wire.Reader) error { r.CancelJobExecution(); return nil },
			func(r *wire.Reader) error { _, err := r.CreateJob(0); return err },
			func(r *wire.Reader) error { _, err := r.UpdateJob(0, ""); return err },
		} {
			r, err := wire.NewReader(body)
			if err != nil {
				t.Fatal("the second reading failed")
			}
			for _, err := range []error{read(r), r.Err()} {
				if err != nil && (!errors.Is(err, jobs.InvalidRequest) || !utf8.ValidString(err.Error())) {
					t.Fatalf("the refusal %q cannot be answered", err)
				}
			}
		}
	})
}

// named demands a name of a group that is accepted, and forgives the refusal of one that is not found.
func named(m wire.ThingGroupMemberRequest) error {
	group, err := realm.ThingGroupNamed(m.GroupName, m.GroupARN)
	switch {
	case err == nil && group == "":
		return errors.New("a group without a name was accepted")
	case errors.Is(err, jobs.ResourceNotFound):
		return nil
	}
	return err
}

// tooBig tells that a number is valid JSON but no float64, which this test, not the reader, stumbles on.
func tooBig(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}
