package wire_test

import (
	"errors"
	"strings"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

func TestARNs(t *testing.T) {
	for got, want := range map[string]string{
		realm.ThingARN("a:b"):    "arn:aws:iot:us-east-1:123456789012:thing/a:b",
		realm.JobARN("j"):        "arn:aws:iot:us-east-1:123456789012:job/j",
		realm.ThingGroupARN("g"): "arn:aws:iot:us-east-1:123456789012:thinggroup/g",
		realm.ThingTypeARN("t"):  "arn:aws:iot:us-east-1:123456789012:thingtype/t",
		wire.Realm{Region: "cn-north-1", Account: "1"}.ThingARN("a"):    "arn:aws-cn:iot:cn-north-1:1:thing/a",
		wire.Realm{Region: "us-gov-west-1", Account: "1"}.ThingARN("a"): "arn:aws-us-gov:iot:us-gov-west-1:1:thing/a",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestParseTarget: what TargetARN writes is read back, and nothing else is read.
func TestParseTarget(t *testing.T) {
	for _, target := range []jobs.Target{{Kind: jobs.ThingTarget, Name: "a:b-c_D"}, {Kind: jobs.GroupTarget, Name: "g"}} {
		got, err := realm.ParseTarget(realm.TargetARN(target))
		if err != nil || got != target {
			t.Errorf("%v: got %v, %v", target, got, err)
		}
	}
	good := realm.ThingARN("a")
	for _, arn := range []string{
		"", "a", good[:len(good)-1], good + "/b", good + "\n", " " + good, strings.ToUpper(good), good + strings.Repeat("x", 128),
		strings.Replace(good, "us-east-1", "us-east-2", 1), strings.Replace(good, "123456789012", "", 1), strings.Replace(good, "thing/", "thingtype/", 1),
	} {
		_, err := realm.ParseTarget(arn)
		if !errors.Is(err, jobs.ResourceNotFound) || !strings.Contains(err.Error(), arn) {
			t.Errorf("%q: got %v, want not found with the ARN", arn, err)
		}
	}
}

// TestNamed: a thing and a group may be named in two ways, which have to agree.
func TestNamed(t *testing.T) {
	group, thing := realm.ThingGroupARN("a:1"), realm.ThingARN("a:1")
	elsewhere := strings.Replace(group, "us-east-1", "us-east-2", 1)
	for _, c := range []struct {
		name, arn string
		code      jobs.Code
		refusal   string // empty: what is named is a:1
	}{
		{"a:1", "", 0, ""},
		{"", group, 0, ""},
		{"a:1", group, 0, ""},
		{"", "", jobs.InvalidRequest, "Either thingGroupName or thingGroupArn must be specified."},
		{"b", group, jobs.InvalidRequest, "thingGroupName b and thingGroupArn " + group + " do not name the same."},
		{"a:1", thing, jobs.ResourceNotFound, "thingGroupArn '" + thing + "' cannot be found: it names nothing of that kind in account 123456789012 in us-east-1."},
		{"", elsewhere, jobs.ResourceNotFound, "thingGroupArn '" + elsewhere + "' cannot be found: it names nothing of that kind in account 123456789012 in us-east-1."},
		{"", "a:1", jobs.ResourceNotFound, "thingGroupArn 'a:1' cannot be found: it names nothing of that kind in account 123456789012 in us-east-1."},
	} {
		got, err := realm.ThingGroupNamed(c.name, c.arn)
		switch {
		case c.refusal == "" && (err != nil || got != "a:1"):
			t.Errorf("%q %q: got %q, %v", c.name, c.arn, got, err)
		case c.refusal != "" && (err == nil || jobs.CodeOf(err) != c.code || err.Error() != c.refusal):
			t.Errorf("%q %q\n got %q, %v\nwant %s", c.name, c.arn, got, err, c.refusal)
		}
	}
	if got, err := realm.ThingNamed("", thing); got != "a:1" || err != nil {
		t.Errorf("got %q, %v, want the thing of the ARN", got, err)
	}
	if got, err := realm.ThingNamed("", group); err == nil {
		t.Errorf("a group was taken for the thing %q", got)
	}
}
