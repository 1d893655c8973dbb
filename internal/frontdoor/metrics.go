package frontdoor

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts and times requests.
type Metrics struct {
	seconds *prometheus.HistogramVec
}

// NewMetrics registers the metrics.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "iotjobs_http_request_seconds",
		Help: "Time from the first byte of a request to its answer, by plane, route and status.",
		// From a read in memory to a slow disk.
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"plane", "route", "status"})}
	registry.MustRegister(m.seconds)
	return m
}

func (m *Metrics) observe(plane, route string, status int, took time.Duration) {
	if route == "" || route == "/" {
		route = "none"
	}
	m.seconds.WithLabelValues(plane, route, strconv.Itoa(status)).Observe(took.Seconds())
}
