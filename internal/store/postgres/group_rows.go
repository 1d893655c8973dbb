package postgres

import (
	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

type groupRow struct {
	ID          string            `cbor:"2,keyasint"`
	Description string            `cbor:"3,keyasint,omitempty"`
	Attributes  map[string]string `cbor:"4,keyasint,omitempty"`
	Path        []uint64          `cbor:"5,keyasint,omitempty"`
	Version     int64             `cbor:"6,keyasint"`
	CreatedAt   int64             `cbor:"7,keyasint,omitempty"`

	// Of dynamic groups.
	Query        string `cbor:"9,keyasint,omitempty"`
	QueryVersion string `cbor:"10,keyasint,omitempty"`
	IndexName    string `cbor:"11,keyasint,omitempty"`
	Status       string `cbor:"12,keyasint,omitempty"`
}

func rowOfGroup(g *registry.ThingGroup) groupRow {
	r := groupRow{
		ID: g.ID, Description: g.Description, Attributes: g.Attributes, Version: g.Version, CreatedAt: rowcodec.Micros(g.CreatedAt),
		Query: g.Query, QueryVersion: g.QueryVersion, IndexName: g.IndexName, Status: string(g.Status),
	}
	for _, above := range g.Path {
		r.Path = append(r.Path, uint64(above))
	}
	return r
}

func (r *groupRow) group(name registry.GroupName, number registry.GroupNumber, deleting bool) *registry.ThingGroup {
	g := &registry.ThingGroup{
		Name: name, Number: number, Deleting: deleting, ID: r.ID, Description: r.Description, Attributes: r.Attributes, Version: r.Version,
		CreatedAt: rowcodec.FromMicros(r.CreatedAt), Query: r.Query, QueryVersion: r.QueryVersion, IndexName: r.IndexName,
		Status: registry.GroupStatus(r.Status),
	}
	for _, above := range r.Path {
		g.Path = append(g.Path, registry.GroupNumber(above))
	}
	return g
}
