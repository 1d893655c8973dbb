package main

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/config"
	"iotjobs/internal/store/postgres/pgtest"
)

// The table of docs/operating.md names every metric of the server, with either store, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(webhookSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	served := map[string]struct{}{}
	for _, store := range []string{"", pgtest.NewURL(t)} {
		r := newRunningWith(t, func(c *config.Config) {
			c.Store, c.Webhook, c.WebhookSecretFile = store, "http://127.0.0.1:1/", secret
		})
		r.call(r.client(nil), "GET /things/lamp/jobs", "", http.StatusForbidden, "MissingAuthenticationTokenException") // the server runs
		descriptions := make(chan *prometheus.Desc)
		go func() {
			r.metrics.Describe(descriptions)
			close(descriptions)
		}()
		for d := range descriptions {
			if name := regexp.MustCompile(`fqName: "(iotjobs_\w+)"`).FindStringSubmatch(d.String()); name != nil {
				served[name[1]] = struct{}{}
			}
		}
		if _, err := r.metrics.Gather(); err != nil {
			t.Error(err)
		}
	}
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]struct{}{}
	for _, name := range regexp.MustCompile("(?m)^\\| `(iotjobs_\\w+)").FindAllSubmatch(text, -1) {
		documented[string(name[1])] = struct{}{}
	}
	if got, want := slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(served)); !slices.Equal(got, want) {
		t.Errorf("docs/operating.md names\n%q\nthe server has\n%q", got, want)
	}
}
