package policy_test

// exampleRows are policies in the shapes that IoT Core's guide recommends.
var exampleRows = []statementRow{
	{
		0, attachedClients, "iot:Connect", arn("client/pump-7"), thing("pump-7", "true"),
		allowed, iotOverlyWide, "the recommended policy: client id = thing, attached",
	},
	{0, attachedClients, "iot:Connect", arn("client/pump-7"), thing("pump-7", "false"), nothing, iotOverlyWide, "not attached"},
	{0, attachedClients, "iot:Connect", arn("client/pump-8"), thing("pump-7", "true"), nothing, iotOverlyWide, "another client id"},
	{
		0, jobsOverMQTT, "iot:Publish", arn("topic/$aws/things/pump-7/jobs/start-next"), thing("pump-7", "true"),
		allowed, iotJobs, "the jobs topics of the own thing",
	},
	{
		0, jobsOverMQTT, "iot:Publish", arn("topic/$aws/things/pump-8/jobs/start-next"), thing("pump-7", "true"),
		nothing, iotJobs, "those of another thing",
	},
	{
		0, jobsOverMQTT, "iot:Subscribe", arn("topicfilter/$aws/things/pump-7/jobs/#"), thing("pump-7", "true"),
		allowed, iotJobs, "a filter below the own thing",
	},
	{
		0, jobsOverMQTT, "iot:Subscribe", arn("topicfilter/$aws/things/+/jobs/#"), thing("pump-7", "true"),
		nothing, iotJobs, "a filter over all things",
	},
	{0, jobsOverMQTT, "iot:Receive", arn("topic/$aws/things/pump-7/jobs/notify"), thing("pump-7", "true"), allowed, iotJobs, "what arrives"},
	{0, typeAndModel, "iot:Publish", arn("topic/device/stats"), thingOf("pump", "m1"), allowed, iotThingUse, "type, attribute and attachment"},
	{0, typeAndModel, "iot:Publish", arn("topic/device/stats"), thingOf("pump", "m2"), nothing, iotThingUse, "another attribute"},
	{0, typeAndModel, "iot:Publish", arn("topic/device/stats"), thingOf("fan", "m1"), nothing, iotThingUse, "another type"},
}

const iotJobs source = "IoT Core, Authorizing your devices to securely use AWS IoT Jobs on the data plane, AWS IoT Core policies for MQTT protocol"

func thing(name, attached string) keys {
	return keys{"iot:Connection.Thing.ThingName": one(name), "iot:Connection.Thing.IsAttached": one(attached)}
}

func thingOf(typeName, model string) keys {
	context := thing("t", "true")
	context["iot:Connection.Thing.ThingTypeName"] = one(typeName)
	context["iot:Connection.Thing.Attributes[model]"] = one(model)
	return context
}

var (
	attachedClients = `{"Effect": "Allow", "Action": ["iot:Connect"],
		"Resource": ["arn:aws:iot:us-east-1:123456789012:client/${iot:Connection.Thing.ThingName}"],
		"Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}}`
	jobsOverMQTT = allow("iot:Connect", arn("client/${iot:Connection.Thing.ThingName}")) + "," +
		allow("iot:Publish|iot:Receive", arn("topic/$aws/things/${iot:Connection.Thing.ThingName}/jobs/*")) + "," +
		allow("iot:Subscribe", arn("topicfilter/$aws/things/${iot:Connection.Thing.ThingName}/jobs/*"))
	typeAndModel = `{"Effect": "Allow", "Action": ["iot:Publish"], "Resource": "arn:aws:iot:us-east-1:123456789012:topic/device/stats",
		"Condition": {
			"StringEquals": {"iot:Connection.Thing.Attributes[model]": "m1", "iot:Connection.Thing.ThingTypeName": "pump"},
			"Bool": {"iot:Connection.Thing.IsAttached": "true"}}}`
)
