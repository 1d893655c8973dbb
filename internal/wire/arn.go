package wire

import (
	"slices"
	"strings"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Realm is the account and region that a server stands for. Everything named by an ARN lives in one (CTRL-1).
type Realm struct {
	Region, Account string
}

// ThingARN names a thing.
func (r Realm) ThingARN(name registry.ThingName) string { return r.arn("thing", string(name)) }

// JobARN names a job.
func (r Realm) JobARN(id jobs.JobID) string { return r.arn("job", string(id)) }

// ThingGroupARN names a thing group.
func (r Realm) ThingGroupARN(name registry.GroupName) string {
	return r.arn("thinggroup", string(name))
}

// ThingTypeARN names a thing type.
func (r Realm) ThingTypeARN(name registry.TypeName) string { return r.arn("thingtype", string(name)) }

// IndexARN names an index of the fleet.
func (r Realm) IndexARN(name string) string { return r.arn("index", name) }

// TargetARN names a target of a job.
func (r Realm) TargetARN(t jobs.Target) string {
	if t.Kind == jobs.GroupTarget {
		return r.ThingGroupARN(registry.GroupName(t.Name))
	}
	return r.arn("thing", t.Name)
}

// ParseTarget reads the ARN of a thing or thing group. Whatever is not in this realm, or could not be, is not found (CTRL-2).
func (r Realm) ParseTarget(arn string) (jobs.Target, error) {
	switch kind, name := r.parse(arn); kind {
	case "thing":
		return jobs.Target{Kind: jobs.ThingTarget, Name: name}, nil
	case "thinggroup":
		return jobs.Target{Kind: jobs.GroupTarget, Name: name}, nil
	}
	return jobs.Target{}, jobs.Errorf(jobs.ResourceNotFound, "Target %s cannot be found: it is no thing and no thing group of account %s in %s.", arn, r.Account, r.Region)
}

// ThingNamed is the thing that a request means by thingName, by thingArn, or by both of them if they agree; empty ones are absent.
func (r Realm) ThingNamed(name, arn string) (registry.ThingName, error) {
	name, err := r.named("thing", name, arn)
	return registry.ThingName(name), err
}

// ThingGroupNamed is the thing group that a request means by thingGroupName, by thingGroupArn, or by both of them if they agree.
func (r Realm) ThingGroupNamed(name, arn string) (registry.GroupName, error) {
	name, err := r.named("thingGroup", name, arn)
	return registry.GroupName(name), err
}

// named reads a name and an ARN, one of which must be there; resource is what both members are called after. An ARN of anything else is not
// found, as in ParseTarget.
func (r Realm) named(resource, name, arn string) (string, error) {
	kind, inARN := r.parse(arn)
	switch {
	case name == "" && arn == "":
		return "", jobs.Errorf(jobs.InvalidRequest, "Either %sName or %sArn must be specified.", resource, resource)
	case arn == "":
		return name, nil
	case kind != strings.ToLower(resource):
		return "", jobs.Errorf(jobs.ResourceNotFound, "%sArn %s cannot be found: it names nothing of that kind in account %s in %s.", resource, Quote(arn), r.Account, r.Region)
	case name != "" && name != inARN:
		return "", jobs.Errorf(jobs.InvalidRequest, "%sName %s and %sArn %s do not name the same.", resource, name, resource, arn)
	}
	return inARN, nil
}

// parse takes an ARN of this realm apart: thinggroup and lamps. Both are empty for any other text. What the registry holds has names of one pattern.
func (r Realm) parse(arn string) (kind, name string) {
	resource, ours := strings.CutPrefix(arn, r.arn("", ""))
	kind, name, _ = strings.Cut(resource, "/")
	if !ours || !satisfies(name, thingNameRules) {
		return "", ""
	}
	return kind, name
}

// arn of an empty kind is what all of the realm's ARNs begin with.
func (r Realm) arn(kind, name string) string {
	prefix := "arn:" + r.partition() + ":iot:" + r.Region + ":" + r.Account + ":"
	if kind == "" {
		return prefix
	}
	return prefix + kind + "/" + name
}

// partition follows from the region, as in AWS.
func (r Realm) partition() string {
	switch {
	case strings.HasPrefix(r.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(r.Region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// resourceType is the word before the name in an ARN's last part: "jobtemplate" of arn:aws:iot:R:A:jobtemplate/X.
func resourceType(arn string) string {
	const colonsBefore = 5
	parts := strings.SplitN(arn, ":", colonsBefore+1)
	kind, _, _ := strings.Cut(parts[len(parts)-1], "/")
	return kind
}

func satisfies(value string, rules []Constraint) bool {
	return !slices.ContainsFunc(rules, func(c Constraint) bool { return !c.ok(value) })
}
