package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/config"
	"iotjobs/internal/service"
	"iotjobs/internal/sink"
	"iotjobs/internal/wire"
)

// openWebhook makes the receiver of events and lets the service store them; nil without --webhook: then nobody takes events, and none is stored.
func openWebhook(c *config.Config, s *service.Service, metrics prometheus.Registerer, log *slog.Logger) (*sink.Webhook, error) {
	if c.Webhook == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.WebhookSecretFile)
	if err != nil {
		return nil, fmt.Errorf("--webhook-secret-file: %w", err)
	}
	secret, err := sink.ParseSecret(text)
	if err != nil {
		return nil, fmt.Errorf("--webhook-secret-file %s: %w", c.WebhookSecretFile, err)
	}
	s.TellEvents = true
	return &sink.Webhook{
		Service: s, URL: c.Webhook, Secret: secret, Realm: wire.Realm{Region: c.Region, Account: c.AccountID}, Keep: uint64(c.MaxStoredEvents),
		Client: sink.NewClient(), Now: time.Now, Jitter: rand.Float64, Metrics: sink.NewMetrics(metrics), Log: log,
	}, nil
}
