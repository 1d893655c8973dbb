package controlhttp

import (
	"log/slog"
	"slices"
	"testing"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/service"
)

// TestRoutes compares the route table with AWS's model: same name, same method, same path.
func TestRoutes(t *testing.T) {
	model := map[string]string{}
	for _, o := range modelOperations() {
		model[o.name] = o.pattern()
	}
	if got, want := len(model), 272; got != want {
		t.Errorf("operations.txt has %d operations, the model has %d", got, want)
	}
	plane := Plane{Service: &service.Service{}, Log: slog.New(slog.DiscardHandler)}
	seen := map[string]bool{}
	for _, r := range slices.Concat(plane.routes(&httpapi.API{}), plane.identityRoutes(&httpapi.API{}), plane.roleAliasRoutes(&httpapi.API{})) {
		if want, ok := model[r.operation]; !ok || r.pattern != want {
			t.Errorf("%s: got %q, the model says %q", r.operation, r.pattern, want)
		}
		if seen[r.operation] {
			t.Errorf("%s is routed twice", r.operation)
		}
		seen[r.operation] = true
	}
	for _, operation := range []string{
		"CreateThing", "DescribeThing", "UpdateThing", "DeleteThing", "ListThings",
		"CreateThingType", "DescribeThingType", "ListThingTypes", "DeprecateThingType", "DeleteThingType",
		"CreateThingGroup", "DescribeThingGroup", "UpdateThingGroup", "DeleteThingGroup", "ListThingGroups", "AddThingToThingGroup",
		"RemoveThingFromThingGroup", "UpdateThingGroupsForThing", "ListThingsInThingGroup", "ListThingGroupsForThing",
		"CreateDynamicThingGroup", "UpdateDynamicThingGroup", "DeleteDynamicThingGroup", "SearchIndex", "DescribeIndex", "ListIndices",
		"GetIndexingConfiguration", "UpdateIndexingConfiguration",
		"AssociateTargetsWithJob", "CreateJob", "DescribeJob", "ListJobs", "GetJobDocument", "UpdateJob", "CancelJob", "DeleteJob",
		"ListJobExecutionsForJob", "ListJobExecutionsForThing", "DescribeJobExecution", "CancelJobExecution", "DeleteJobExecution", "DescribeEndpoint",
		"DescribeEventConfigurations", "UpdateEventConfigurations",
		"CreateKeysAndCertificate", "CreateCertificateFromCsr", "RegisterCertificate", "RegisterCertificateWithoutCA",
		"DescribeCertificate", "UpdateCertificate", "DeleteCertificate", "ListCertificates", "ListCertificatesByCA",
		"GetRegistrationCode", "DeleteRegistrationCode", "RegisterCACertificate", "DescribeCACertificate", "UpdateCACertificate",
		"DeleteCACertificate", "ListCACertificates", "AttachThingPrincipal", "DetachThingPrincipal", "ListThingPrincipals",
		"ListThingPrincipalsV2", "ListPrincipalThings", "ListPrincipalThingsV2", "CreatePolicy", "GetPolicy", "ListPolicies", "DeletePolicy",
		"CreatePolicyVersion", "GetPolicyVersion", "ListPolicyVersions", "SetDefaultPolicyVersion", "DeletePolicyVersion",
		"AttachPolicy", "DetachPolicy", "ListAttachedPolicies", "ListTargetsForPolicy", "ListPolicyPrincipals", "AttachPrincipalPolicy",
		"DetachPrincipalPolicy", "ListPrincipalPolicies", "TestAuthorization", "GetEffectivePolicies",
		"CreateRoleAlias", "DescribeRoleAlias", "UpdateRoleAlias", "DeleteRoleAlias", "ListRoleAliases",
	} {
		if !seen[operation] {
			t.Errorf("%s is not routed", operation)
		}
	}
	for operation := range membersNotExecuted {
		if !seen[operation] {
			t.Errorf("membersNotExecuted names %s, which is not routed", operation)
		}
	}
	for operation := range permissions {
		if !seen[operation] {
			t.Errorf("permissions names %s, which is not routed", operation)
		}
	}
	plane.Mux() // panics when two patterns overlap, or an operation has no permission
}
