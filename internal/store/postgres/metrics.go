package postgres

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// Collectors are the metrics of the store, for the registry of a server. Those that the embedded store has too have the same names.
func (s *Store) Collectors() []prometheus.Collector {
	counter := func(name, help string, value func(Stats) int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(s.Stats())) })
	}
	collectors := []prometheus.Collector{
		counter("iotjobs_store_groups_total", "Commits of the store; the changes of many devices share one.", func(c Stats) int64 { return c.Groups }),
		counter("iotjobs_store_commands_total", "Changes that devices asked for or timers made, the refused ones too.", func(c Stats) int64 { return c.Commands }),
		counter("iotjobs_store_updates_total", "Changes of operators and background work.", func(c Stats) int64 { return c.Updates }),
		counter("iotjobs_store_retries_total", "Transactions that ran again, after a conflict or a lost connection.", func(c Stats) int64 { return c.Retries }),
		counter("iotjobs_store_blocked_total", "Changes of devices that waited for a thing that something else had locked.", func(c Stats) int64 { return c.Blocked }),
	}
	for name, pool := range map[string]*pgxpool.Pool{"read": s.reads, "write": s.writes} {
		collectors = append(collectors, connections(name, "used", func() int32 { return pool.Stat().AcquiredConns() }),
			connections(name, "open", func() int32 { return pool.Stat().TotalConns() }),
			connections(name, "most", func() int32 { return pool.Stat().MaxConns() }))
	}
	return collectors
}

func connections(pool, state string, count func() int32) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "iotjobs_store_connections", Help: "Connections to the database: used now, open, and the most there may be.",
		ConstLabels: prometheus.Labels{"pool": pool, "state": state},
	}, func() float64 { return float64(count()) })
}
