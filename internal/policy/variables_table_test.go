package policy_test

import (
	"fmt"

	"iotjobs/internal/policy"
)

const (
	iotBasic       source = "IoT Core, Basic AWS IoT Core policy variables"
	iotThing       source = "IoT Core, Thing policy variables"
	iotThingUse    source = "IoT Core, Thing policy examples"
	iotCertificate source = "IoT Core, X.509 certificate AWS IoT Core policy variables"
	iotLimits      source = "IoT Core, Using X.509 certificate policy variables, X.509 Certificate policy variable limitations"
	iotOverlyWide  source = "IoT Device Defender, AWS IoT policies overly permissive"
	iotProvider    source = "IoT Core, Authorizing direct calls to AWS services"
	iotConnect     source = "IoT Core, Connect policy examples, MQTT persistent sessions policy examples"
	varVersion     source = "IAM, JSON policy elements: Version"
	varRequest     source = "IAM, Variables and tags, Information available in all requests"
)

// onlyIf is an Allow for everything under a condition.
func onlyIf(operator, key, value string) string {
	return fmt.Sprintf(`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {%q: {%q: %q}}}`, operator, key, value)
}

func notResource(effect, resource string) string {
	return statementJSON(effect, "Action", "*", "NotResource", resource)
}

var (
	clientTopic  = arn("topic/my/${iot:ClientId}/out")
	clientFilter = arn("topicfilter/my/${iot:ClientId}/in")
	ownThing     = arn("thing/${iot:Connection.Thing.ThingName}")
)

// whenPersistent is a statement about clients that ask for a persistent session when they connect.
func whenPersistent(effect, operator string) string {
	return fmt.Sprintf(`{"Effect": %q, "Action": "iot:Connect", "Resource": "*", "Condition": {%q: {"iot:ConnectAttributes": ["PersistentConnect"]}}}`, effect, operator)
}

func connecting(attributes ...string) keys { return keys{"iot:ConnectAttributes": attributes} }

func client(id string) keys { return keys{"iot:ClientId": one(id)} }

var variableRows = append(certificateRows(), []statementRow{
	{
		0, allow("*", clientTopic), "iot:Publish", arn("topic/my/pump-7/out"), client("pump-7"),
		allowed, iotBasic, "iot:ClientId is the id of the connected client",
	},
	{
		0, allow("*", clientTopic), "iot:Publish", arn("topic/my/pump-8/out"), client("pump-7"),
		nothing, iotBasic, "iot:ClientId is the id of the connected client",
	},
	{
		0, allow("*", arn("topic/${iot:DomainName}")), "iot:Publish", arn("topic/iot.example"),
		keys{"iot:DomainName": one("iot.example")},
		allowed, iotBasic, "iot:DomainName is where the client connected to",
	},
	{
		0, onlyIf("StringEquals", "iot:DomainName", "iot.example"), "iot:Connect", "*",
		keys{"iot:DomainName": one("iot.other")},
		nothing, iotBasic, "iot:DomainName is where the client connected to",
	},
	{
		0, onlyIf("IpAddress", "aws:SourceIp", "123.45.167.89"), "iot:Publish", "*",
		keys{"aws:SourceIp": one("123.45.167.89")},
		allowed, iotBasic, "aws:SourceIp is the client's address",
	},
	{
		0, onlyIf("IpAddress", "aws:SourceIp", "123.45.167.89"), "iot:Publish", "*",
		keys{"aws:SourceIp": one("123.45.167.90")},
		nothing, iotBasic, "aws:SourceIp is the client's address",
	},

	{
		0, allow("*", ownThing), "iotjobsdata:X", arn("thing/a"),
		keys{"iot:Connection.Thing.ThingName": one("a")},
		allowed, iotThing, "ThingName is the thing of the connection",
	},
	{0, allow("*", ownThing), "iotjobsdata:X", arn("thing/b"), keys{"iot:Connection.Thing.ThingName": one("a")}, nothing, iotThing, "… and no other"},
	{
		0, allow("*", ownThing), "iotjobsdata:X", arn("thing/b"), nil,
		nothing, iotThingUse, "a variable of a thing that is not attached is not resolved; access is denied",
	},
	{
		0, onlyIf("StringEquals", "iot:Connection.Thing.ThingTypeName", "pump"), "iot:X", "*",
		keys{"iot:Connection.Thing.ThingTypeName": one("pump")},
		allowed, iotThing, "ThingTypeName is the type of that thing",
	},
	{
		0, onlyIf("StringEquals", "iot:Connection.Thing.ThingTypeName", "pump"), "iot:X", "*",
		keys{"iot:Connection.Thing.ThingTypeName": one("fan")},
		nothing, iotThing, "ThingTypeName is the type of that thing",
	},
	{
		0, allow("*", arn("topic/${iot:Connection.Thing.Attributes[model]}/*")), "iot:Publish", arn("topic/m1/x"),
		keys{"iot:Connection.Thing.Attributes[model]": one("m1")},
		allowed, iotThing, "an attribute of the thing",
	},
	{
		0, allow("*", arn("topic/${iot:Connection.Thing.Attributes[model]}/*")), "iot:Publish", arn("topic/m2/x"),
		keys{"iot:Connection.Thing.Attributes[model]": one("m1")},
		nothing, iotThing, "an attribute of the thing",
	},
	{
		0, allow("*", arn("topic/${iot:Connection.Thing.Attributes[model]}/*")), "iot:Publish", arn("topic/m1/x"),
		keys{"iot:Connection.Thing.Attributes[Model]": one("m1")},
		nothing, iotThing, "attributes differ by case, the key itself does not",
	},
	{
		0, allow("*", arn("topic/${IOT:connection.thing.attributes[model]}/*")), "iot:Publish", arn("topic/m1/x"),
		keys{"iot:Connection.Thing.Attributes[model]": one("m1")},
		allowed, varRequest, "keys are compared without regard to case",
	},
	{
		0, onlyIf("Bool", "iot:Connection.Thing.IsAttached", "true"), "iot:Connect", "*",
		keys{"iot:Connection.Thing.IsAttached": one("true")},
		allowed, iotThing, "IsAttached: the certificate is attached to the thing",
	},
	{
		0, onlyIf("Bool", "iot:Connection.Thing.IsAttached", "true"), "iot:Connect", "*",
		keys{"iot:Connection.Thing.IsAttached": one("false")},
		nothing, iotThing, "IsAttached: the certificate is attached to the thing",
	},
	{0, onlyIf("Bool", "iot:Connection.Thing.IsAttached", "true"), "iot:Connect", "*", nil, nothing, iotThing, "no thing at all"},

	// What a client asks for when it connects. A plain connection asks for nothing.
	{
		0, whenPersistent("Allow", "ForAllValues:StringEquals"), "iot:Connect", "*", connecting("PersistentConnect"),
		allowed, iotConnect, "a persistent session is allowed",
	},
	{
		0, whenPersistent("Allow", "ForAllValues:StringEquals"), "iot:Connect", "*", connecting("PersistentConnect", "LastWill"),
		nothing, iotConnect, "… a last will beside it is not",
	},
	{
		0, whenPersistent("Allow", "ForAllValues:StringEquals"), "iot:Connect", "*", nil,
		allowed, iotConnect, "… nor is a persistent session asked for",
	},
	{
		0, whenPersistent("Allow", "ForAllValues:StringNotEquals"), "iot:Connect", "*", connecting("LastWill"),
		allowed, iotConnect, "all but persistent sessions",
	},
	{
		0, whenPersistent("Allow", "ForAllValues:StringNotEquals"), "iot:Connect", "*", connecting("LastWill", "PersistentConnect"),
		nothing, iotConnect, "all but persistent sessions",
	},
	{
		0, allow("iot:Connect", "*") + "," + whenPersistent("Deny", "ForAnyValue:StringEquals"), "iot:Connect", "*",
		connecting("LastWill", "PersistentConnect"), denied, iotConnect, "the same as a Deny",
	},
	{
		0, allow("iot:Connect", "*") + "," + whenPersistent("Deny", "ForAnyValue:StringEquals"), "iot:Connect", "*", nil,
		allowed, iotConnect, "the same as a Deny",
	},

	// Substituted values are literal text.
	{0, allow("*", clientTopic), "iot:Publish", arn("topic/my/anything/out"), client("*"), nothing, opSpecial, "a * in a value is no wildcard"},
	{0, allow("*", clientTopic), "iot:Publish", arn("topic/my/*/out"), client("*"), allowed, opSpecial, "… it is a character"},
	{0, allow("*", clientTopic), "iot:Publish", arn("topic/my/x/out"), client("?"), nothing, opSpecial, "nor is a ?"},
	{
		0, allow("*", clientTopic), "iot:Publish", arn("topic/my/pump-7/out"),
		keys{"iot:ClientId": one("${aws:username}"), "aws:username": one("pump-7")},
		nothing, opSpecial, "a value is not looked at again",
	},
	{
		0, allow("*", clientFilter), "iot:Subscribe", arn("topicfilter/my/pump-7/in"), client("pump-7"),
		allowed, iotBasic, "a filter with the client's id",
	},
	{
		0, allow("*", clientFilter), "iot:Subscribe", arn("topicfilter/my/+/in"), client("+"),
		nothing, iotBasic, "AWS warns that the client id + opens everybody's topics; here it does not",
	},
	{0, allow("*", clientFilter), "iot:Subscribe", arn("topicfilter/my/#/in"), client("#"), nothing, iotBasic, "… nor does #"},
	{
		0, allow("*", "*") + "," + deny("*", clientFilter), "iot:Subscribe", arn("topicfilter/my/+/in"), client("+"),
		denied, iotBasic, "a Deny still sees it",
	},
	{
		0, notResource("Allow", clientFilter), "iot:Subscribe", arn("topicfilter/my/+/in"), client("+"),
		nothing, iotBasic, "so does an exception from an Allow",
	},
	{
		0, allow("*", "*") + "," + notResource("Deny", clientFilter), "iot:Subscribe", arn("topicfilter/my/+/in"), client("+"),
		denied, iotBasic, "an exception from a Deny does not",
	},
	{0, allow("*", arn("client/${iot:ClientId}")), "iot:Connect", arn("client/+"), client("+"), allowed, iotOverlyWide, "elsewhere + is a character"},

	// Variables without a value.
	{
		0, allow("*", clientTopic), "iot:Publish", arn("topic/my//out"), nil,
		nothing, opNoValue, "a resource with a variable without a value matches nothing",
	},
	{0, allow("*", arn("topic/${iot:ClientId}*")), "iot:Publish", topicA, client(""), nothing, opNoValue, "an empty value is none"},
	{0, allow("*", clientTopic+"|"+topicA), "iot:Publish", topicA, nil, allowed, opNoValue, "the other resources of the statement are not affected"},
	{
		0, allow("*", "*") + "," + deny("*", clientTopic), "iot:Publish", arn("topic/my//out"), nil,
		allowed, opNoValue, "also a Deny does not match then",
	},
	{
		0, allow("*", "*") + "," + notResource("Deny", clientTopic), "iot:Publish", arn("topic/my/x/out"), nil,
		denied, opNoValue, "in NotResource it exempts nothing from a Deny",
	},
	{
		0, notResource("Allow", clientTopic), "iot:Publish", arn("topic/my/x/out"), nil,
		nothing, "IAM, Variables and tags, Note (the statement may be invalid)", "in NotResource of an Allow it grants nothing",
	},
	{
		0, notResource("Allow", clientTopic), "iot:Publish", topicA, nil,
		allowed, elNotResource, "… unless the resource could not be meant whatever the value",
	},
	{
		0, allow("*", clientTopic), "iot:Publish", arn("topic/my/a/out"),
		keys{"iot:ClientId": {"a", "b"}},
		nothing, opKeys, "a key with several values is no variable",
	},
	{0, allow("*", arn("topic/${iot:ClientId, 'none'}")), "iot:Publish", arn("topic/none"), nil, allowed, opDefault, "the default value"},
	{0, allow("*", arn("topic/${iot:ClientId, '*'}")), "iot:Publish", topicA, nil, nothing, opDefault, "… is literal text as well"},
	{0, allow("*", arn("topic/a${*}")), "iot:Publish", arn("topic/ab"), nil, nothing, opSpecial, "${*} is an asterisk"},
	{0, allow("*", arn("topic/${$}aws/x")), "iot:Publish", arn("topic/$aws/x"), nil, allowed, opSpecial, "${$} is a dollar sign"},
	{0, allow("*", arn("topic/$aws/x")), "iot:Publish", arn("topic/$aws/x"), nil, allowed, opSpecial, "a dollar sign alone is one anyway"},

	// The keys of IAM's page on variables.
	{
		0, allow("*", arn("thing/${aws:username}-*")), "iot:X", arn("thing/ana-1"),
		keys{"aws:username": one("ana")},
		allowed, varRequest, "aws:username",
	},
	{
		0, allow("*", arn("thing/${aws:username}-*")), "iot:X", arn("thing/bob-1"),
		keys{"aws:username": one("ana")},
		nothing, varRequest, "aws:username",
	},
	{0, allow("*", arn("thing/${aws:userid}")), "iot:X", arn("thing/AIDA"), keys{"aws:userid": one("AIDA")}, allowed, varRequest, "aws:userid"},
	{0, allow("*", arn("thing/${aws:userid}")), "iot:X", arn("thing/AIDB"), keys{"aws:userid": one("AIDA")}, nothing, varRequest, "aws:userid"},
	{
		0, onlyIf("StringEquals", "aws:PrincipalType", "AssumedRole"), "iot:X", "*",
		keys{"aws:PrincipalType": one("AssumedRole")},
		allowed, varRequest, "aws:PrincipalType",
	},
	{
		0, onlyIf("StringEquals", "aws:PrincipalType", "AssumedRole"), "iot:X", "*",
		keys{"aws:PrincipalType": one("User")},
		nothing, varRequest, "aws:PrincipalType",
	},
	{
		0, onlyIf("Bool", "aws:SecureTransport", "true"), "iot:X", "*",
		keys{"aws:SecureTransport": one("true")},
		allowed, varRequest, "aws:SecureTransport",
	},
	{
		0, onlyIf("Bool", "aws:SecureTransport", "true"), "iot:X", "*",
		keys{"aws:SecureTransport": one("false")},
		nothing, varRequest, "aws:SecureTransport",
	},
	{
		0, onlyIf("StringLike", "aws:UserAgent", "aws-cli/*"), "iot:X", "*",
		keys{"aws:UserAgent": one("aws-cli/2.9")},
		allowed, varRequest, "aws:UserAgent",
	},
	{0, onlyIf("StringLike", "aws:UserAgent", "aws-cli/*"), "iot:X", "*", keys{"aws:UserAgent": one("curl/8")}, nothing, varRequest, "aws:UserAgent"},
	{
		0, onlyIf("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"), "iot:X", "*",
		keys{"aws:CurrentTime": one("2026-05-01T12:00:00Z")},
		allowed, varRequest, "aws:CurrentTime",
	},
	{
		0, onlyIf("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"), "iot:X", "*",
		keys{"aws:CurrentTime": one("2030-01-01T00:00:00Z")},
		nothing, varRequest, "aws:CurrentTime",
	},
	{
		0, onlyIf("DateLessThan", "aws:EpochTime", "2030-01-01T00:00:00Z"), "iot:X", "*",
		keys{"aws:EpochTime": one("1777636800")},
		allowed, varRequest, "aws:EpochTime, with a date operator",
	},
	{
		0, onlyIf("NumericLessThan", "aws:EpochTime", "1777636800"), "iot:X", "*",
		keys{"aws:EpochTime": one("1777636800")},
		nothing, varRequest, "aws:EpochTime, as a number",
	},
	{
		0, onlyIf("Null", "aws:TokenIssueTime", "false"), "iot:X", "*",
		keys{"aws:TokenIssueTime": one("2026-05-01T12:00:00Z")},
		allowed, opNull, "aws:TokenIssueTime is there with temporary credentials only",
	},
	{
		0, onlyIf("Null", "aws:TokenIssueTime", "false"), "iot:X", "*", nil,
		nothing, opNull, "aws:TokenIssueTime is there with temporary credentials only",
	},

	// The credentials provider.
	{
		policy.IAM, allow("*", arn("thing/${credentials-iot:ThingName}")), "iotjobsdata:X", arn("thing/a"),
		keys{"credentials-iot:ThingName": one("a")},
		allowed, iotProvider, "role policies know the thing of the device",
	},
	{
		policy.IAM, allow("*", arn("thing/${credentials-iot:ThingName}")), "iotjobsdata:X", arn("thing/b"),
		keys{"credentials-iot:ThingName": one("a")},
		nothing, iotProvider, "role policies know the thing of the device",
	},
	{
		policy.IAM, allow("*", arn("thing/${credentials-iot:ThingName}")), "iotjobsdata:X", arn("thing/a"), nil,
		nothing, iotProvider, "… if the device named it in its request",
	},
	{
		policy.IoTCore, allow("*", arn("thing/${credentials-iot:ThingName}")), "iotjobsdata:X", arn("thing/a"),
		keys{"credentials-iot:ThingName": one("a")},
		nothing, iotProvider, "these variables work in IAM policies only",
	},
	{
		policy.IoTCore, onlyIf("StringEquals", "credentials-iot:ThingName", "a"), "iot:X", "*",
		keys{"credentials-iot:ThingName": one("a")},
		nothing, iotProvider, "… also as keys",
	},
	{
		policy.IAM, onlyIf("StringEquals", "credentials-iot:ThingTypeName", "pump"), "iot:X", "*",
		keys{"credentials-iot:ThingTypeName": one("pump")},
		allowed, iotProvider, "the type of that thing",
	},
	{
		policy.IAM, onlyIf("StringEquals", "credentials-iot:ThingTypeName", "pump"), "iot:X", "*",
		keys{"credentials-iot:ThingTypeName": one("fan")},
		nothing, iotProvider, "the type of that thing",
	},
	{
		policy.IAM, allow("*", arn("thing/${credentials-iot:AwsCertificateId}")), "iot:X", arn("thing/ab12"),
		keys{"credentials-iot:AwsCertificateId": one("ab12")},
		allowed, iotProvider, "the certificate's id is always there",
	},
	{
		policy.IAM, allow("*", arn("thing/${credentials-iot:AwsCertificateId}")), "iot:X", arn("thing/cd34"),
		keys{"credentials-iot:AwsCertificateId": one("ab12")},
		nothing, iotProvider, "the certificate's id is always there",
	},
}...)
