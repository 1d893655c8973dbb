package service

import (
	"cmp"
	"context"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/query"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// SearchIndexInput looks for things.
type SearchIndexInput struct {
	Search

	Page Page
}

// SearchIndexOutput is one page, by name.
type SearchIndexOutput struct {
	Things    []FoundThing
	NextToken string
}

// FoundThing is a thing with the names of the groups that it is in itself, sorted.
type FoundThing struct {
	Thing  *registry.Thing
	Groups []registry.GroupName
}

// SearchIndex finds the things that a query is true of (CTRL-3.3.6). A page may hold less than asked for while a token leads on: scanning is
// bounded.
func (s *Service) SearchIndex(ctx context.Context, in SearchIndexInput) (SearchIndexOutput, error) {
	var out SearchIndexOutput
	parsed, err := in.parse()
	if err != nil {
		return out, err
	}
	after, err := cursorOf[registry.ThingName](in.Page)
	if err != nil {
		return out, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		if mode, err := indexingMode(tx); err != nil || mode == IndexingOff {
			return cmp.Or[error](err, jobs.Errorf(jobs.IndexNotReady, "Thing indexing is OFF; turn it on with UpdateIndexingConfiguration."))
		}
		names := groupNames{tx: tx, known: map[registry.GroupNumber]registry.GroupName{}}
		readsGroups := slices.Contains(parsed.Fields(), "thingGroupNames")
		match := func(t *registry.Thing) bool {
			var groups []registry.GroupName
			if readsGroups {
				groups = names.of(t)
			}
			return parsed.Match(document(t, groups))
		}
		things, token, err := scan(in.Page.size(), after, match, tx.Things, func(t *registry.Thing) registry.ThingName { return t.Name })
		out = SearchIndexOutput{NextToken: token}
		for _, t := range things {
			out.Things = append(out.Things, FoundThing{t, names.of(t)})
		}
		return cmp.Or(err, names.err)
	})
	return out, err
}

// groupNames reads the names of groups, each once. The first error stays in err.
type groupNames struct {
	tx    store.ReadTx
	known map[registry.GroupNumber]registry.GroupName // empty for a group that is being deleted
	err   error
}

func (g *groupNames) of(thing *registry.Thing) (names []registry.GroupName) {
	for _, number := range thing.DirectGroups() {
		name, ok := g.known[number]
		if !ok {
			name = g.read(number)
			g.known[number] = name
		}
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (g *groupNames) read(number registry.GroupNumber) registry.GroupName {
	group, err := g.tx.GroupByNumber(number)
	if err != nil || group == nil || group.Deleting {
		g.err = cmp.Or(g.err, err)
		return ""
	}
	return group.Name
}

// document is a thing as queries see it.
func document(thing *registry.Thing, groups []registry.GroupName) query.Document {
	doc := query.Document{
		ThingName: string(thing.Name), ThingID: thing.ID, ThingTypeName: string(thing.Type), Attributes: thing.Attributes, Version: thing.Version,
	}
	for _, name := range groups {
		doc.ThingGroupNames = append(doc.ThingGroupNames, string(name))
	}
	return doc
}
