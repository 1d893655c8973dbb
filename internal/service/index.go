package service

import (
	"context"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/query"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// IndexingMode is what the index of things holds. There is no copy: a search reads the things themselves, so the index is never behind and
// turning it on and off is done at once.
type IndexingMode string

// The modes that are executed.
const (
	IndexingOff      IndexingMode = "OFF"
	IndexingRegistry IndexingMode = "REGISTRY" // names, types, groups and attributes of things
)

// indexingSetting keeps the mode; absent is OFF (CTRL-3.3.8).
const indexingSetting = "fleet-indexing"

// GetIndexingConfiguration tells whether the index is on.
func (s *Service) GetIndexingConfiguration(ctx context.Context) (mode IndexingMode, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		mode, err = indexingMode(tx)
		return err
	})
	return mode, err
}

func indexingMode(tx store.ReadTx) (IndexingMode, error) {
	mode, err := readRecord[IndexingMode](tx, store.SettingRecord, indexingSetting)
	if err != nil || mode == nil {
		return IndexingOff, err
	}
	return *mode, nil
}

// UpdateIndexingConfiguration turns the index on or off; off only when no dynamic thing group needs it. An empty mode leaves it as it is.
func (s *Service) UpdateIndexingConfiguration(ctx context.Context, mode IndexingMode) error {
	if mode == "" {
		return nil
	}
	return s.update(ctx, func(tx store.Tx) error {
		dynamic, err := s.dynamicGroups(tx)
		if err != nil {
			return err
		}
		if mode == IndexingOff && len(dynamic.groups) > 0 {
			return jobs.Errorf(jobs.InvalidRequest, "Thing indexing cannot be turned off while there are dynamic thing groups, found %d.", len(dynamic.groups))
		}
		return putRecord(tx, store.SettingRecord, indexingSetting, &mode)
	})
}

// DescribeIndex tells what an index holds. One that is off is not there.
func (s *Service) DescribeIndex(ctx context.Context, name string) (IndexingMode, error) {
	mode, err := s.GetIndexingConfiguration(ctx)
	switch {
	case err != nil:
		return mode, err
	case name != registry.ThingIndex || mode == IndexingOff:
		return mode, indexNotFound(name)
	}
	return mode, nil
}

// ListIndices lists the names of the indexes that are on.
func (s *Service) ListIndices(ctx context.Context, page Page) (names []string, err error) {
	if page.NextToken != "" { // one page holds them all
		return nil, jobs.Errorf(jobs.InvalidRequest, "Next token is invalid.")
	}
	mode, err := s.GetIndexingConfiguration(ctx)
	if err == nil && mode != IndexingOff {
		names = []string{registry.ThingIndex}
	}
	return names, err
}

func indexNotFound(name string) error {
	return jobs.Errorf(jobs.ResourceNotFound, "Index %s cannot be found.", name)
}

// Search is a query, and for what; empty names and versions mean the only ones.
type Search struct {
	Query, QueryVersion, IndexName string
}

// parse checks what can be known without the store, and reads the query.
func (in Search) parse() (*query.Query, error) {
	switch {
	case in.IndexName != "" && in.IndexName != registry.ThingIndex:
		return nil, indexNotFound(in.IndexName)
	case in.QueryVersion != "" && in.QueryVersion != registry.QueryVersion:
		return nil, jobs.Errorf(jobs.InvalidRequest, "Query version %s is not supported; it must be %s.", in.QueryVersion, registry.QueryVersion)
	}
	parsed, err := query.Parse(in.Query)
	if err != nil {
		return nil, jobs.Errorf(jobs.InvalidQuery, "%v", err)
	}
	for _, field := range parsed.Named() {
		if slices.Contains(notIndexed, field) {
			return nil, jobs.Errorf(jobs.InvalidQuery, "The index holds no %s: %s is not executed by this version.", field, field)
		}
	}
	return parsed, nil
}

// notIndexed are fields of the query language that no mode indexes: a query that names one would find nothing, silently.
var notIndexed = []string{"connectivity", "shadow"}
