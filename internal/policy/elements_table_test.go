package policy_test

import "iotjobs/internal/policy"

const (
	elLogic       source = "IAM, Policy evaluation logic, Determining whether a request is allowed or denied within an account"
	elEffect      source = "IAM, JSON policy elements: Effect"
	elStatement   source = "IAM, JSON policy elements: Statement"
	elAction      source = "IAM, JSON policy elements: Action"
	elNotAction   source = "IAM, JSON policy elements: NotAction"
	elResource    source = "IAM, JSON policy elements: Resource"
	elNotResource source = "IAM, JSON policy elements: NotResource"
	elCondition   source = "IAM, JSON policy elements: Condition"
	elWildcards   source = "IAM, JSON policy elements: Resource, Using wildcards in resource ARNs"
	elIncomplete  source = "IAM, IAM identifiers, IAM ARNs, note on incomplete ARNs"
	iotWildcards  source = "IoT Core, Publish/Subscribe policy examples, Using wildcard characters in MQTT and AWS IoT Core policies"
	iotPolicies   source = "IoT Core, AWS IoT Core policies"
)

var (
	topicA = arn("topic/a")
	topicB = arn("topic/b")
)

var elementRows = []statementRow{
	{0, deny("iot:Connect", "*"), "iot:Publish", topicA, nil, nothing, elLogic, "what no statement allows is denied"},
	{0, allow("iot:Publish", topicA), "iot:Publish", topicA, nil, allowed, elLogic, "an explicit allow overrides that"},
	{0, allow("*", "*") + "," + deny("iot:Publish", topicA), "iot:Publish", topicA, nil, denied, elLogic, "an explicit deny overrides any allow"},
	{0, deny("iot:Publish", topicA) + "," + allow("*", "*"), "iot:Publish", topicA, nil, denied, elLogic, "… in whatever order"},
	{0, allow("*", "*") + "," + deny("iot:Publish", topicA), "iot:Publish", topicB, nil, allowed, elEffect, "a Deny concerns what it names only"},
	{0, allow("iot:Connect", "*") + "," + allow("iot:Publish", "*"), "iot:Publish", topicA, nil, allowed, elStatement, "statements add up"},
	{0, allow("iot:Publish", topicA), "iot:Publish", topicB, nil, nothing, iotPolicies, "IoT Core's policies: denied unless allowed"},

	{0, allow("iot:Publish", "*"), "iot:Subscribe", topicA, nil, nothing, elAction, "another action"},
	{0, allow("iot:Publish|iot:Receive", "*"), "iot:Receive", topicA, nil, allowed, elAction, "several actions"},
	{0, allow("IOT:publish", "*"), "iot:Publish", topicA, nil, allowed, elAction, "service and action are compared without regard to case"},
	{0, allow("iot:*", "*"), "iot:Publish", topicA, nil, allowed, elAction, "* for all actions of a service"},
	{0, allow("iot:*", "*"), "iotjobsdata:UpdateJobExecution", topicA, nil, nothing, elAction, "… and no other"},
	{0, allow("*", "*"), "iotjobsdata:UpdateJobExecution", topicA, nil, allowed, elAction, "* for all actions"},
	{0, allow("iotjobsdata:*JobExecution*", "*"), "iotjobsdata:GetPendingJobExecutions", topicA, nil, allowed, elAction, "* as part of a name"},
	{0, allow("iotjobsdata:Get*", "*"), "iotjobsdata:UpdateJobExecution", topicA, nil, nothing, elAction, "* as part of a name"},
	{0, allow("iot:DescribeJo?", "*"), "iot:DescribeJob", topicA, nil, allowed, elAction, "? for one character"},
	{0, allow("iot:DescribeJob?", "*"), "iot:DescribeJob", topicA, nil, nothing, elAction, "? for one character"},
	{0, statementJSON("Allow", "NotAction", "iot:Connect", "Resource", "*"), "iot:Publish", topicA, nil, allowed, elNotAction, "all but the listed"},
	{0, statementJSON("Allow", "NotAction", "iot:Connect", "Resource", "*"), "iot:Connect", topicA, nil, nothing, elNotAction, "the listed one"},
	{
		0, statementJSON("Allow", "NotAction", "iot:*", "Resource", topicA), "iotjobsdata:X", topicB, nil,
		nothing, elNotAction, "Resource limits its scope",
	},
	{
		0, allow("*", "*") + "," + statementJSON("Deny", "NotAction", "iot:*", "Resource", "*"), "iotjobsdata:X", topicA, nil,
		denied, elNotAction, "under Deny, all but the listed are denied",
	},
	{
		0, allow("*", "*") + "," + statementJSON("Deny", "NotAction", "iot:*", "Resource", "*"), "iot:X", topicA, nil,
		allowed, elNotAction, "under Deny, the listed stay",
	},
	{0, statementJSON("Allow", "NotAction", "iot:*", "Resource", "*"), "iot:X", topicA, nil, nothing, elNotAction, "not denied is not yet allowed"},

	{0, allow("*", topicA+"|"+topicB), "iot:Publish", topicB, nil, allowed, elResource, "several resources"},
	{0, allow("*", topicA), "iot:Publish", arn("topic/A"), nil, nothing, elResource, "resources are compared with regard to case"},
	{0, allow("*", topicA), "iot:Publish", arn("topic/ab"), nil, nothing, elResource, "the whole ARN is compared"},
	{0, allow("*", topicA), "iot:Publish", "arn:aws:iot:us-east-1:999999999999:topic/a", nil, nothing, elResource, "another account"},
	{0, allow("iot:ListThings", "*"), "iot:ListThings", "*", nil, allowed, elResource, "an action without resources wants *"},
	{0, allow("iot:ListThings", arn("*")), "iot:ListThings", "*", nil, nothing, elResource, "… and no ARN will do"},
	{0, statementJSON("Allow", "Action", "*", "NotResource", topicA), "iot:Publish", topicB, nil, allowed, elNotResource, "all but the listed"},
	{0, statementJSON("Allow", "Action", "*", "NotResource", topicA), "iot:Publish", topicA, nil, nothing, elNotResource, "the listed one"},
	{
		0, allow("*", "*") + "," + statementJSON("Deny", "Action", "*", "NotResource", topicA+"|"+topicB), "iot:X", arn("topic/c"), nil,
		denied, elNotResource, "under Deny, all but the listed are denied",
	},
	{
		0, allow("*", "*") + "," + statementJSON("Deny", "Action", "*", "NotResource", topicA+"|"+topicB), "iot:X", topicB, nil,
		allowed, elNotResource, "under Deny, the listed stay",
	},
	{0, statementJSON("Deny", "Action", "*", "NotResource", topicA), "iot:X", topicA, nil, nothing, elNotResource, "not denied is not yet allowed"},

	{
		0, `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"test:a": "1", "test:b": "2"}, "Bool": {"test:c": true}}}`,
		"iot:X", "*",
		keys{"test:a": one("1"), "test:b": one("2"), "test:c": one("true")},
		allowed, opMulti, "all operators and all keys hold",
	},
	{
		0, `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"test:a": "1", "test:b": "2"}, "Bool": {"test:c": true}}}`,
		"iot:X", "*",
		keys{"test:a": one("1"), "test:b": one("3"), "test:c": one("true")},
		nothing, opMulti, "one key of an operator does not",
	},
	{
		0, `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"test:a": "1", "test:b": "2"}, "Bool": {"test:c": true}}}`,
		"iot:X", "*",
		keys{"test:a": one("1"), "test:b": one("2"), "test:c": one("false")},
		nothing, opMulti, "one operator does not",
	},
	{
		0, `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"AWS:sourceIP": "192.0.2.1"}}}`,
		"iot:X", "*",
		keys{"aws:SourceIp": one("192.0.2.1")},
		allowed, elCondition, "names of keys are compared without regard to case",
	},
	{
		0, `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceIp": "X"}}}`,
		"iot:X", "*",
		keys{"aws:SourceIp": one("x")},
		nothing, elCondition, "their values as the operator says",
	},
	{
		0, `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}`, "iot:X", "*", nil,
		allowed, elCondition, "a condition block is optional, so an empty one asks nothing",
	},
}

var wildcardRows = []statementRow{
	{0, allow("*", arn("topic/a/*/test/*")), "iot:X", arn("topic/a/1/test/x"), nil, allowed, elWildcards, "* within a segment"},
	{0, allow("*", arn("topic/a/*/test/*")), "iot:X", arn("topic/a/1/2/test/3/x"), nil, allowed, elWildcards, "a slash is no border for it"},
	{0, allow("*", arn("topic/a/*/test/*")), "iot:X", arn("topic/a//test/"), nil, allowed, elWildcards, "it may match nothing"},
	{0, allow("*", arn("topic/a/*/test/*")), "iot:X", arn("topic/a/1-test/x"), nil, nothing, elWildcards, "what stands around it must be there"},
	{0, allow("*", arn("topic/a/*/test/*")), "iot:X", arn("topic/a/test/x"), nil, nothing, elWildcards, "what stands around it must be there"},
	{0, allow("*", arn("topic/a/*/test/*")), "iot:X", arn("topic/a/1/2/test.x"), nil, nothing, elWildcards, "what stands around it must be there"},
	{0, allow("*", arn("thing/pump-?")), "iot:X", arn("thing/pump-7"), nil, allowed, elWildcards, "? is any one character"},
	{0, allow("*", arn("thing/pump-?")), "iot:X", arn("thing/pump-77"), nil, nothing, elWildcards, "? is any one character"},
	{0, allow("*", arn("thing/pump-??")), "iot:X", arn("thing/pump-77"), nil, allowed, elWildcards, "several in a segment"},
	{0, allow("*", "arn:aws:iot:*:*:thing/pump"), "iot:X", arn("thing/pump"), nil, allowed, elWildcards, "in every segment"},
	{0, allow("*", "arn:aws:iot:us-*-1:123456789012:thing/pump"), "iot:X", arn("thing/pump"), nil, allowed, elWildcards, "inside a segment"},
	{
		0, allow("*", "arn:aws:iot:us-*t:123456789012:thing/x"), "iot:X", "arn:aws:iot:us-east-1:t:123456789012:thing/x", nil,
		nothing, elWildcards, "one that does not end its segment stays in it",
	},
	{0, allow("*", "arn:aws:iot:us-east-?:1:x"), "iot:X", "arn:aws:iot:us-east-::1:x", nil, nothing, elWildcards, "? stays in its segment"},
	{
		0, allow("*", "arn:aws:iot:*:thing/pump"), "iot:X", arn("thing/pump"), nil,
		allowed, elWildcards, "a * at the end of a segment may run over the next ones",
	},
	{
		0, allow("*", "arn:aws:iot:us-east-1:*"), "iot:X", arn("thing/pump"), nil,
		allowed, elWildcards, "a * at the end of a segment may run over the next ones",
	},
	{0, allow("*", "arn:aws:iot:*:thing/pump"), "iot:X", arn("thing/pump2"), nil, nothing, elWildcards, "… to what follows it"},
	{
		0, allow("*", arn("topic/a*c")), "iot:X", arn("topic/a:b:c"), nil,
		allowed, iotWildcards, "in a topic, * is any combination of characters, colons too",
	},
	{
		0, allow("*", arn("topic/some/?????/topic")), "iot:Publish", arn("topic/some/12345/topic"), nil,
		allowed, iotWildcards, "five ? for five characters",
	},
	{
		0, allow("*", arn("topic/some/?????/topic")), "iot:Publish", arn("topic/some/1234/topic"), nil,
		nothing, iotWildcards, "five ? for five characters",
	},
	{
		0, allow("*", arn("topicfilter/some/*/topic")), "iot:Subscribe", arn("topicfilter/some/string1/topic"), nil,
		allowed, iotWildcards, "* matches a level",
	},
	{
		0, allow("*", arn("topicfilter/some/*/topic")), "iot:Subscribe", arn("topicfilter/some/a/b/topic"), nil,
		allowed, iotWildcards, "* is not confined to one level, as MQTT's + is",
	},
	{0, allow("*", arn("topicfilter/some/+/topic")), "iot:Subscribe", arn("topicfilter/some/+/topic"), nil, allowed, iotWildcards, "+ is itself"},
	{0, allow("*", arn("topicfilter/some/+/topic")), "iot:Subscribe", arn("topicfilter/some/x/topic"), nil, nothing, iotWildcards, "+ is itself"},
	{0, allow("*", arn("topicfilter/some/#")), "iot:Subscribe", arn("topicfilter/some/#"), nil, allowed, iotWildcards, "# is itself"},
	{0, allow("*", arn("topicfilter/some/#")), "iot:Subscribe", arn("topicfilter/some/x"), nil, nothing, iotWildcards, "# is itself"},
	{
		0, allow("iot:Subscribe", arn("topicfilter/a/*")) + "," + deny("iot:Subscribe", arn("topicfilter/a/restricted/*")),
		"iot:Subscribe", arn("topicfilter/a/#"), nil, allowed, iotWildcards, "a Deny of topics under a filter does not catch the wider filter",
	},
	{
		0, statementJSON("Allow", "Action", "iot:Receive", "NotResource", arn("topic/a/restricted/*")),
		"iot:Receive", arn("topic/a/restricted/x"), nil, nothing, iotWildcards, "… so what arrives is limited with iot:Receive",
	},
	{0, allow("*", "arn:aws:iot"), "iot:X", arn("thing/pump"), nil, allowed, elIncomplete, "missing segments are wildcards"},
	{0, allow("*", "arn:aws:iot:us-east-1"), "iot:X", arn("thing/pump"), nil, allowed, elIncomplete, "missing segments are wildcards"},
	{0, allow("*", "arn:aws:iot:us-west-2"), "iot:X", arn("thing/pump"), nil, nothing, elIncomplete, "… the others count"},
	{0, allow("*", "arn:aws:s3"), "iot:X", arn("thing/pump"), nil, nothing, elIncomplete, "… the others count"},
}

var actionRows = []statementRow{
	{
		0, allow("iot:Connect", arn("client/pump-7")), "iot:Connect", arn("client/pump-7"), nil,
		allowed, iotResources, "iot:Connect: client/ and the client id",
	},
	{0, allow("iot:Connect", arn("client/pump-7")), "iot:Connect", arn("client/pump-8"), nil, nothing, iotResources, "another client id"},
	{
		0, allow("iot:Publish", arn("topic/$aws/things/pump-7/jobs/*")), "iot:Publish", arn("topic/$aws/things/pump-7/jobs/get"), nil,
		allowed, iotResources, "iot:Publish: topic/ and the topic",
	},
	{
		0, allow("iot:Publish", arn("topic/$aws/things/pump-7/jobs/*")), "iot:Publish", arn("topic/$aws/things/pump-8/jobs/get"), nil,
		nothing, iotResources, "another thing's topic",
	},
	{
		0, allow("iot:Receive", arn("topic/$aws/things/pump-7/jobs/*")), "iot:Receive", arn("topic/$aws/things/pump-7/jobs/notify"), nil,
		allowed, iotResources, "iot:Receive: topic/ and the topic",
	},
	{0, allow("iot:Receive", arn("topic/a")), "iot:Publish", topicA, nil, nothing, iotActions, "to receive is not to publish"},
	{
		0, allow("iot:Subscribe", arn("topicfilter/$aws/things/pump-7/jobs/*")), "iot:Subscribe", arn("topicfilter/$aws/things/pump-7/jobs/notify"), nil,
		allowed, iotResources, "iot:Subscribe: topicfilter/ and the filter",
	},
	{0, allow("iot:Subscribe", arn("topic/a")), "iot:Subscribe", arn("topicfilter/a"), nil, nothing, iotResources, "… not topic/"},
	{
		0, allow("iot:AssumeRoleWithCertificate", arn("rolealias/r")), "iot:AssumeRoleWithCertificate", arn("rolealias/r"), nil,
		allowed, iotResources, "iot:AssumeRoleWithCertificate: rolealias/",
	},
	{
		0, allow("iot:AssumeRoleWithCertificate", arn("rolealias/r")), "iot:AssumeRoleWithCertificate", arn("rolealias/s"), nil,
		nothing, iotResources, "another alias",
	},
	{
		0, allow("iotjobsdata:DescribeJobExecution", arn("thing/pump-7")), "iotjobsdata:DescribeJobExecution", arn("thing/pump-7"), nil,
		allowed, iotResources, "the job actions over HTTP: thing/ and its name",
	},
	{
		0, allow("iotjobsdata:DescribeJobExecution", arn("thing/pump-7")), "iotjobsdata:DescribeJobExecution", arn("thing/pump-8"), nil,
		nothing, iotResources, "another thing",
	},
	{
		0, allow("iotjobsdata:GetPendingJobExecutions", arn("thing/pump-7")), "iotjobsdata:GetPendingJobExecutions", arn("thing/pump-7"), nil,
		allowed, iotResources, "the job actions over HTTP",
	},
	{
		0, allow("iotjobsdata:StartNextPendingJobExecution", arn("thing/pump-7")), "iotjobsdata:StartNextPendingJobExecution", arn("thing/pump-7"), nil,
		allowed, iotResources, "the job actions over HTTP",
	},
	{
		0, allow("iotjobsdata:UpdateJobExecution", arn("thing/pump-7")), "iotjobsdata:UpdateJobExecution", arn("thing/pump-7"), nil,
		allowed, iotResources, "the job actions over HTTP",
	},
	{
		0, allow("iot:UpdateJobExecution", arn("thing/pump-7")), "iotjobsdata:UpdateJobExecution", arn("thing/pump-7"), nil,
		nothing, iotActions, "the prefix counts (HTTP-8.7)",
	},
	{
		0, allow("iot:Publish|iot:RetainPublish", arn("topic/a")), "iot:RetainPublish", topicA, nil,
		allowed, iotActions, "iot:RetainPublish: to publish with the retain flag, beside iot:Publish",
	},
	{0, allow("iot:Publish", arn("topic/a")), "iot:RetainPublish", topicA, nil, nothing, iotActions, "… which does not include it"},
	{
		policy.IAM, allow("iot:CreateJob", arn("job/*")+"|"+arn("thinggroup/g")), "iot:CreateJob", arn("job/j"), nil,
		allowed, iotControl, "the control plane's actions have the prefix iot:",
	},
	{
		policy.IAM, allow("iot:CreateJob", arn("job/*")), "iot:CreateJob", arn("thinggroup/g"), nil,
		nothing, iotControl, "… and a resource for each thing they touch",
	},
}

const (
	iotActions   source = "IoT Core, AWS IoT Core policy actions"
	iotResources source = "IoT Core, AWS IoT Core action resources"
	iotControl   source = "IoT Core, Authorizing users and cloud services to use AWS IoT Jobs, IAM policies on the control plane"
)
