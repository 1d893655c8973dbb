package wire

import (
	"strconv"

	"iotjobs/internal/registry"
)

// PolicyReply answers CreatePolicy.
type PolicyReply struct {
	PolicyName      registry.PolicyName `json:"policyName"`
	PolicyARN       string              `json:"policyArn"`
	PolicyDocument  string              `json:"policyDocument"`
	PolicyVersionID string              `json:"policyVersionId"`
}

// PolicyDescription answers GetPolicy.
type PolicyDescription struct {
	PolicyName       registry.PolicyName `json:"policyName"`
	PolicyARN        string              `json:"policyArn"`
	PolicyDocument   string              `json:"policyDocument"`
	DefaultVersionID string              `json:"defaultVersionId"`
	CreationDate     Timestamp           `json:"creationDate"`
	LastModifiedDate Timestamp           `json:"lastModifiedDate"`
	GenerationID     string              `json:"generationId"`
}

// PolicyVersionReply answers CreatePolicyVersion.
type PolicyVersionReply struct {
	PolicyARN        string `json:"policyArn"`
	PolicyDocument   string `json:"policyDocument"`
	PolicyVersionID  string `json:"policyVersionId"`
	IsDefaultVersion bool   `json:"isDefaultVersion"`
}

// PolicyVersionDescription answers GetPolicyVersion.
type PolicyVersionDescription struct {
	PolicyARN        string              `json:"policyArn"`
	PolicyName       registry.PolicyName `json:"policyName"`
	PolicyDocument   string              `json:"policyDocument"`
	PolicyVersionID  string              `json:"policyVersionId"`
	IsDefaultVersion bool                `json:"isDefaultVersion"`
	CreationDate     Timestamp           `json:"creationDate"`
	LastModifiedDate Timestamp           `json:"lastModifiedDate"`
	GenerationID     string              `json:"generationId"`
}

// PolicyVersionList answers ListPolicyVersions.
type PolicyVersionList struct {
	PolicyVersions []policyVersionEntry `json:"policyVersions"`
}

type policyVersionEntry struct {
	VersionID        string    `json:"versionId"`
	IsDefaultVersion bool      `json:"isDefaultVersion"`
	CreateDate       Timestamp `json:"createDate"`
}

// PolicyList answers ListPolicies, ListAttachedPolicies and ListPrincipalPolicies.
type PolicyList struct {
	Policies   []policyEntry `json:"policies"`
	NextMarker *string       `json:"nextMarker"`
}

type policyEntry struct {
	PolicyName registry.PolicyName `json:"policyName"`
	PolicyARN  string              `json:"policyArn"`
}

// PolicyTargetList answers ListTargetsForPolicy.
type PolicyTargetList struct {
	Targets    []string `json:"targets"`
	NextMarker *string  `json:"nextMarker"`
}

// PolicyPrincipalList answers ListPolicyPrincipals.
type PolicyPrincipalList struct {
	Principals []string `json:"principals"`
	NextMarker *string  `json:"nextMarker"`
}

// CreatedPolicy renders the answer of CreatePolicy.
func (r Realm) CreatedPolicy(p *registry.Policy, v registry.PolicyVersion, document string) PolicyReply {
	return PolicyReply{PolicyName: p.Name, PolicyARN: r.PolicyARN(p.Name), PolicyDocument: document, PolicyVersionID: versionID(v.ID)}
}

// Policy renders the answer of GetPolicy.
func (r Realm) Policy(p *registry.Policy, document string) PolicyDescription {
	return PolicyDescription{
		PolicyName: p.Name, PolicyARN: r.PolicyARN(p.Name), PolicyDocument: document, DefaultVersionID: versionID(p.Default),
		CreationDate: Timestamp(p.CreatedAt), LastModifiedDate: Timestamp(p.ModifiedAt), GenerationID: p.GenerationID,
	}
}

// CreatedPolicyVersion renders the answer of CreatePolicyVersion.
func (r Realm) CreatedPolicyVersion(p *registry.Policy, v registry.PolicyVersion, document string) PolicyVersionReply {
	return PolicyVersionReply{PolicyARN: r.PolicyARN(p.Name), PolicyDocument: document, PolicyVersionID: versionID(v.ID), IsDefaultVersion: v.ID == p.Default}
}

// PolicyVersion renders the answer of GetPolicyVersion. A version never changes, so that it was last modified when it was made.
func (r Realm) PolicyVersion(p *registry.Policy, v registry.PolicyVersion, document string) PolicyVersionDescription {
	return PolicyVersionDescription{
		PolicyARN: r.PolicyARN(p.Name), PolicyName: p.Name, PolicyDocument: document, PolicyVersionID: versionID(v.ID), IsDefaultVersion: v.ID == p.Default,
		CreationDate: Timestamp(v.CreatedAt), LastModifiedDate: Timestamp(v.CreatedAt), GenerationID: p.GenerationID,
	}
}

// PolicyVersions renders the answer of ListPolicyVersions.
func PolicyVersions(p *registry.Policy) PolicyVersionList {
	list := PolicyVersionList{PolicyVersions: make([]policyVersionEntry, len(p.Versions))}
	for i, v := range p.Versions {
		list.PolicyVersions[i] = policyVersionEntry{VersionID: versionID(v.ID), IsDefaultVersion: v.ID == p.Default, CreateDate: Timestamp(v.CreatedAt)}
	}
	return list
}

// Policies renders a page of policies.
func (r Realm) Policies(page []registry.PolicyName, nextMarker string) PolicyList {
	return PolicyList{Policies: r.policyEntries(page), NextMarker: orNull(nextMarker)}
}

func (r Realm) policyEntries(names []registry.PolicyName) []policyEntry {
	entries := make([]policyEntry, len(names))
	for i, name := range names {
		entries[i] = policyEntry{PolicyName: name, PolicyARN: r.PolicyARN(name)}
	}
	return entries
}

// PolicyTargets renders a page of ListTargetsForPolicy.
func (r Realm) PolicyTargets(page []registry.PolicyTarget, nextMarker string) PolicyTargetList {
	return PolicyTargetList{Targets: r.targetARNs(page), NextMarker: orNull(nextMarker)}
}

// PolicyPrincipals renders a page of ListPolicyPrincipals.
func (r Realm) PolicyPrincipals(page []registry.PolicyTarget, nextMarker string) PolicyPrincipalList {
	return PolicyPrincipalList{Principals: r.targetARNs(page), NextMarker: orNull(nextMarker)}
}

func (r Realm) targetARNs(targets []registry.PolicyTarget) []string {
	arns := make([]string, len(targets))
	for i, target := range targets {
		arns[i] = r.PolicyTargetARN(target)
	}
	return arns
}

// versionID is a number as a string, as in AWS's model.
func versionID(id registry.PolicyVersionID) string { return strconv.Itoa(int(id)) }

// PolicyDocument reads the document that CreatePolicy and CreatePolicyVersion need.
func (r *Reader) PolicyDocument() string {
	return r.RequiredString("policyDocument", MaxLen(404_600))
}

// CreatePolicy reads the body of CreatePolicy.
func (r *Reader) CreatePolicy() (document string) {
	document = r.PolicyDocument()
	r.tags()
	return document
}

// PolicyTarget reads the ARN in the body of AttachPolicy and DetachPolicy.
func (r *Reader) PolicyTarget() string { return r.RequiredString("target") }
