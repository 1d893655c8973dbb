package wire

import (
	"strings"

	"iotjobs/internal/registry"
)

// TestAuthorizationReply answers TestAuthorization.
type TestAuthorizationReply struct {
	AuthResults []authResult `json:"authResults"`
}

type authResult struct {
	AuthInfo             authInfo              `json:"authInfo"`
	Allowed              authPolicies          `json:"allowed"`
	Denied               authDenied            `json:"denied"`
	AuthDecision         registry.AuthDecision `json:"authDecision"`
	MissingContextValues []string              `json:"missingContextValues"`
}

type authInfo struct {
	ActionType string   `json:"actionType"`
	Resources  []string `json:"resources"`
}

type authDenied struct {
	ImplicitDeny authPolicies `json:"implicitDeny"`
	ExplicitDeny authPolicies `json:"explicitDeny"`
}

type authPolicies struct {
	Policies []policyEntry `json:"policies"`
}

// EffectivePoliciesReply answers GetEffectivePolicies.
type EffectivePoliciesReply struct {
	EffectivePolicies []effectivePolicy `json:"effectivePolicies"`
}

type effectivePolicy struct {
	PolicyName     registry.PolicyName `json:"policyName"`
	PolicyARN      string              `json:"policyArn"`
	PolicyDocument string              `json:"policyDocument"`
}

// TestedAuthorization renders the answer of TestAuthorization.
func (r Realm) TestedAuthorization(answers []registry.AuthorizationAnswer) TestAuthorizationReply {
	reply := TestAuthorizationReply{AuthResults: make([]authResult, len(answers))}
	for i, a := range answers {
		reply.AuthResults[i] = authResult{
			AuthInfo: authInfo{ActionType: actionType(a.Asked.Action), Resources: a.Asked.Resources},
			Allowed:  authPolicies{r.policyEntries(a.Allow)},
			Denied: authDenied{
				ImplicitDeny: authPolicies{r.policyEntries(a.NoMatch)},
				ExplicitDeny: authPolicies{r.policyEntries(a.Deny)},
			},
			AuthDecision:         a.Decision,
			MissingContextValues: orNone(a.MissingContext),
		}
	}
	return reply
}

// EffectivePolicies renders the answer of GetEffectivePolicies.
func (r Realm) EffectivePolicies(policies []registry.EffectivePolicy) EffectivePoliciesReply {
	reply := EffectivePoliciesReply{EffectivePolicies: make([]effectivePolicy, len(policies))}
	for i, p := range policies {
		reply.EffectivePolicies[i] = effectivePolicy{PolicyName: p.Name, PolicyARN: r.PolicyARN(p.Name), PolicyDocument: p.Document}
	}
	return reply
}

// TestAuthorizationRequest is the body of TestAuthorization.
type TestAuthorizationRequest struct {
	Principal string // an ARN; empty if there is none
	Asked     []registry.AuthorizationQuestion
	Add, Skip []registry.PolicyName
}

// Limits of one request. Those of resources and of policies are the product's: AWS's model has none.
const (
	maxAuthInfos     = 10
	maxAuthResources = 100
	maxAuthPolicies  = 100
)

// TestAuthorization reads a body.
func (r *Reader) TestAuthorization() TestAuthorizationRequest {
	var t TestAuthorizationRequest
	t.Principal, _ = r.String("principal")
	r.Require("authInfos")
	r.Count("authInfos", 1, maxAuthInfos)
	for _, info := range r.Objects("authInfos") {
		var asked registry.AuthorizationQuestion
		kind := info.RequiredString("actionType", OneOf("PUBLISH", "SUBSCRIBE", "RECEIVE", "CONNECT"))
		asked.Action = mqttActions[kind]
		info.Require("resources")
		info.Count("resources", 1, maxAuthResources)
		asked.Resources = info.Strings("resources", MaxLen(2048))
		t.Asked = append(t.Asked, asked)
	}
	t.Add, t.Skip = r.policyNames("policyNamesToAdd"), r.policyNames("policyNamesToSkip")
	return t
}

// mqttActions are the actions of policies by what TestAuthorization calls them.
var mqttActions = map[string]string{"PUBLISH": "iot:Publish", "SUBSCRIBE": "iot:Subscribe", "RECEIVE": "iot:Receive", "CONNECT": "iot:Connect"}

// actionType is an action as TestAuthorization calls it.
func actionType(action string) string {
	return strings.ToUpper(strings.TrimPrefix(action, "iot:"))
}

func (r *Reader) policyNames(member string) (names []registry.PolicyName) {
	r.Count(member, 0, maxAuthPolicies)
	for _, name := range r.Strings(member, policyNameRules...) {
		names = append(names, registry.PolicyName(name))
	}
	return names
}

// GetEffectivePolicies reads the body of GetEffectivePolicies: the ARN of a principal, empty if there is none.
func (r *Reader) GetEffectivePolicies() (principal string) {
	principal, _ = r.String("principal")
	return principal
}
