package conformance_test

import (
	"testing"
)

func TestAuthorizations(t *testing.T) { play(t, authorizationCases) }

const (
	iotARN      = "arn:aws:iot:" + region + ":" + account + ":"
	actionTypes = "satisfy enum value set: [PUBLISH, SUBSCRIBE, RECEIVE, CONNECT]"
)

// asked is one question of TestAuthorization.
func asked(action string, resources ...string) Members {
	list := make(List, len(resources))
	for i, resource := range resources {
		list[i] = iotARN + resource
	}
	return Members{"actionType": action, "resources": list}
}

func answered(question Members, decision string, allow, implicit, explicit List) exactly {
	return exactly{
		"authInfo":     exactly{"actionType": question["actionType"], "resources": question["resources"]},
		"authDecision": decision, "allowed": exactly{"policies": allow},
		"denied":               exactly{"implicitDeny": exactly{"policies": implicit}, "explicitDeny": exactly{"policies": explicit}},
		"missingContextValues": List{},
	}
}

var authorizationCases = []Case{
	{
		Name: "what a device may do is told without a call",
		Given: given(things("lamp"), issued(), []Step{
			control("CreatePolicy", Members{"policyName": "own", "policyDocument": ownThing}),
			control("CreatePolicy", Members{"policyName": "quiet", "policyDocument": denyPublish}),
			control("AttachThingPrincipal", Members{"thingName": "lamp", "principal": Kept("arn")}),
		}, attached(Kept("arn"), "own")),
		Steps: []Step{
			control("TestAuthorization", Members{
				"principal": Kept("arn"), "clientId": "lamp",
				"authInfos": List{asked("CONNECT", "client/lamp"), asked("CONNECT", "client/door"), asked("PUBLISH", "topic/a")},
			}).gives(exactly{"authResults": List{
				answered(asked("CONNECT", "client/lamp"), "ALLOWED", named("own"), List{}, List{}),
				answered(asked("CONNECT", "client/door"), "IMPLICIT_DENY", List{}, named("own"), List{}),
				answered(asked("PUBLISH", "topic/a"), "IMPLICIT_DENY", List{}, named("own"), List{}),
			}}),
			control("TestAuthorization", Members{
				"principal": Kept("arn"), "clientId": "lamp", "authInfos": List{asked("PUBLISH", "topic/a")},
				"policyNamesToAdd": List{"quiet"}, "policyNamesToSkip": List{"own"},
			}).sdks().gives(exactly{"authResults": List{answered(asked("PUBLISH", "topic/a"), "EXPLICIT_DENY", List{}, List{}, named("quiet"))}}),
			control("TestAuthorization", Members{"principal": Kept("arn"), "authInfos": List{asked("CONNECT", "client/lamp")}}).sdks().
				gives(exactly{"authResults": List{Members{"authDecision": "IMPLICIT_DENY", "missingContextValues": List{"iot:Connection.Thing.ThingName"}}}}),

			control("TestAuthorization", Members{"authInfos": List{asked("READ", "topic/a")}}).sdks().
				fails(400, "InvalidRequestException", oneViolation("READ", "authInfos.1.member.actionType", actionTypes)),
			control("TestAuthorization", Members{"principal": certARN(noID), "authInfos": List{asked("CONNECT", "client/lamp")}}).sdks().
				fails(404, "ResourceNotFoundException", containing(noID)),
			control("TestAuthorization", Members{"principal": Kept("arn"), "authInfos": List{asked("CONNECT", "client/lamp")}, "policyNamesToAdd": List{"none"}}).sdks().
				fails(404, "ResourceNotFoundException", containing("none")),
		},
	},
	{
		Name: "the policies in force are those of the certificate, of the thing's groups and of the groups above",
		Given: given(
			things("lamp"), issued(), group("site"), subgroup("hall", "site"), group("elsewhere"), policyNamed("all", "ours", "mine", "theirs"),
			attached(Kept("arn"), "mine"), attached(groupARN("hall"), "ours"), attached(groupARN("site"), "all"), attached(groupARN("elsewhere"), "theirs"), []Step{
				control("AttachThingPrincipal", Members{"thingName": "lamp", "principal": Kept("arn")}),
				control("AddThingToThingGroup", Members{"thingGroupName": "hall", "thingName": "lamp"}),
			},
		),
		Steps: []Step{
			control("GetEffectivePolicies", Members{"principal": Kept("arn"), "thingName": "lamp"}).
				gives(exactly{"effectivePolicies": List{inForce("all"), inForce("mine"), inForce("ours")}}),
			control("GetEffectivePolicies", Members{"principal": Kept("arn")}).sdks().gives(exactly{"effectivePolicies": List{inForce("mine")}}),
			control("GetEffectivePolicies", Members{"thingName": "lamp"}).sdks().gives(exactly{"effectivePolicies": List{inForce("all"), inForce("ours")}}),
			control("GetEffectivePolicies", Members{"principal": groupARN("site")}).sdks().gives(exactly{"effectivePolicies": List{inForce("all")}}),
			control("GetEffectivePolicies", Members{}).sdks().fails(400, "InvalidRequestException", "Either principal or thingName must be specified."),
			control("GetEffectivePolicies", Members{"thingName": "door"}).sdks().fails(404, "ResourceNotFoundException", containing("door")),
			control("GetEffectivePolicies", Members{"principal": certARN(noID)}).sdks().fails(404, "ResourceNotFoundException", containing(noID)),
		},
	},
}

func inForce(name string) exactly {
	return exactly{"policyName": name, "policyArn": policyARN(name), "policyDocument": allowEverything}
}
