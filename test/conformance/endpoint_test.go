package conformance_test

import (
	"testing"
)

func TestEndpoints(t *testing.T) { play(t, endpointCases) }

// addressOfServer is a host and a port, as devices write it after https://.
var addressOfServer = textLike(`127\.0\.0\.1:\d+`)

var endpointCases = []Case{
	{
		Name: "one address is given for every type of endpoint", // Q4
		Steps: []Step{
			control("DescribeEndpoint", Members{"endpointType": "iot:Data-ATS"}).
				gives(exactly{"endpointAddress": addressOfServer}).
				keeps("address", "endpointAddress"),
			control("DescribeEndpoint", Members{}).sdks().gives(exactly{"endpointAddress": Kept("address")}),
			control("DescribeEndpoint", Members{"endpointType": "iot:Data"}).sdks().gives(exactly{"endpointAddress": Kept("address")}),
			control("DescribeEndpoint", Members{"endpointType": "iot:Jobs"}).sdks().gives(exactly{"endpointAddress": Kept("address")}),
			control("DescribeEndpoint", Members{"endpointType": "iot:CredentialProvider"}).sdks().gives(exactly{"endpointAddress": Kept("address")}),
		},
	},
	{
		Name: "both planes are served over TLS",
		TLS:  true,
		Steps: []Step{
			control("CreateThing", Members{"thingName": "lamp"}).gives(Members{"thingName": "lamp"}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp"}).gives(exactly{}),
		},
	},
}
