package conformance_test

import (
	"testing"
)

func TestEventConfigurations(t *testing.T) { play(t, eventConfigurationCases) }

// switched is a set of event types, each on or off.
func switched(on bool, types ...string) Members {
	set := Members{}
	for _, name := range types {
		set[name] = Members{"Enabled": on}
	}
	return Members{"eventConfigurations": set}
}

var eventConfigurationCases = []Case{
	{
		Name: "events of jobs are switched on and off", // CTRL-2.3.4, CTRL-2.3.5
		Steps: []Step{
			control("DescribeEventConfigurations", Members{}).
				gives(switched(false, "THING", "THING_GROUP", "THING_TYPE", "THING_GROUP_MEMBERSHIP", "THING_GROUP_HIERARCHY", "THING_TYPE_ASSOCIATION",
					"JOB", "JOB_EXECUTION", "POLICY", "CERTIFICATE", "CA_CERTIFICATE")),
			control("UpdateEventConfigurations", switched(true, "JOB")),
			control("UpdateEventConfigurations", switched(true, "JOB_EXECUTION")).sdks(),
			control("DescribeEventConfigurations", Members{}).sdks().
				gives(switched(true, "JOB", "JOB_EXECUTION")),
			control("UpdateEventConfigurations", switched(false, "JOB")).sdks(),
			control("DescribeEventConfigurations", Members{}).sdks().
				gives(switched(false, "JOB", "THING")),
			control("UpdateEventConfigurations", switched(true, "THING")).
				fails(400, "InvalidRequestException", containing("THING")),
		},
	},
}
