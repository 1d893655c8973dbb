package controlhttp

import (
	_ "embed"
	"net/http"
	"strings"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// This file is all that the plane refuses because this version does not execute it. Such members are checked for shape first, as AWS
// does, and nothing is stored: accepting a placeholder and then not filling it in would be worse than saying no. A member that asks for
// nothing (null, {}, [], false) is no reason to refuse. Whoever makes one work deletes its line.

// member is a member of a body or a query, or the path to one, and what it waits for.
type member struct{ name, waitsFor string }

// membersNotExecuted lists them by operation, in the order of the AWS model.
var membersNotExecuted = map[string][]member{
	"CreateThing":             {{"billingGroupName", "billing groups"}},
	"CreateThingGroup":        {{"tags", tags}},
	"CreateDynamicThingGroup": {{"tags", tags}},
	"UpdateIndexingConfiguration": {
		{"thingIndexingConfiguration.customFields", aggregation},
		{"thingIndexingConfiguration.filter.namedShadowNames", shadows},
		{"thingIndexingConfiguration.filter.geoLocations", shadows},
		{"thingGroupIndexingConfiguration.customFields", groupIndex},
	},
	"CreateThingType": {
		{"thingTypeProperties.mqtt5Configuration", "attributes of things in MQTT 5 messages"},
		{"tags", tags},
	},
	"CreateJob": {
		{"documentSource", "job documents read from S3"},
		{"presignedUrlConfig", placeholders},
		{"tags", tags},
		{"namespaceId", namespaces},
		{"jobTemplateArn", "job templates"},
		{"documentParameters", "managed job templates"},
		{"destinationPackageVersions", "the software package catalog"},
	},
	"ListJobs":                  {{"namespaceId", namespaces}},
	"AssociateTargetsWithJob":   {{"namespaceId", namespaces}},
	"UpdateJob":                 {{"presignedUrlConfig", placeholders}, {"namespaceId", namespaces}},
	"DeleteJob":                 {{"namespaceId", namespaces}},
	"ListJobExecutionsForThing": {{"namespaceId", namespaces}},
	"DeleteJobExecution":        {{"namespaceId", namespaces}},
	"CreatePolicy":              {{"tags", tags}},
	"CreateRoleAlias":           {{"tags", tags}},
	"RegisterCACertificate":     {{"registrationConfig", provisioning}, {"tags", tags}},
	"UpdateCACertificate":       {{"registrationConfig", provisioning}},
	"ListCACertificates":        {{"templateName", provisioning}},
	"TestAuthorization":         {{"cognitoIdentityPoolId", cognito}},
	"GetEffectivePolicies":      {{"cognitoIdentityPoolId", cognito}},
}

// What several members wait for.
const (
	namespaces   = "namespaces"
	placeholders = "placeholders in job documents"
	provisioning = "fleet provisioning"
	cognito      = "Amazon Cognito identities"
	tags         = "tags"
	shadows      = "device shadows"
	aggregation  = "aggregation over the index"
	groupIndex   = "an index of thing groups"
)

// notExecuted refuses the first member that asks for what is not executed.
func notExecuted(q *httpapi.Request, operation string) error {
	query := q.HTTP.URL.Query()
	return refuseMembers(operation, func(name string) bool { return q.Asks(name) || query.Has(name) })
}

// refuseMembers refuses the first member that is asked for and not executed.
func refuseMembers(operation string, asked func(name string) bool) error {
	for _, m := range membersNotExecuted[operation] {
		if asked(m.name) {
			return jobs.Errorf(jobs.InvalidRequest, "%s is not executed by this version: it waits for %s. Nothing was changed.", m.name, m.waitsFor)
		}
	}
	return nil
}

// notExecutedModes refuses to index what is not there; OFF and REGISTRY are executed.
func notExecutedModes(asked wire.UpdateIndexingConfigurationRequest) error {
	for _, m := range []struct{ name, mode, waitsFor string }{
		{"thingIndexingConfiguration.thingIndexingMode", asked.Things, shadows},
		{"thingIndexingConfiguration.thingConnectivityIndexingMode", asked.Connectivity, "the connectivity of things"},
		{"thingIndexingConfiguration.deviceDefenderIndexingMode", asked.DeviceDefender, "AWS IoT Device Defender"},
		{"thingIndexingConfiguration.namedShadowIndexingMode", asked.NamedShadows, shadows},
		{"thingGroupIndexingConfiguration.thingGroupIndexingMode", asked.Groups, groupIndex},
	} {
		if m.mode != "" && m.mode != wire.IndexingOff && m.mode != wire.IndexingRegistry {
			return jobs.Errorf(jobs.InvalidRequest, "%s %s is not executed by this version: it waits for %s. Nothing was changed.", m.name, m.mode, m.waitsFor)
		}
	}
	return nil
}

// notExecutedPlaceholder refuses documents that would have to be filled in for each thing when they are delivered.
func notExecutedPlaceholder(document string) error {
	if strings.Contains(document, "${aws:iot:") {
		return jobs.Errorf(jobs.InvalidRequest, "document has a placeholder ${aws:iot:…}, which is not executed by this version: it waits for %s. Nothing was changed.", placeholders)
	}
	return nil
}

// operations.txt has every operation of the model.
//
//go:embed operations.txt
var operations string

// operation is one line of the model: UpdateJob PATCH /jobs/{jobId}.
type operation struct{ name, method, path string }

func modelOperations() []operation {
	var list []operation
	for line := range strings.Lines(operations) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] != "#" {
			list = append(list, operation{fields[0], fields[1], fields[2]})
		}
	}
	return list
}

// pattern is the operation as ServeMux writes it: AWS's {arn+} also takes slashes, and a slash at the end is only itself.
func (o operation) pattern() string {
	path := strings.ReplaceAll(o.path, "+}", "...}")
	if strings.HasSuffix(path, "/") {
		path += "{$}"
	}
	return o.method + " " + path
}

// notExecutedOperation answers an operation that AWS has and this version has not, so that its caller learns the reason.
func notExecutedOperation(api *httpapi.API, name string) http.Handler {
	refusal := jobs.Errorf(jobs.InvalidRequest, "%s is not executed by this version.", name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { api.WriteError(w, r, refusal) })
}
