package storetest

import (
	"math/rand/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func queryGroup(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	byName, err := tx.Group(pick(r, playGroups))
	out.say("group", byName)
	if err != nil {
		return err
	}
	number, err := someGroupNumber(tx, r)
	if err != nil {
		return err
	}
	byNumber, err := tx.GroupByNumber(number)
	out.say("group by number", byNumber)
	return err
}

func queryGroups(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	after := pick(r, append([]registry.GroupName{"", "g0"}, playGroups...))
	list, err := tx.Groups(after, 1+r.IntN(6))
	out.say("groups", list)
	if err != nil {
		return err
	}
	parent, err := someGroup(tx, r)
	if err != nil {
		return err
	}
	var number registry.GroupNumber
	if parent != nil {
		number = parent.Number
	}
	list, err = tx.ChildGroups(number, after, 1+r.IntN(6))
	out.say("children", list)
	return err
}

func queryMembers(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	version, err := tx.Version()
	out.say("version", version)
	if err != nil {
		return err
	}
	g, err := someGroup(tx, r)
	if err != nil {
		return err
	}
	number, err := someGroupNumber(tx, r)
	if err != nil {
		return err
	}
	if g != nil {
		number = g.Number
	}
	var after registry.ThingKey
	if r.IntN(3) == 0 {
		if after, err = someThing(tx, r); err != nil {
			return err
		}
	}
	asOf := uint64(r.IntN(int(version)+2)) * uint64(r.IntN(2))
	list, err := tx.Members(number, asOf, after, 1+r.IntN(8))
	out.say("members", list)
	return err
}

// someJobCursor is the beginning, or a number that was drawn.
func someJobCursor(tx store.ReadTx, r *rand.Rand) (jobs.JobNumber, error) {
	version, err := tx.Version()
	return jobs.JobNumber(r.IntN(2) * r.IntN(int(version)+2)), err
}

func queryJobLists(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	after, err := someJobCursor(tx, r)
	if err != nil {
		return err
	}
	limit := 1 + r.IntN(6)
	list, err := tx.JobsIn(pick(r, jobs.JobStatuses()), after, limit)
	out.say("jobs in a status", list)
	if err != nil {
		return err
	}
	g, err := someGroup(tx, r)
	if err != nil || g == nil {
		return err
	}
	list, err = tx.JobsFollowing(g.Number, after, limit)
	out.say("jobs that follow", list)
	return err
}

func queryDueJobs(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	list, err := tx.DueJobs(instant(r), 1+r.IntN(4))
	out.say("due jobs", list)
	return err
}

func queryThingsOfType(tx store.ReadTx, r *rand.Rand, out *transcript) error {
	list, err := tx.ThingsOfType(pick(r, playTypes), pick(r, append([]registry.ThingName{""}, playThings...)), 1+r.IntN(8))
	out.say("things of a type", list)
	return err
}
