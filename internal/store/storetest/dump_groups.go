package storetest

import (
	"fmt"

	"iotjobs/internal/registry"
)

// groups shows the groups, whom they hold now, and whom they held.
func (d *dumper) groups() error {
	version, err := d.tx.Version()
	if err != nil {
		return err
	}
	d.line("version", version)
	list, err := allGroups(d.tx, d.page)
	if err != nil {
		return err
	}
	for _, g := range list {
		d.line("group", g)
		byName, err := d.tx.Group(g.Name)
		if err != nil {
			return err
		}
		d.line(" by name", byName)
	}
	// Those that are being deleted are found by their number only, and those without a parent are the children of zero.
	for number := registry.GroupNumber(0); number <= registry.GroupNumber(version); number++ {
		if err := d.group(number, version); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumper) group(number registry.GroupNumber, version uint64) error {
	g, err := d.tx.GroupByNumber(number)
	if err != nil || g == nil && number != 0 {
		return err
	}
	d.line(fmt.Sprintf("group %d", number), g)
	children, err := allChildGroups(d.tx, number, d.page)
	if err != nil {
		return err
	}
	for _, c := range children {
		d.line(" child", c)
	}
	following, err := allJobsFollowing(d.tx, number, d.page)
	if err != nil {
		return err
	}
	for _, j := range following {
		d.line(" followed by", j.Number)
	}
	return d.members(number, version)
}

// members shows the members now and as of versions up to the one at which the next change would happen: all versions of a short
// life, some of a long one.
func (d *dumper) members(group registry.GroupNumber, version uint64) error {
	const enough = 40
	step := 1 + version/enough
	for asOf := uint64(0); asOf <= version+step; asOf += step {
		list, err := allMembers(d.tx, group, min(asOf, version+1), d.page)
		if err != nil {
			return err
		}
		for _, m := range list {
			d.line(fmt.Sprintf(" member as of %d", asOf), m)
		}
	}
	return nil
}
