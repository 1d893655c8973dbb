package controlhttp

import (
	"context"
	"slices"
	"strings"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// defaultEndpointType is meant when the request names none.
const defaultEndpointType = "iot:Data"

const jobsEndpointType = "iot:Jobs"

// endpointTypes are all kinds of endpoints. One listener serves all of them, iot:Jobs included (Q4).
var endpointTypes = []string{defaultEndpointType, "iot:Data-ATS", "iot:CredentialProvider", jobsEndpointType}

func decodeDescribeEndpoint(q *httpapi.Request) (endpointType string, err error) {
	endpointType, ok := q.Query("endpointType", wire.EndpointTypeRules()...)
	switch {
	case !ok:
		return defaultEndpointType, nil
	case !slices.Contains(endpointTypes, endpointType):
		return "", jobs.Errorf(jobs.InvalidRequest, "Endpoint type %s is unknown; it is one of %s.", endpointType, strings.Join(endpointTypes, ", "))
	}
	return endpointType, nil
}

// describeEndpoint gives the same address for every type: the plane is chosen by the scope of the signature, not by the host.
func (p *Plane) describeEndpoint(_ context.Context, endpointType string) (address string, err error) {
	if endpointType == jobsEndpointType && p.Fidelity.RetiredJobsEndpoint {
		return "", jobs.Errorf(jobs.InvalidRequest, "Endpoint type %s is no longer supported. Use iot:Data-ATS.", endpointType) // Q4; the wording is ours
	}
	return p.Endpoint, nil
}

func encodeEndpoint(address string) any { return wire.EndpointReply{EndpointAddress: address} }
