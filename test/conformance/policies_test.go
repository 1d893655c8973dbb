package conformance_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestPolicies(t *testing.T) { play(t, policyCases) }

const policyPattern = `satisfy regular expression pattern: [\w+=,.@-]+`

// attached has policies attached to a target.
func attached(target any, names ...string) (steps []Step) {
	for _, name := range names {
		steps = append(steps, control("AttachPolicy", Members{"policyName": name, "target": target}))
	}
	return steps
}

// numbered are names such as p-1 to p-10.
func numbered(prefix string, n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%s-%d", prefix, i+1))
	}
	return names
}

func named(names ...string) (policies List) {
	policies = List{}
	for _, name := range names {
		policies = append(policies, exactly{"policyName": name, "policyArn": policyARN(name)})
	}
	return policies
}

// malformed are documents and the words in which the place and the fault are told (CTRL-3.5.27).
var malformed = []struct{ document, place string }{
	{`{"Version":"2012-10-17"`, "unexpected end of JSON input"},
	{`{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}`, `line 1, column 25: the member "Version" stands here twice`},
	{`{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}`, `Statement[0], line 1, column 33: the member "Effect" stands here twice`},
	{`{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}`, "Statement[0].Effect, line 1, column"},
	{`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}`, "Statement[0].Principal, line 1, column"},
	{"{\"Statement\":\n  [{\"Effect\":\"Allow\",\"Action\":\"publish\",\"Resource\":\"*\"}]}", "Statement[0].Action, line 2, column"},
	{`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringSame":{"aws:SourceIp":"1"}}}]}`, "Statement[0].Condition.StringSame, line 1, column"},
}

func malformedSteps() (steps []Step) {
	for i, m := range malformed {
		step := control("CreatePolicy", Members{"policyName": "own", "policyDocument": m.document}).
			fails(400, "MalformedPolicyException", containing("Policy document is malformed", m.place))
		if i != 1 { // the AWS CLI plays one
			step = step.sdks()
		}
		steps = append(steps, step)
	}
	return steps
}

var policyCases = []Case{
	{
		Name: "a policy has versions, one of them in force",
		Steps: []Step{
			control("CreatePolicy", Members{"policyName": "own", "policyDocument": ownThing}).
				gives(exactly{"policyName": "own", "policyArn": policyARN("own"), "policyDocument": ownThing, "policyVersionId": "1"}),
			control("GetPolicy", Members{"policyName": "own"}).
				gives(exactly{
					"policyName": "own", "policyArn": policyARN("own"), "policyDocument": ownThing, "defaultVersionId": "1",
					"creationDate": today, "lastModifiedDate": today, "generationId": some,
				}),
			control("CreatePolicyVersion", Members{"policyName": "own", "policyDocument": allowEverything, "setAsDefault": true}).
				gives(exactly{"policyArn": policyARN("own"), "policyDocument": allowEverything, "policyVersionId": "2", "isDefaultVersion": true}),
			control("GetPolicyVersion", Members{"policyName": "own", "policyVersionId": "1"}).
				gives(exactly{
					"policyName": "own", "policyArn": policyARN("own"), "policyDocument": ownThing, "policyVersionId": "1", "isDefaultVersion": false,
					"creationDate": today, "lastModifiedDate": today, "generationId": some,
				}),
			control("ListPolicyVersions", Members{"policyName": "own"}).
				gives(exactly{"policyVersions": inAnyOrder(List{
					exactly{"versionId": "1", "isDefaultVersion": false, "createDate": today}, exactly{"versionId": "2", "isDefaultVersion": true, "createDate": today},
				})}),
			control("DeletePolicyVersion", Members{"policyName": "own", "policyVersionId": "2"}).
				fails(409, "DeleteConflictException", containing("default version")),
			control("SetDefaultPolicyVersion", Members{"policyName": "own", "policyVersionId": "1"}).gives(exactly{}),
			control("GetPolicy", Members{"policyName": "own"}).sdks().gives(Members{"policyDocument": ownThing, "defaultVersionId": "1"}),
			control("DeletePolicy", Members{"policyName": "own"}).
				fails(409, "DeleteConflictException", containing("versions")),
			control("DeletePolicyVersion", Members{"policyName": "own", "policyVersionId": "2"}).gives(exactly{}),
			control("ListPolicies", Members{}).gives(exactly{"policies": named("own")}),
			control("DeletePolicy", Members{"policyName": "own"}).gives(exactly{}),
			control("GetPolicy", Members{"policyName": "own"}).sdks().fails(404, "ResourceNotFoundException", containing("own")),
		},
	},
	{
		Name:  "a policy has at most five versions, and is created once",
		Given: given(policyNamed("own"), moreVersions("own", 4)),
		Steps: []Step{
			control("CreatePolicyVersion", Members{"policyName": "own", "policyDocument": ownThing}).
				fails(409, "VersionsLimitExceededException", containing("own", "5")),
			control("DeletePolicyVersion", Members{"policyName": "own", "policyVersionId": "3"}).sdks(),
			control("CreatePolicyVersion", Members{"policyName": "own", "policyDocument": ownThing}).sdks().
				gives(Members{"policyVersionId": "6", "isDefaultVersion": false}),
			control("CreatePolicy", Members{"policyName": "own", "policyDocument": ownThing}).
				fails(409, "ResourceAlreadyExistsException", nil).
				naming(Members{"resourceId": "own", "resourceArn": policyARN("own")}),
		},
	},
	{
		Name:  "a malformed document is refused with the place",
		Given: policyNamed("there"),
		Steps: given(malformedSteps(), []Step{
			control("CreatePolicyVersion", Members{"policyName": "there", "policyDocument": malformed[0].document}).sdks().
				fails(400, "MalformedPolicyException", containing(malformed[0].place)),
			control("CreatePolicy", Members{"policyName": "own", "policyDocument": longDocument}).sdks().
				fails(400, "MalformedPolicyException", containing("2048")),
			control("ListPolicies", Members{}).sdks().gives(exactly{"policies": named("there")}),
		}),
	},
	{
		Name:    "policies are listed by age, page by page",
		Clients: sdks(),
		Given:   policyNamed("a", "b", "c"),
		Steps: []Step{
			control("ListPolicies", Members{}).gives(exactly{"policies": named("c", "b", "a")}),
			control("ListPolicies", Members{"pageSize": 2, "ascendingOrder": true}).
				gives(exactly{"policies": named("a", "b"), "nextMarker": some}).keeps("rest", "nextMarker"),
			control("ListPolicies", Members{"pageSize": 2, "ascendingOrder": true, "marker": Kept("rest")}).gives(exactly{"policies": named("c")}),
		},
	},
	{
		Name:  "policies are attached to certificates and groups, and groups hand them on",
		Given: given(policyNamed("mine", "ours", "all"), issued(), group("site"), subgroup("hall", "site")),
		Steps: []Step{
			control("AttachPolicy", Members{"policyName": "mine", "target": Kept("arn")}).gives(exactly{}),
			control("AttachPolicy", Members{"policyName": "ours", "target": groupARN("hall")}).gives(exactly{}),
			control("AttachPolicy", Members{"policyName": "all", "target": groupARN("site")}).gives(exactly{}),
			control("ListAttachedPolicies", Members{"target": Kept("arn")}).gives(exactly{"policies": named("mine")}),
			control("ListAttachedPolicies", Members{"target": groupARN("hall")}).sdks().gives(exactly{"policies": named("ours")}),
			control("ListAttachedPolicies", Members{"target": groupARN("hall"), "recursive": true}).sdks().
				gives(exactly{"policies": inAnyOrder(named("ours", "all"))}),
			control("ListTargetsForPolicy", Members{"policyName": "ours"}).gives(exactly{"targets": List{groupARN("hall")}}),
			control("DeletePolicy", Members{"policyName": "ours"}).sdks().fails(409, "DeleteConflictException", containing("attached")),
			control("DetachPolicy", Members{"policyName": "ours", "target": groupARN("hall")}).gives(exactly{}),
			control("DetachPolicy", Members{"policyName": "ours", "target": groupARN("hall")}).sdks().gives(exactly{}), // it is attached no more
			control("ListTargetsForPolicy", Members{"policyName": "ours"}).sdks().gives(exactly{"targets": List{}}),
			control("DeletePolicy", Members{"policyName": "ours"}).sdks().gives(exactly{}),
		},
	},
	{
		Name:  "the older calls for certificates do the same",
		Given: given(policyNamed("mine"), issued()),
		Steps: []Step{
			control("AttachPrincipalPolicy", Members{"policyName": "mine", "principal": Kept("arn")}).gives(exactly{}),
			control("ListPrincipalPolicies", Members{"principal": Kept("arn")}).gives(exactly{"policies": named("mine")}),
			control("ListPolicyPrincipals", Members{"policyName": "mine"}).gives(exactly{"principals": List{Kept("arn")}}),
			control("ListAttachedPolicies", Members{"target": Kept("arn")}).sdks().gives(exactly{"policies": named("mine")}),
			control("DetachPrincipalPolicy", Members{"policyName": "mine", "principal": Kept("arn")}).gives(exactly{}),
			control("ListPrincipalPolicies", Members{"principal": Kept("arn")}).sdks().gives(exactly{"policies": List{}}),
		},
	},
	{
		Name:  "a certificate has at most ten policies",
		Given: given(policyNamed(numbered("p", 11)...), issued(), attached(Kept("arn"), numbered("p", 10)...)),
		Steps: []Step{
			control("AttachPolicy", Members{"policyName": "p-11", "target": Kept("arn")}).sdks().fails(410, "LimitExceededException", containing("10")),
			control("AttachPrincipalPolicy", Members{"policyName": "p-11", "principal": Kept("arn")}).sdks().fails(410, "LimitExceededException", containing("10")),
			control("AttachPolicy", Members{"policyName": "p-10", "target": Kept("arn")}).gives(exactly{}), // again
		},
	},
	{
		Name: "malformed requests on policies",
		Steps: given(
			spoiled("CreatePolicy", Members{"policyDocument": allowEverything}), spoiled("GetPolicy", nil), spoiled("DeletePolicy", nil),
			spoiled("CreatePolicyVersion", Members{"policyDocument": allowEverything}), spoiled("GetPolicyVersion", Members{"policyVersionId": "1"}),
			spoiled("ListPolicyVersions", nil), spoiled("SetDefaultPolicyVersion", Members{"policyVersionId": "1"}),
			spoiled("DeletePolicyVersion", Members{"policyVersionId": "1"}), spoiled("AttachPolicy", Members{"target": foreignARN}),
			spoiled("DetachPolicy", Members{"target": foreignARN}), spoiled("ListTargetsForPolicy", nil), spoiled("ListPolicyPrincipals", nil),
			spoiled("AttachPrincipalPolicy", Members{"principal": foreignARN}), spoiled("DetachPrincipalPolicy", Members{"principal": foreignARN}),
			[]Step{
				control("ListPolicies", Members{"pageSize": 251}).sdks().fails(400, "InvalidRequestException", oneViolation("251", "pageSize", pagePattern)),
				control("ListAttachedPolicies", Members{"target": "nobody"}).sdks().fails(400, "InvalidRequestException", containing("nobody")),
				control("ListPrincipalPolicies", Members{"principal": foreignARN, "pageSize": 251}).sdks().
					fails(400, "InvalidRequestException", oneViolation("251", "pageSize", pagePattern)),
			},
		),
	},
	{
		Name:    "policies and targets that are not there",
		Clients: sdks(),
		Given:   given(policyNamed("own"), issued()),
		Steps: []Step{
			control("CreatePolicyVersion", Members{"policyName": "none", "policyDocument": allowEverything}).fails(404, "ResourceNotFoundException", containing("none")),
			control("GetPolicyVersion", Members{"policyName": "own", "policyVersionId": "9"}).fails(404, "ResourceNotFoundException", containing("9")),
			control("ListPolicyVersions", Members{"policyName": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("SetDefaultPolicyVersion", Members{"policyName": "own", "policyVersionId": "9"}).fails(404, "ResourceNotFoundException", containing("9")),
			control("DeletePolicyVersion", Members{"policyName": "own", "policyVersionId": "9"}).fails(404, "ResourceNotFoundException", containing("9")),
			control("DeletePolicy", Members{"policyName": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("AttachPolicy", Members{"policyName": "none", "target": Kept("arn")}).fails(404, "ResourceNotFoundException", containing("none")),
			control("AttachPolicy", Members{"policyName": "own", "target": certARN(noID)}).fails(404, "ResourceNotFoundException", containing(noID)),
			control("AttachPolicy", Members{"policyName": "own", "target": groupARN("none")}).fails(404, "ResourceNotFoundException", containing("none")),
			control("ListAttachedPolicies", Members{"target": certARN(noID)}).fails(404, "ResourceNotFoundException", containing(noID)),
			control("ListTargetsForPolicy", Members{"policyName": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("AttachPrincipalPolicy", Members{"policyName": "none", "principal": Kept("arn")}).fails(404, "ResourceNotFoundException", containing("none")),
			control("DetachPrincipalPolicy", Members{"policyName": "none", "principal": Kept("arn")}).fails(404, "ResourceNotFoundException", containing("none")),
			control("ListPolicyPrincipals", Members{"policyName": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("ListPrincipalPolicies", Members{"principal": certARN(noID)}).fails(404, "ResourceNotFoundException", containing(noID)),
		},
	},
}

// longDocument has one character more than a policy may have, beside white space.
var longDocument = func() string {
	head, tail := `{"Statement":[{"Sid":"`, `","Effect":"Allow","Action":"*","Resource":"*"}]}`
	return head + strings.Repeat("x", 2049-len(head)-len(tail)) + tail
}()

func moreVersions(name string, n int) (steps []Step) {
	for range n {
		steps = append(steps, control("CreatePolicyVersion", Members{"policyName": name, "policyDocument": denyPublish}))
	}
	return steps
}

func subgroup(name, parent string) []Step {
	return []Step{control("CreateThingGroup", Members{"thingGroupName": name, "parentGroupName": parent})}
}

// spoiled calls an operation with a name that no policy can have.
func spoiled(operation string, more Members) []Step {
	input := Members{"policyName": "a b"}
	maps.Copy(input, more)
	return []Step{control(operation, input).sdks().fails(400, "InvalidRequestException", containing("'policyName'", policyPattern))}
}
