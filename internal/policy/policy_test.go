package policy_test

import (
	"testing"

	"iotjobs/internal/policy"
)

// The statement that decided is named, with the policy it stands in.
func TestDecisionNamesTheStatement(t *testing.T) {
	sid := func(sid, effect, action string) string {
		return `{"Sid": "` + sid + `", "Effect": "` + effect + `", "Action": "` + action + `", "Resource": "*"}`
	}
	policies := []policy.Named{
		{Name: "first", Document: mustParse(t, policyOf(allow("iot:Connect", "*")+","+sid("Talk", "Allow", "iot:*")), policy.IoTCore)},
		{Name: "second", Document: mustParse(t, policyOf(allow("*", "*")+","+sid("Quiet", "Deny", "iot:Publish")+","+deny("iot:Publish", "*")), policy.IoTCore)},
	}
	for action, want := range map[string]struct {
		decision policy.Decision
		reason   string
	}{
		"iot:Connect": {
			policy.Decision{Allowed: true, Statement: policy.StatementRef{Policy: "first"}}, `allowed by Statement[0] of policy "first"`,
		},
		"iot:Subscribe": {
			policy.Decision{Allowed: true, Statement: policy.StatementRef{Policy: "first", Index: 1, Sid: "Talk"}},
			`allowed by Statement[1] (Sid "Talk") of policy "first"`,
		},
		"iotjobsdata:X": {
			policy.Decision{Allowed: true, Statement: policy.StatementRef{Policy: "second"}}, `allowed by Statement[0] of policy "second"`,
		},
		"iot:Publish": {
			policy.Decision{ExplicitDeny: true, Statement: policy.StatementRef{Policy: "second", Index: 1, Sid: "Quiet"}},
			`denied by Statement[1] (Sid "Quiet") of policy "second"`,
		},
	} {
		got := policy.Evaluate(policies, policy.Request{Action: action, Resource: "*"})
		if got != want.decision || got.Reason() != want.reason {
			t.Errorf("%s: got %+v (%s), want %+v (%s)", action, got, got.Reason(), want.decision, want.reason)
		}
	}
	none := policy.Evaluate(policies[:1], policy.Request{Action: "s3:GetObject", Resource: "*"})
	if none != (policy.Decision{}) || none.Reason() != "no statement allows it" {
		t.Errorf("got %+v (%s), want the zero decision", none, none.Reason())
	}
	if d := policy.Evaluate(nil, policy.Request{Action: "iot:Connect", Resource: "*"}); d.Allowed {
		t.Errorf("without policies: %+v", d)
	}
}

func TestContextKey(t *testing.T) {
	for name, want := range map[string]string{
		"aws:SourceIp": "aws:sourceip",
		"IOT:Connection.Thing.Attributes[Model.X]": "iot:connection.thing.attributes[Model.X]",
		"aws:PrincipalTag/Team":                    "aws:principaltag/team",
		"":                                         "",
	} {
		if got := policy.ContextKey(name); got != want {
			t.Errorf("ContextKey(%q) = %q, want %q", name, got, want)
		}
	}
}

// The hot path costs nothing to the garbage collector.
func TestEvaluateDoesNotAllocate(t *testing.T) {
	device := device{"pump-7"}
	policies := attach(t, devicePolicy, policy.IoTCore)
	request := policy.Request{Action: "iotjobsdata:UpdateJobExecution", Resource: arn("thing/pump-7"), Context: device.values}
	if allocations := testing.AllocsPerRun(100, func() { policy.Evaluate(policies, request) }); allocations > 0 {
		t.Errorf("Evaluate allocates %v times", allocations)
	}
}
