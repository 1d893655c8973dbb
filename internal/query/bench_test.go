package query_test

import (
	"strconv"
	"testing"
	"time"

	"iotjobs/internal/query"
)

func BenchmarkMatch(b *testing.B) {
	doc := pump()
	for _, text := range []string{
		"*",
		"thingName:pump-7",
		"thingName:pump*",
		"attributes.site:oslo",
		"attributes.firmware:[1 TO 2}",
		"thingTypeName:pump AND attributes.site:(bergen OR oslo) AND NOT attributes.firmware>=2",
		"shadow.reported.stats.battery>70",
		"connectivity.connected:true connectivity.timestamp>1557651600000",
		"nowhere",
	} {
		b.Run(text, func(b *testing.B) {
			q, err := query.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				q.Match(doc)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := query.Parse("thingTypeName:pump AND attributes.site:(bergen OR oslo) AND NOT attributes.firmware>=2"); err != nil {
			b.Fatal(err)
		}
	}
}

// A job over a million things asks Match a million times: no form of query may leave garbage behind.
func TestMatchDoesNotAllocate(t *testing.T) {
	doc := pump()
	for _, row := range manual {
		q := parse(t, row.text)
		if n := testing.AllocsPerRun(10, func() { q.Match(doc) }); n > 0 {
			t.Errorf("%s: %v allocations for each thing", row.text, n)
		}
	}
	q := parse(t, "attributes.firmware>=1.5 -attributes.site:b*n -shadow.reported.stats.battery:[10 TO 20} -nowhere")
	for i := range 100 {
		doc.ThingName, doc.Connectivity.Timestamp = "pump-"+strconv.Itoa(i), time.UnixMilli(int64(i))
		if n := testing.AllocsPerRun(1, func() { q.Match(doc) }); n > 0 {
			t.Fatalf("%v allocations", n)
		}
	}
}
