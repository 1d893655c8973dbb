package controlhttp_test

import "testing"

func TestEventConfigurationDocuments(t *testing.T) {
	p := newPlane(t)
	p.show("DescribeEventConfigurations_none", "GET /event-configurations", "")
	p.silent("PATCH /event-configurations", `{"eventConfigurations":{"JOB":{"Enabled":true},"THING":{"Enabled":false},"JOB_EXECUTION":null}}`)
	p.show("DescribeEventConfigurations", "GET /event-configurations", "")
	p.silent("PATCH /event-configurations", `{"eventConfigurations":{"JOB_EXECUTION":{"Enabled":true},"JOB":{}}}`)
	p.show("DescribeEventConfigurations_later", "GET /event-configurations", "")
	p.silent("PATCH /event-configurations", p.ok("GET /event-configurations", "")) // what was shown can be sent back
	p.silent("PATCH /event-configurations", "")
}

func TestEventConfigurationRefusals(t *testing.T) {
	p := newPlane(t)
	p.silent("PATCH /event-configurations", `{"eventConfigurations":{"JOB":{"Enabled":true}}}`)
	before := p.ok("GET /event-configurations", "")
	for body, message := range map[string]string{
		`{"eventConfigurations":{"JOB":{"Enabled":false},"THING":{"Enabled":true}}}`: "Events of type THING are not executed by this version: " +
			"only JOB and JOB_EXECUTION can be enabled. Nothing was changed.",
		`{"eventConfigurations":{"JOBS":{"Enabled":true}}}`: "1 validation error detected: Value 'JOBS' at 'eventConfigurations' failed to satisfy constraint: " +
			"Map keys must satisfy constraint: [Member must satisfy enum value set: [THING, THING_GROUP, THING_TYPE, THING_GROUP_MEMBERSHIP, " +
			"THING_GROUP_HIERARCHY, THING_TYPE_ASSOCIATION, JOB, JOB_EXECUTION, POLICY, CERTIFICATE, CA_CERTIFICATE]]",
		`{"eventConfigurations":{"JOB":{"Enabled":"no"}}}`: "1 validation error detected: Value '\"no\"' at 'eventConfigurations.JOB.member.enabled' failed to satisfy constraint: " +
			"Member must be a boolean",
	} {
		p.refused("PATCH /event-configurations", body, 400, invalid, message)
	}
	if after := p.ok("GET /event-configurations", ""); after != before {
		t.Errorf("the refusals changed %s into %s", before, after)
	}
}
