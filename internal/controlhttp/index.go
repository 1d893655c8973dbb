package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func decodeSearchIndex(q *httpapi.Request) (service.SearchIndexInput, error) {
	body := q.SearchIndex()
	return service.SearchIndexInput{
		Search: search(body.SearchRequest), Page: service.Page{MaxResults: body.MaxResults, NextToken: body.NextToken},
	}, nil
}

func encodeFoundThings(out service.SearchIndexOutput) any {
	page := make([]wire.ThingDocument, len(out.Things))
	for i, found := range out.Things {
		page[i] = wire.NewThingDocument(found.Thing, found.Groups)
	}
	return wire.FoundThings(page, out.NextToken)
}

func decodeIndexName(q *httpapi.Request) (string, error) {
	name := q.Path("indexName")
	q.Check(name, "indexName", wire.IndexNameRules()...)
	return name, nil
}

func encodeIndex(mode service.IndexingMode) any { return wire.ThingIndex(string(mode)) }

// maxIndices is the page size that ListIndices allows.
const maxIndices = 500

func decodeListIndices(q *httpapi.Request) (service.Page, error) {
	most, _ := q.QueryLong("maxResults", wire.Min(1), wire.Max(maxIndices))
	token, _ := q.Query("nextToken")
	return service.Page{MaxResults: int(most), NextToken: token}, nil
}

func encodeIndices(names []string) any { return wire.Indices(names) }

func encodeIndexingConfiguration(mode service.IndexingMode) any {
	return wire.NewIndexingConfiguration(string(mode))
}

// decodeUpdateIndexingConfiguration is the mode of the index of things, empty when that is to stay as it is.
func decodeUpdateIndexingConfiguration(q *httpapi.Request) (service.IndexingMode, error) {
	body := q.UpdateIndexingConfiguration()
	if err := notExecutedModes(body); err != nil {
		return "", err
	}
	return service.IndexingMode(body.Things), notExecuted(q, "UpdateIndexingConfiguration")
}
