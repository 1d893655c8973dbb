package conformance_test

import (
	"slices"
)

// The region and the account of every server, which its flags say.
const (
	region  = "eu-central-1"
	account = "210987654321"
)

func thingARN(name string) string { return "arn:aws:iot:" + region + ":" + account + ":thing/" + name }

func jobARN(id string) string { return "arn:aws:iot:" + region + ":" + account + ":job/" + id }

func groupARN(name string) string {
	return "arn:aws:iot:" + region + ":" + account + ":thinggroup/" + name
}

func typeARN(name string) string {
	return "arn:aws:iot:" + region + ":" + account + ":thingtype/" + name
}

func thingARNs(names ...string) List {
	arns := make(List, len(names))
	for i, name := range names {
		arns[i] = thingARN(name)
	}
	return arns
}

// given joins what has happened before a case begins.
func given(parts ...[]Step) []Step { return slices.Concat(parts...) }

func things(names ...string) []Step {
	steps := make([]Step, len(names))
	for i, name := range names {
		steps[i] = control("CreateThing", Members{"thingName": name})
	}
	return steps
}

// group is a thing group with things in it.
func group(name string, things ...string) []Step {
	steps := []Step{control("CreateThingGroup", Members{"thingGroupName": name})}
	for _, thing := range things {
		steps = append(steps, control("AddThingToThingGroup", Members{"thingGroupName": name, "thingName": thing}))
	}
	return steps
}

// document is that of the jobs that job makes.
const document = `{"operation":"install","version":"2.4.1"}`

// job is a snapshot job on things, without anything special.
func job(id string, targets ...string) []Step {
	return []Step{control("CreateJob", Members{"jobId": id, "targets": thingARNs(targets...), "document": document})}
}

// groupJob is a job on thing groups, SNAPSHOT or CONTINUOUS.
func groupJob(id, selection string, groups ...string) []Step {
	var targets List
	for _, name := range groups {
		targets = append(targets, groupARN(name))
	}
	return []Step{control("CreateJob", Members{"jobId": id, "targets": targets, "document": document, "targetSelection": selection})}
}

// starts has a thing start what is next.
func starts(thing string) []Step {
	return []Step{device("StartNextPendingJobExecution", Members{"thingName": thing})}
}

// reports has a thing report the status of an execution.
func reports(thing, job, status string) []Step {
	return []Step{device("UpdateJobExecution", Members{"thingName": thing, "jobId": job, "status": status})}
}
