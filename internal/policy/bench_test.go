package policy_test

import (
	"testing"

	"iotjobs/internal/policy"
)

// devicePolicy is what a fleet's certificates carry: connect as the thing, the thing's job topics, the thing's job API.
const devicePolicy = `{
	"Version": "2012-10-17",
	"Statement": [
		{"Effect": "Allow", "Action": "iot:Connect", "Resource": "arn:aws:iot:us-east-1:123456789012:client/${iot:Connection.Thing.ThingName}",
		 "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}},
		{"Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"],
		 "Resource": "arn:aws:iot:us-east-1:123456789012:topic/$aws/things/${iot:Connection.Thing.ThingName}/jobs/*"},
		{"Effect": "Allow", "Action": "iot:Subscribe",
		 "Resource": "arn:aws:iot:us-east-1:123456789012:topicfilter/$aws/things/${iot:Connection.Thing.ThingName}/jobs/*"},
		{"Effect": "Allow", "Action": "iotjobsdata:*", "Resource": "arn:aws:iot:us-east-1:123456789012:thing/${iot:Connection.Thing.ThingName}"}
	]
}`

func BenchmarkEvaluate(b *testing.B) {
	device := device{"pump-7"}
	policies := []policy.Named{{Name: "device", Document: mustParse(b, devicePolicy, policy.IoTCore)}}
	for name, request := range map[string]policy.Request{
		"connect": {Action: "iot:Connect", Resource: arn("client/pump-7")},
		"publish": {Action: "iot:Publish", Resource: arn("topic/$aws/things/pump-7/jobs/j-1/update")},
		"http":    {Action: "iotjobsdata:UpdateJobExecution", Resource: arn("thing/pump-7")},
		"denied":  {Action: "iotjobsdata:UpdateJobExecution", Resource: arn("thing/pump-8")},
	} {
		b.Run(name, func(b *testing.B) {
			request.Context = device.values
			b.ReportAllocs()
			for b.Loop() {
				if d := policy.Evaluate(policies, request); d.Allowed != (name != "denied") {
					b.Fatal(d.Reason())
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		mustParse(b, devicePolicy, policy.IoTCore)
	}
}

// device answers as a connection does: from what it knows, without allocating.
type device [1]string

func (d *device) values(key string) []string {
	switch key {
	case "iot:connection.thing.thingname":
		return d[:]
	case "iot:connection.thing.isattached":
		return attached
	}
	return nil
}

var attached = []string{"true"}
