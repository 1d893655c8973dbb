package hostile

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// writes are the operations with a body, aimed at what must not change, or must not come to be.
var writes = []request{
	{scope: "iot", method: "POST", path: "/things/intruder"},
	{scope: "iot", method: "PATCH", path: "/things/lamp"},
	{scope: "iot", method: "PUT", path: "/jobs/intruder"},
	{scope: "iot", method: "PUT", path: "/jobs/dim/cancel"},
	{scope: "iot", method: "PUT", path: "/things/lamp/jobs/dim/cancel"},
	{scope: "iot-jobs-data", method: "PUT", path: "/things/lamp/jobs/$next"},
	{scope: "iot-jobs-data", method: "POST", path: "/things/lamp/jobs/blink"},
}

// A body that is no JSON object in UTF-8 is refused by every operation that reads one.
func TestBodiesThatAreNoObject(t *testing.T) {
	unchanged(t)
	bodies := map[string]string{
		"half":               `{"status":"SUCCEEDED"`,
		"half a string":      `{"status":"SUCC`,
		"a list":             `[{"status":"SUCCEEDED"}]`,
		"null":               `null`,
		"a text":             `"status"`,
		"a number":           `1`,
		"two objects":        `{"status":"SUCCEEDED"}{"status":"SUCCEEDED"}`,
		"text behind":        `{"status":"SUCCEEDED"};`,
		"no JSON":            `status=SUCCEEDED`,
		"XML":                `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`,
		"trailing comma":     `{"status":"SUCCEEDED",}`,
		"single quotes":      `{'status':'SUCCEEDED'}`,
		"comment":            `{/* */"status":"SUCCEEDED"}`,
		"byte order mark":    "\ufeff" + `{"status":"SUCCEEDED"}`,
		"invalid UTF-8":      "{\"status\":\"SUCCEEDED\",\"x\":\"\xff\xfe\"}",
		"overlong UTF-8":     "{\"status\":\"SUCCEEDED\",\"x\":\"\xc0\xaf\"}",
		"surrogates":         "{\"status\":\"SUCCEEDED\",\"x\":\"\xed\xa0\x80\"}",
		"UTF-16":             "\xff\xfe{\x00}\x00",
		"zero byte":          "{\"status\":\"SUCCEEDED\"}\x00",
		"raw line break":     "{\"status\":\"SUCC\nEEDED\"}",
		"deep lists":         `{"x":` + strings.Repeat("[", 50_000),
		"deep closed lists":  `{"x":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `}`,
		"deep objects":       strings.Repeat(`{"x":`, 20_000) + "1" + strings.Repeat("}", 20_000),
		"half an escape":     `{"x":"\u00`,
		"a number too large": `{"x":1e`,
	}
	for _, write := range writes {
		for name, body := range bodies {
			t.Run(fmt.Sprintf("%s %s: %s", write.method, write.path, name), func(t *testing.T) {
				write.body = body
				a, err := under.send(t.Context(), write)
				if err != nil {
					t.Fatal(err)
				}
				refused(t, a, http.StatusBadRequest, "InvalidRequestException")
			})
		}
	}
}

// Members of the wrong type, the wrong case, too long or too many, and numbers out of range: each is refused with the name of the member.
func TestMembersThatDoNotFit(t *testing.T) {
	unchanged(t)
	update := request{scope: "iot-jobs-data", method: "POST", path: "/things/lamp/jobs/blink"}
	startNext := request{scope: "iot-jobs-data", method: "PUT", path: "/things/lamp/jobs/$next"}
	createJob := request{scope: "iot", method: "PUT", path: "/jobs/intruder"}
	createThing := request{scope: "iot", method: "POST", path: "/things/intruder"}
	cancelJob := request{scope: "iot", method: "PUT", path: "/jobs/dim/cancel"}
	cancelExecution := request{scope: "iot", method: "PUT", path: "/things/lamp/jobs/dim/cancel"}
	const lamp = `"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"]`
	for _, c := range []struct {
		request
		body, member string
	}{
		{update, `{}`, "status"},
		{update, `{"status":null}`, "status"},
		{update, `{"status":5}`, "status"},
		{update, `{"status":["SUCCEEDED"]}`, "status"},
		{update, `{"status":{"SUCCEEDED":true}}`, "status"},
		{update, `{"status":"succeeded"}`, "status"},
		{update, `{"status":"SUCCEEDED "}`, "status"},
		{update, `{"status":""}`, "status"},
		{update, `{"Status":"SUCCEEDED"}`, "status"},
		{update, `{"STATUS":"SUCCEEDED"}`, "status"},
		{update, `{"ſtatus":"SUCCEEDED"}`, "status"}, // folds to s
		{update, `{"state":"SUCCEEDED","unknown":{"status":"SUCCEEDED"}}`, "status"},
		{update, `{"status":"SUCCEEDED","expectedVersion":"two"}`, "expectedVersion"},
		{update, `{"status":"SUCCEEDED","expectedVersion":1.5}`, "expectedVersion"},
		{update, `{"status":"SUCCEEDED","expectedVersion":true}`, "expectedVersion"},
		{update, `{"status":"SUCCEEDED","expectedVersion":[]}`, "expectedVersion"},
		{update, `{"status":"SUCCEEDED","expectedVersion":99999999999999999999}`, "expectedVersion"},
		{update, `{"status":"SUCCEEDED","expectedVersion":1e400}`, "expectedVersion"},
		{update, `{"status":"SUCCEEDED","executionNumber":-1}`, "executionNumber"},
		{update, `{"status":"SUCCEEDED","executionNumber":0}`, "executionNumber"},
		{update, `{"status":"SUCCEEDED","executionNumber":"0x1"}`, "executionNumber"},
		{update, `{"status":"IN_PROGRESS","stepTimeoutInMinutes":0}`, "stepTimeoutInMinutes"},
		{update, `{"status":"IN_PROGRESS","stepTimeoutInMinutes":10081}`, "stepTimeoutInMinutes"},
		{update, `{"status":"IN_PROGRESS","stepTimeoutInMinutes":-2}`, "stepTimeoutInMinutes"},
		{update, `{"status":"SUCCEEDED","includeJobExecutionState":"yes"}`, "includeJobExecutionState"},
		{update, `{"status":"SUCCEEDED","statusDetails":"a=b"}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":["a"]}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a":1}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a":{"b":"c"}}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a":null}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a":""}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"":"a"}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a b":"c"}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a":"b\u0000"}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a":"\u001b[2J"}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a":"\u202e"}}`, "statusDetails"}, // turns the direction of text
		{update, `{"status":"SUCCEEDED","statusDetails":{"` + strings.Repeat("k", 129) + `":"a"}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{"a":"` + strings.Repeat("v", 1025) + `"}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{` + pairs(11) + `}}`, "statusDetails"},
		{update, `{"status":"SUCCEEDED","statusDetails":{` + pairs(5000) + `}}`, "statusDetails"},
		{startNext, `{"stepTimeoutInMinutes":-1}`, "stepTimeoutInMinutes"},
		{startNext, `{"statusDetails":"none"}`, "statusDetails"},
		{createThing, `{"attributePayload":"room=kitchen"}`, "attributePayload"},
		{createThing, `{"attributePayload":{"attributes":["a"]}}`, "attributePayload.attributes"},
		{createThing, `{"attributePayload":{"attributes":{"a b":"c"}}}`, "attributePayload.attributes"},
		{createThing, `{"attributePayload":{"attributes":{"a":"` + strings.Repeat("v", 801) + `"}}}`, "attributePayload.attributes"},
		{createJob, `{}`, "targets"},
		{createJob, `{"Targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"],"document":"{}"}`, "targets"},
		{createJob, `{"targets":"arn:aws:iot:us-east-1:123456789012:thing/lamp","document":"{}"}`, "targets"},
		{createJob, `{"targets":[],"document":"{}"}`, "targets"},
		{createJob, `{"targets":[null],"document":"{}"}`, "targets"},
		{createJob, `{"targets":[7],"document":"{}"}`, "targets"},
		{createJob, `{` + lamp + `,"document":{}}`, "document"},
		{createJob, `{` + lamp + `,"document":"` + strings.Repeat(" ", 32767) + `{}"}`, "document"},
		{createJob, `{` + lamp + `,"document":"{}","description":"\u0007"}`, "description"},
		{createJob, `{` + lamp + `,"document":"{}","description":"` + strings.Repeat("d", 2029) + `"}`, "description"},
		{createJob, `{` + lamp + `,"document":"{}","targetSelection":"snapshot"}`, "targetSelection"},
		{createJob, `{` + lamp + `,"document":"{}","timeoutConfig":{"inProgressTimeoutInMinutes":0}}`, "inProgressTimeoutInMinutes"},
		{createJob, `{` + lamp + `,"document":"{}","timeoutConfig":{"inProgressTimeoutInMinutes":"10"}}`, "timeoutConfig.inProgressTimeoutInMinutes"},
		{createJob, `{` + lamp + `,"document":"{}","timeoutConfig":[]}`, "timeoutConfig"},
		{cancelJob, `{"reasonCode":"lower case"}`, "reasonCode"},
		{cancelJob, `{"reasonCode":"` + strings.Repeat("R", 129) + `"}`, "reasonCode"},
		{cancelJob, `{"comment":"\n"}`, "comment"},
		{cancelExecution, `{"expectedVersion":"1"}`, "expectedVersion"}, // only the device plane takes numbers as text
		{cancelExecution, `{"statusDetails":[]}`, "statusDetails"},
	} {
		t.Run(fmt.Sprintf("%s %s", c.path, clip(c.body)), func(t *testing.T) {
			c.request.body = c.body
			a, err := under.send(t.Context(), c.request)
			if err != nil {
				t.Fatal(err)
			}
			refused(t, a, http.StatusBadRequest, "InvalidRequestException")
			if !strings.Contains(string(a.body), c.member) {
				t.Errorf("the refusal does not name %s: %s", c.member, a.body)
			}
		})
	}
}

// pairs are n members of a map.
func pairs(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"k%d":"v"`, i)
	}
	return strings.Join(all, ",")
}

// Documents and targets that say nothing, or of another world.
func TestValuesThatMeanNothingHere(t *testing.T) {
	unchanged(t)
	for _, body := range []string{
		`{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"]}`,
		`{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"],"document":""}`,
		`{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"],"document":"{"}`,
		`{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"],"document":"{}","documentSource":"https://s3.amazonaws.com/a/b"}`,
		`{"targets":["lamp"],"document":"{}"}`,
		`{"targets":["arn:aws:iot:us-east-1:123456789012:thing/"],"document":"{}"}`,
		`{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp/../lamp"],"document":"{}"}`,
		`{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp\u0000"],"document":"{}"}`,
		`{"targets":["arn:aws:iot:eu-west-1:123456789012:thing/lamp"],"document":"{}"}`,
		`{"targets":["arn:aws:iot:us-east-1:000000000000:thing/lamp"],"document":"{}"}`,
		`{"targets":["arn:aws:s3:::bucket/lamp"],"document":"{}"}`,
	} {
		a, err := under.send(t.Context(), request{scope: "iot", method: "PUT", path: "/jobs/intruder", body: body})
		if err != nil {
			t.Fatal(err)
		}
		if a.status < 400 || a.status > 499 {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
		awsShaped(t, a)
	}
}
