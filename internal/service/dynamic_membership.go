package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"iotjobs/internal/query"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// Which dynamic groups hold a thing follows from the thing and its static groups alone. Every write of a thing goes through regroup, which
// finds it out anew, and after a change of the queries a cursor looks at each thing once (massChange). So it does not matter which of the two
// meets a thing first, or whether both do.

// dynamicGroupsSetting holds the queries of all dynamic groups in one record, since every write of a thing needs them all.
const dynamicGroupsSetting = "dynamic-thing-groups"

// dynamicGroup is what decides who is in a dynamic group. None that is being deleted has one.
type dynamicGroup struct {
	Number registry.GroupNumber `json:"number"`
	Query  string               `json:"query"`
}

// dynamicGroups are all dynamic groups by number, ready to match. It is shared: nobody changes what is in it.
type dynamicGroups struct {
	record  []byte
	groups  []dynamicGroup
	numbers []registry.GroupNumber
	queries map[registry.GroupNumber]*query.Query
}

// dynamicGroups reads the dynamic groups. Their queries are compiled once for every text of the record, not for a version of it: an update that
// fails may have tried a version that the next one uses for something else.
func (s *Service) dynamicGroups(tx store.ReadTx) (*dynamicGroups, error) {
	record, err := tx.Record(store.SettingRecord, dynamicGroupsSetting)
	if err != nil {
		return nil, err
	}
	if known := s.dynamic.Load(); known != nil && bytes.Equal(known.record, record) {
		return known, nil
	}
	compiled, err := compileDynamicGroups(bytes.Clone(record))
	if err != nil {
		return nil, err
	}
	s.dynamic.Store(compiled)
	return compiled, nil
}

func compileDynamicGroups(record []byte) (*dynamicGroups, error) {
	d := &dynamicGroups{record: record, queries: map[registry.GroupNumber]*query.Query{}}
	if record == nil {
		return d, nil
	}
	if err := json.Unmarshal(record, &d.groups); err != nil {
		return nil, fmt.Errorf("decode the dynamic thing groups: %w", err)
	}
	for _, group := range d.groups {
		parsed, err := query.Parse(group.Query)
		if err != nil {
			return nil, fmt.Errorf("the query of thing group %d: %w", group.Number, err)
		}
		d.numbers = append(d.numbers, group.Number)
		d.queries[group.Number] = parsed
	}
	return d, nil
}

// putQuery writes the query of a group; an empty one takes the group out.
func (d *dynamicGroups) putQuery(tx store.Tx, number registry.GroupNumber, text string) error {
	groups := slices.Clone(d.groups)
	i := slices.IndexFunc(groups, func(g dynamicGroup) bool { return g.Number == number })
	switch {
	case text == "" && i >= 0:
		groups = slices.Delete(groups, i, i+1)
	case i >= 0:
		groups[i].Query = text
	case text != "": // numbers grow, so the list stays sorted
		groups = append(groups, dynamicGroup{number, text})
	}
	return putRecord(tx, store.SettingRecord, dynamicGroupsSetting, &groups)
}

// place puts a thing into the dynamic groups whose queries it meets. What they see of its groups are the static ones: else a group could
// contradict itself.
func (s *Service) place(tx store.ReadTx, thing *registry.Thing) error {
	dynamic, err := s.dynamicGroups(tx)
	if err != nil || len(dynamic.groups) == 0 {
		return err
	}
	static, err := groupsNumbered(tx, slices.DeleteFunc(thing.DirectGroups(), func(g registry.GroupNumber) bool { return slices.Contains(dynamic.numbers, g) }))
	if err != nil {
		return err
	}
	names := make([]registry.GroupName, len(static))
	for i, group := range static {
		names[i] = group.Name
	}
	doc := document(thing, names)
	thing.JoinDynamic(dynamic.numbers, func(g registry.GroupNumber) bool { return dynamic.queries[g].Match(doc) })
	return nil
}

// placeStep looks at the next things, at most limit, after a query is new. With the last one the group is complete.
func (s *Service) placeStep(tx store.Tx, c massChange, now time.Time, limit int) (more bool, err error) {
	things, err := tx.Things(c.After.Name, limit)
	if err != nil {
		return false, err
	}
	for _, thing := range things {
		c.After = thing.Key()
		if err := s.placeAgain(tx, thing, now); err != nil {
			return false, err
		}
	}
	if len(things) == limit {
		return true, c.put(tx)
	}
	group, err := tx.GroupByNumber(c.Group)
	if err != nil {
		return false, err
	}
	group = group.Clone()
	group.Status = registry.GroupActive
	return false, errors.Join(tx.PutGroup(group), tx.DeleteRecord(store.MassChangeRecord, c.id()))
}

// placeAgain writes a thing only if its groups change.
func (s *Service) placeAgain(tx store.Tx, thing *registry.Thing, now time.Time) error {
	placed := thing.Clone()
	if err := s.place(tx, placed); err != nil || slices.Equal(placed.Groups, thing.Groups) {
		return err
	}
	view, err := tx.Thing(thing.Name)
	if err != nil {
		return err
	}
	return s.regroup(tx, view, placed, now)
}
