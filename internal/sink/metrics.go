package sink

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what becomes of events.
type Metrics struct {
	posts   *prometheus.CounterVec
	dropped prometheus.Counter
	pending prometheus.Gauge
}

// NewMetrics registers the metrics.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{
		posts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "iotjobs_webhook_posts_total",
			Help: "Tries to deliver an event to the webhook, by result: delivered or failed.",
		}, []string{"result"}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "iotjobs_webhook_events_dropped_total",
			Help: "Events that were dropped undelivered, because more than --max-stored-events waited.",
		}),
		pending: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "iotjobs_webhook_events_pending",
			Help: "Events that wait for delivery.",
		}),
	}
	registry.MustRegister(m.posts, m.dropped, m.pending)
	return m
}

func (m *Metrics) posted(err error) {
	result := "delivered"
	if err != nil {
		result = "failed"
	}
	m.posts.WithLabelValues(result).Inc()
}
