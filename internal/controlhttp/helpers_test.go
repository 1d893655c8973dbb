package controlhttp_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
)

// quoted is a string as JSON, as the plane writes it.
func quoted(s string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	return out.String()[:out.Len()-1]
}

// walk follows a list's tokens, two rows at a time, and collects one member of each row.
func walk(p *plane, path, member string) (seen []string) {
	p.t.Helper()
	for token := ""; ; {
		var page struct {
			Things, ThingTypes, ThingGroups, ExecutionSummaries []map[string]any
			NextToken                                           string
		}
		if err := json.Unmarshal([]byte(p.ok("GET "+path+"?maxResults=2&nextToken="+url.QueryEscape(token), "")), &page); err != nil {
			p.t.Fatal(err)
		}
		for _, row := range slices.Concat(page.Things, page.ThingTypes, page.ThingGroups, page.ExecutionSummaries) {
			seen = append(seen, row[member].(string))
		}
		if token = page.NextToken; token == "" || len(seen) > 100 {
			return seen
		}
	}
}
