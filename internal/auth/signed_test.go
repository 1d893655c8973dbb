package auth_test

import (
	"net/netip"
	"testing"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
)

// signedBy is what IAM policies know of a request of ana's.
func signedBy(document string) (auth.Authority, error) {
	parsed, err := policy.Parse([]byte(document), policy.IAM)
	if err != nil {
		return auth.Authority{}, err
	}
	signed := &auth.Signed{
		Account: "123456789012", Region: "us-east-1", Now: func() time.Time { return realNow },
		ARN: func(who auth.Principal) string { return "arn:aws:iam::123456789012:user/" + string(who.User.Name) },
	}
	return auth.Authority{Policies: []policy.Named{{Name: "p", Document: parsed}}, Context: signed.Context(ana())}, nil
}

func ana() auth.Principal {
	return auth.Principal{
		AccessKeyID: "AKIATEST", User: &registry.User{Name: "ana", ID: "AIDATEST"}, SourceIP: netip.MustParseAddr("192.0.2.7"), Secure: true,
	}
}

// The keys of a signed request, as IAM documents them; all others have no value, and nothing matches them.
func TestContextOfSignedRequests(t *testing.T) {
	for _, c := range []struct {
		condition string
		allowed   bool
	}{
		{`{"StringEquals":{"aws:username":"ana"}}`, true},
		{`{"StringEquals":{"aws:UserName":"bob"}}`, false},
		{`{"StringEquals":{"aws:userid":"AIDATEST"}}`, true},
		{`{"StringEquals":{"aws:PrincipalType":"User"}}`, true},
		{`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/ana"}}`, true},
		{`{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}`, true},
		{`{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`, true},
		{`{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`, false},
		{`{"Bool":{"aws:SecureTransport":"true"}}`, true},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, false},
		{`{"Bool":{"aws:ViaAWSService":"false","aws:PrincipalIsAWSService":"false"}}`, true},
		{`{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, true},
		{`{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, false},
		{`{"DateLessThan":{"aws:CurrentTime":"2026-05-06T07:08:10Z"}}`, true},
		{`{"DateGreaterThan":{"aws:CurrentTime":"2026-05-06T07:08:09Z"}}`, false},
		{`{"NumericEquals":{"aws:EpochTime":"1778051289"}}`, true},
		{`{"Null":{"aws:MultiFactorAuthPresent":"true","aws:TokenIssueTime":"true","aws:PrincipalTag/team":"true"}}`, true},
		{`{"StringLike":{"aws:PrincipalOrgID":"*"}}`, false},
		{`{"StringLike":{"iot:Connection.Thing.ThingName":"*"}}`, false},
	} {
		authority, err := signedBy(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*","Condition":` + c.condition + `}]}`)
		if err != nil {
			t.Fatalf("%s: %v", c.condition, err)
		}
		if got := authority.Decide(ana(), auth.Call{Action: "iot:ListJobs", Resource: "*"}).Allowed; got != c.allowed {
			t.Errorf("%s: allowed %v, want %v", c.condition, got, c.allowed)
		}
	}
}

// ${aws:username} is literal text in a resource.
func TestUserNameInResources(t *testing.T) {
	authority, err := signedBy(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:CreateJob","Resource":"arn:aws:iot:us-east-1:123456789012:job/${aws:username}-*"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for job, want := range map[string]bool{"ana-1": true, "bob-1": false, "ana": false} {
		call := auth.Call{Action: "iot:CreateJob", Resource: "arn:aws:iot:us-east-1:123456789012:job/" + job}
		if got := authority.Decide(ana(), call).Allowed; got != want {
			t.Errorf("job %s: allowed %v, want %v", job, got, want)
		}
	}
}

func TestUsersAreNamedWithTheirKey(t *testing.T) {
	if got := ana().String(); got != "user/ana/AKIATEST" {
		t.Errorf("the log says %q", got)
	}
}

// The keys of temporary credentials: the principal's ARN is that of the role, and there is no user.
func TestContextOfTemporaryCredentials(t *testing.T) {
	lamp := auth.Principal{
		AccessKeyID: "ASIATEST", SourceIP: netip.MustParseAddr("192.0.2.7"),
		Session: &registry.Session{Role: "device", RoleID: "AROATEST", Certificate: "c0ffee", IssuedAt: realNow.Truncate(time.Second)},
	}
	signed := &auth.Signed{
		Account: "123456789012", Region: "us-east-1", Now: func() time.Time { return realNow },
		ARN:     func(auth.Principal) string { return "arn:aws:sts::123456789012:assumed-role/device/c0ffee" },
		RoleARN: func(name registry.RoleName) string { return "arn:aws:iam::123456789012:role/" + string(name) },
	}
	for _, c := range []struct {
		condition string
		allowed   bool
	}{
		{`{"StringLike":{"aws:username":"*"}}`, false},
		{`{"StringEquals":{"aws:userid":"AROATEST:c0ffee","aws:PrincipalType":"AssumedRole","aws:PrincipalAccount":"123456789012"}}`, true},
		{`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/device"}}`, true},
		{`{"DateEquals":{"aws:TokenIssueTime":"2026-05-06T07:08:09Z"}}`, true},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, true},
		{`{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`, true},
		{`{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, true},
	} {
		parsed, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iotjobsdata:*","Resource":"*","Condition":`+c.condition+`}]}`), policy.IAM)
		if err != nil {
			t.Fatalf("%s: %v", c.condition, err)
		}
		authority := auth.Authority{Policies: []policy.Named{{Name: "p", Document: parsed}}, Context: signed.Context(lamp)}
		call := auth.Call{Action: "iotjobsdata:GetPendingJobExecutions", Resource: "arn:aws:iot:us-east-1:123456789012:thing/lamp"}
		if got := authority.Decide(lamp, call).Allowed; got != c.allowed {
			t.Errorf("%s: allowed %v, want %v", c.condition, got, c.allowed)
		}
	}
}
