package pebble

import (
	"encoding/binary"
	"fmt"
	"slices"

	"iotjobs/internal/registry"
)

func (r *readTx) Group(name registry.GroupName) (*registry.ThingGroup, error) {
	number, found, err := get(r.from, groupNameKey(nil, name), decodeGroupNumber)
	if !found {
		return nil, err
	}
	return r.GroupByNumber(number)
}

func (r *readTx) GroupByNumber(number registry.GroupNumber) (*registry.ThingGroup, error) {
	group, _, err := get(r.from, groupKey(nil, number), func(value []byte) (*registry.ThingGroup, error) { return decodeGroup(number, value) })
	return group, err
}

func (r *readTx) Groups(after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
	return r.listGroups([]byte{kindGroupName}, after, limit)
}

func (r *readTx) ChildGroups(parent registry.GroupNumber, after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
	return r.listGroups(childPrefix(nil, parent), after, limit)
}

// listGroups lists the groups that the values of an index name.
func (r *readTx) listGroups(prefix []byte, after registry.GroupName, limit int) (list []*registry.ThingGroup, err error) {
	err = scanPage(r.from, prefix, []byte(after), limit, func(key, value []byte) error {
		number, err := decodeGroupNumber(value)
		if err != nil {
			return err
		}
		group, err := r.GroupByNumber(number)
		if err != nil {
			return err
		}
		if group == nil {
			return fmt.Errorf("the index of groups names group %d at %q, which is not there", number, key)
		}
		list = append(list, group)
		return nil
	})
	return list, err
}

func (t *tx) PutGroup(group *registry.ThingGroup) error {
	if err := storable("group name", string(group.Name)); err != nil {
		return err
	}
	if group.Number == 0 {
		return fmt.Errorf("put group %s: it has no number", group.Name)
	}
	old, err := t.GroupByNumber(group.Number)
	if err != nil {
		return err
	}
	if old != nil && (old.Name != group.Name || !slices.Equal(old.Path, group.Path)) {
		return fmt.Errorf("put group %d: its place would change from %s below %v to %s below %v", group.Number, old.Name, old.Path, group.Name, group.Path)
	}
	other, found, err := get(t.batch, groupNameKey(nil, group.Name), decodeGroupNumber)
	if err != nil {
		return err
	}
	if found && other != group.Number && !group.Deleting {
		return fmt.Errorf("put group %d: its name %s is that of group %d", group.Number, group.Name, other)
	}
	row := rowOfGroup(group)
	if err := t.put(groupKey(nil, group.Number), &row); err != nil {
		return err
	}
	return t.reindex(indexOfGroup(old), indexOfGroup(group))
}

func (t *tx) DeleteGroup(number registry.GroupNumber) error {
	group, err := t.GroupByNumber(number)
	if err != nil {
		return err
	}
	if group == nil {
		return fmt.Errorf("delete group %d: there is none", number)
	}
	members, err := t.Members(number, 0, registry.ThingKey{}, 1)
	if err != nil {
		return err
	}
	if len(members) > 0 {
		return fmt.Errorf("delete group %d: it holds thing %s", number, members[0].Thing.Name)
	}
	if err := t.batch.Delete(groupKey(nil, number), nil); err != nil {
		return err
	}
	return t.reindex(indexOfGroup(group), nil)
}

// indexOfGroup are the rows by which a group is found; none for nil and for a group that is being deleted.
func indexOfGroup(g *registry.ThingGroup) index {
	if g == nil || g.Deleting {
		return nil
	}
	number := appendUint(nil, uint64(g.Number))
	return index{
		string(groupNameKey(nil, g.Name)):         number,
		string(childKey(nil, g.Parent(), g.Name)): number,
	}
}

func decodeGroupNumber(value []byte) (registry.GroupNumber, error) {
	if len(value) != 8 {
		return 0, errMalformed
	}
	return registry.GroupNumber(binary.BigEndian.Uint64(value)), nil
}
