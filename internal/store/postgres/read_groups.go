package postgres

import (
	"github.com/jackc/pgx/v5"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

const selectGroups = `SELECT number, name, deleting, content FROM thing_group `

func scanGroup(rows pgx.Rows) (*registry.ThingGroup, error) {
	var number int64
	var name string
	var deleting bool
	var content []byte
	if err := rows.Scan(&number, &name, &deleting, &content); err != nil {
		return nil, err
	}
	return decodeGroup(registry.GroupName(name), registry.GroupNumber(number), deleting, content)
}

func (r *readTx) Group(name registry.GroupName) (*registry.ThingGroup, error) {
	return one(r, scanGroup, selectGroups+`WHERE name = $1 AND NOT deleting`, storableText(string(name)))
}

func (r *readTx) GroupByNumber(number registry.GroupNumber) (*registry.ThingGroup, error) {
	return one(r, scanGroup, selectGroups+`WHERE number = $1`, bounded(number))
}

func (r *readTx) Groups(after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
	return listed(r, scanGroup, selectGroups+`WHERE name > $1 AND NOT deleting ORDER BY name LIMIT $2`, string(after), max(0, limit))
}

func (r *readTx) ChildGroups(parent registry.GroupNumber, after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
	return listed(r, scanGroup, selectGroups+`WHERE parent = $3 AND name > $1 AND NOT deleting ORDER BY name LIMIT $2`, string(after), max(0, limit), bounded(parent))
}

// Members needs no locks: device traffic never changes the registry's part. What is listed in an update is likely to be read next.
func (r *readTx) Members(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
	sql := `SELECT thing_name, thing, direct FROM membership WHERE grp = $1 AND (thing_name, thing) > ($2, $3) `
	args := []any{bounded(group), string(after.Name), bounded(after.Number), max(0, limit)}
	if asOf == 0 {
		sql += `AND departed IS NULL `
	} else {
		sql += `AND joined <= $5 AND (departed IS NULL OR departed > $5) `
		args = append(args, bounded(asOf))
	}
	list, err := listed(r, func(rows pgx.Rows) (m store.Member, err error) {
		var name string
		var thing int64
		err = rows.Scan(&name, &thing, &m.Direct)
		m.Thing = registry.ThingKey{Name: registry.ThingName(name), Number: registry.ThingNumber(thing)}
		return m, err
	}, sql+`ORDER BY thing_name, thing LIMIT $4`, args...)
	if r.tx != nil {
		r.tx.expect(list)
	}
	return list, err
}
