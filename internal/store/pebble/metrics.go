package pebble

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// Collectors are the metrics of the store, for the registry of a server. They cost something only when they are asked for.
func (s *Store) Collectors() []prometheus.Collector {
	counter := func(name, help string, value func(Stats) int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(s.Stats())) })
	}
	return []prometheus.Collector{
		counter("iotjobs_store_groups_total", "Commits of the store; the changes of many devices share one.", func(c Stats) int64 { return c.Groups }),
		counter("iotjobs_store_commands_total", "Changes that devices asked for or timers made, the refused ones too.", func(c Stats) int64 { return c.Commands }),
		counter("iotjobs_store_updates_total", "Changes of operators and background work.", func(c Stats) int64 { return c.Updates }),
		counter("iotjobs_store_wal_bytes_total", "Bytes written to the write-ahead log.", func(c Stats) int64 { return c.Bytes }),
		engine{s},
	}
}

// engine tells what Pebble knows of itself, all from one look at it.
type engine struct{ store *Store }

var (
	diskBytes       = gauge("iotjobs_store_disk_bytes", "Bytes of the store on the disk.")
	debtBytes       = gauge("iotjobs_store_compaction_debt_bytes", "Bytes that compactions still have to rewrite; when it grows for long, the disk is too slow.")
	readLevels      = gauge("iotjobs_store_read_amplification", "Places that a read may have to look into.")
	cacheBytes      = gauge("iotjobs_store_block_cache_bytes", "Memory that blocks of the disk take.")
	blockCacheReads = prometheus.NewDesc("iotjobs_store_block_cache_reads_total", "Blocks that reads needed, by result: hit or miss.", []string{"result"}, nil)
	thingReads      = prometheus.NewDesc("iotjobs_store_thing_reads_total", "Reads of one thing, by result: hit if its row was in memory, or miss.", []string{"result"}, nil)
)

func gauge(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }

// Describe tells all that Collect may send.
func (engine) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{diskBytes, debtBytes, readLevels, cacheBytes, blockCacheReads, thingReads} {
		descriptions <- d
	}
}

// Collect sends nothing once the store has failed: Pebble may hold its locks for ever then.
func (e engine) Collect(metrics chan<- prometheus.Metric) {
	if e.store.enter(context.Background()) != nil {
		return
	}
	look := make(chan *pebble.Metrics, 1)
	go func() {
		defer e.store.gate.leave()
		look <- e.store.db.Metrics()
	}()
	select {
	case m := <-look:
		send(metrics, m, e.store.Stats())
	case <-e.store.failure.stopped:
	}
}

func send(metrics chan<- prometheus.Metric, m *pebble.Metrics, s Stats) {
	value := func(d *prometheus.Desc, v float64) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
	value(diskBytes, float64(m.DiskSpaceUsage()))
	value(debtBytes, float64(m.Compact.EstimatedDebt))
	value(readLevels, float64(m.ReadAmp()))
	value(cacheBytes, float64(m.BlockCache.Size))
	reads := func(of *prometheus.Desc, hits, misses int64) {
		metrics <- prometheus.MustNewConstMetric(of, prometheus.CounterValue, float64(hits), "hit")
		metrics <- prometheus.MustNewConstMetric(of, prometheus.CounterValue, float64(misses), "miss")
	}
	reads(blockCacheReads, m.BlockCache.Hits, m.BlockCache.Misses)
	reads(thingReads, s.ThingHits, s.ThingMisses)
}
