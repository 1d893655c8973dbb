package controlhttp_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/controlhttp"
	"iotjobs/internal/fidelity"
	"iotjobs/internal/jobs"
)

// TestDocuments walks through the life of a fleet and pins the document of every operation that answers with one.
func TestDocuments(t *testing.T) {
	p := newPlane(t)
	p.show("CreateThing", "POST /things/lamp:1", `{"attributePayload":{"attributes":{"color":"red","room":"[4]"}}}`)
	p.show("CreateThing", "POST /things/lamp:1", `{"attributePayload":{"attributes":{"color":"red","room":"[4]"}}}`) // again is success
	p.silent("PATCH /things/lamp:1", `{"attributePayload":{"attributes":{"color":"","size":"2"},"merge":true},"expectedVersion":1}`)
	p.show("DescribeThing", "GET /things/lamp%3A1", "")
	p.ok("POST /things/bare", "")
	p.ok("POST /things/gone", "")
	p.show("ListThings", "GET /things?maxResults=2", "")
	p.show("ListThings_filtered", "GET /things?attributeName=size&attributeValue=2", "")
	p.silent("DELETE /things/gone?expectedVersion=1", "")
	p.silent("DELETE /things/gone", "") // a missing thing is success

	arn := "arn:aws:iot:eu-central-1:123456789012:thing/"
	targets := `"targets":["` + arn + `lamp:1","` + arn + `bare","` + arn + `lamp:1"]`
	p.show("CreateJob", "PUT /jobs/blink", `{`+targets+`,"document":"{ \"op\":\"blink\" }","description":"every lamp","timeoutConfig":{"inProgressTimeoutInMinutes":60},"targetSelection":"SNAPSHOT"}`)
	p.show("CreateJob_bare", "PUT /jobs/bare", `{"targets":["`+arn+`bare"],"document":"[1]","presignedUrlConfig":{},"tags":[],"schedulingConfig":{"startTime":null}}`)
	p.show("DescribeJob", "GET /jobs/blink?beforeSubstitution=true", "")
	p.show("DescribeJob_bare", "GET /jobs/bare", "")
	p.show("GetJobDocument", "GET /jobs/blink/job-document", "")
	p.show("DescribeJobExecution_queued", "GET /things/bare/jobs/blink", "")
	p.report("lamp:1", "blink", jobs.Report{Status: jobs.InProgress, StatusDetails: map[string]string{"step": "1", "of": "3"}})
	p.now = p.now.Add(90 * time.Second)
	p.show("DescribeJobExecution", "GET /things/lamp:1/jobs/blink?executionNumber=1", "")
	p.show("ListJobExecutionsForJob", "GET /jobs/blink/things", "")
	p.show("ListJobExecutionsForJob_status", "GET /jobs/blink/things?status=QUEUED", "")
	p.show("ListJobExecutionsForThing", "GET /things/bare/jobs", "")
	p.show("ListJobExecutionsForThing_job", "GET /things/bare/jobs?jobId=bare&status=QUEUED&maxResults=250", "")

	p.silent("PUT /things/lamp:1/jobs/blink/cancel?force=true", `{"expectedVersion":2,"statusDetails":{"by":"operator"}}`)
	p.show("DescribeJobExecution_canceled", "GET /things/lamp:1/jobs/blink", "")
	p.silent("DELETE /things/lamp:1/jobs/blink/executionNumber/1", "")
	p.show("CancelJob", "PUT /jobs/blink/cancel?force=true", `{"reasonCode":"BAD_LAMP_2","comment":"wrong color"}`)
	p.show("DescribeJob_canceled", "GET /jobs/blink", "")
	p.silent("DELETE /jobs/blink", "")
	p.silent("DELETE /jobs/bare?force=true", "")
	p.show("ListJobs_none", "GET /jobs", "")
	p.show("DescribeEndpoint", "GET /endpoint", "")
}

func TestListJobs(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a")
	for _, id := range []string{"one", "two", "three"} {
		p.ok("PUT /jobs/"+id, `{`+targets+`,"document":"{}"}`)
		p.now = p.now.Add(time.Second)
	}
	p.report("a", "two", jobs.Report{Status: jobs.Succeeded})
	golden(t, "ListJobs", p.ok("GET /jobs?maxResults=2", ""))
	golden(t, "ListJobs_status", p.ok("GET /jobs?status=COMPLETED&targetSelection=SNAPSHOT", ""))
	if got := p.ok("GET /jobs?targetSelection=CONTINUOUS", ""); got != `{"jobs":[],"nextToken":null}` {
		t.Errorf("no job is continuous, got %s", got)
	}
}

// TestPaging follows tokens to the end and meets every row once.
func TestPaging(t *testing.T) {
	p := newPlane(t)
	names := []string{"a", "b", "c", "d", "e"}
	p.ok("PUT /jobs/j", `{`+p.things(names...)+`,"document":"{}"}`)
	for _, list := range []string{"/things", "/jobs/j/things"} {
		seen := walk(p, list, "thingArn")
		want := "arn:aws:iot:eu-central-1:123456789012:thing/" + strings.Join(names, " arn:aws:iot:eu-central-1:123456789012:thing/")
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%s: got %s, want %s", list, got, want)
		}
	}
	for _, name := range names {
		p.ok("POST /thing-groups/"+name, "")
		p.ok("POST /thing-types/"+name, "")
		p.ok("PUT /thing-groups/addThingToThingGroup", `{"thingGroupName":"`+name+`","thingName":"a"}`)
	}
	for list, member := range map[string]string{"/thing-groups": "groupName", "/things/a/thing-groups": "groupName", "/thing-types": "thingTypeName"} {
		if got, want := strings.Join(walk(p, list, member), " "), strings.Join(names, " "); got != want {
			t.Errorf("%s: got %s, want %s", list, got, want)
		}
	}
}

func TestEndpointTypes(t *testing.T) {
	p := newPlane(t)
	for _, kind := range []string{"iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs"} {
		if got, want := p.ok("GET /endpoint?endpointType="+kind, ""), `{"endpointAddress":"iot.example:8443"}`; got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
	p.refused("GET /endpoint?endpointType=iot:data", "", 400, "InvalidRequestException",
		"Endpoint type iot:data is unknown; it is one of iot:Data, iot:Data-ATS, iot:CredentialProvider, iot:Jobs.")
}

func TestTheJobsEndpointCanBeRetired(t *testing.T) { // Q4
	p := newPlane(t)
	retired := controlhttp.Plane{
		Service: p.service, Guard: anybody{}, Endpoint: "iot.example:8443", Fidelity: fidelity.Switches{RetiredJobsEndpoint: true},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	p.mux = retired.Mux()
	p.refused("GET /endpoint?endpointType=iot:Jobs", "", 400, "InvalidRequestException",
		"Endpoint type iot:Jobs is no longer supported. Use iot:Data-ATS.")
	p.ok("GET /endpoint?endpointType=iot:Data-ATS", "")
}

// TestDocumentIsKept demands the document back byte for byte.
func TestDocumentIsKept(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a")
	for i, document := range []string{`{}`, ` {"b":1,"a" : 1.0e2,"b":2} `, `"text"`, `null`, `{"url":"<a&b>\u00e9é"}`} {
		id := "j" + string(rune('0'+i))
		p.ok("PUT /jobs/"+id, `{`+targets+`,"document":`+quoted(document)+`}`)
		if got, want := p.ok("GET /jobs/"+id+"/job-document", ""), `{"document":`+quoted(document)+`}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAttributes(t *testing.T) {
	p := newPlane(t)
	p.ok("POST /things/a", `{"attributePayload":{"attributes":{"x":"1","y":"2"}}}`)
	for _, step := range []struct{ body, want string }{
		{`{}`, `{"x":"1","y":"2"}`},
		{`{"attributePayload":{}}`, `{"x":"1","y":"2"}`},
		{`{"attributePayload":{"attributes":{"z":"3"},"merge":true}}`, `{"x":"1","y":"2","z":"3"}`},
		{`{"attributePayload":{"attributes":{"x":""},"merge":true}}`, `{"y":"2","z":"3"}`},
		{`{"attributePayload":{"attributes":{"x":"4"}}}`, `{"x":"4"}`},
		{`{"attributePayload":{"attributes":{}}}`, `{}`},
	} {
		p.ok("PATCH /things/a", step.body)
		if got := p.ok("GET /things/a", ""); !strings.Contains(got, `"attributes":`+step.want+`,"version":`) {
			t.Errorf("after %s: got %s, want attributes %s", step.body, got, step.want)
		}
	}
}
