package config

import (
	"strings"
	"testing"
	"time"
)

func TestDefaultsAreValid(t *testing.T) {
	c := Default()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateAccepts(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"own region":                     func(c *Config) { c.Region = "plant-north-1" },
		"government region":              func(c *Config) { c.Region = "us-gov-west-1" },
		"sovereign region":               func(c *Config) { c.Region = "eusc-de-east-1" },
		"leading zeros":                  func(c *Config) { c.AccountID = "000000000001" },
		"all off but one":                func(c *Config) { c.HTTP, c.Admin = Off, Off },
		"any free port":                  func(c *Config) { c.HTTP, c.HTTPS, c.Admin = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0" },
		"IPv6 loopback":                  func(c *Config) { c.HTTP = "[::1]:8080" },
		"several hosts":                  func(c *Config) { c.Store, c.DrainDelay = "postgres://u@a:5432,b:5432/iotjobs", time.Second },
		"localhost":                      func(c *Config) { c.HTTP = "LocalHost:8080" },
		"all of 127/8":                   func(c *Config) { c.HTTP = "127.8.9.10:8080" },
		"https everywhere":               func(c *Config) { c.HTTPS = "0.0.0.0:8443" },
		"http everywhere, said":          func(c *Config) { c.HTTP, c.InsecureHTTP = ":8080", true },
		"admin everywhere":               func(c *Config) { c.Admin = "0.0.0.0:8081" },
		"advertised name":                func(c *Config) { c.Advertise = "jobs.example.org" },
		"advertised IPv6":                func(c *Config) { c.Advertise = "2001:db8::1" },
		"emulator":                       func(c *Config) { c.Signatures = SignaturesParse },
		"emulator, admin everywhere":     func(c *Config) { c.Signatures, c.Admin = SignaturesParse, "0.0.0.0:8081" },
		"emulator everywhere, said":      func(c *Config) { c.Signatures, c.HTTPS, c.InsecureRemote = SignaturesParse, "0.0.0.0:8443", true },
		"virtual clock":                  func(c *Config) { c.Clock = ClockVirtual },
		"webhook":                        func(c *Config) { c.Webhook, c.WebhookSecretFile = "https://a.example/x?y=z", "f" },
		"webhook on loopback":            func(c *Config) { c.Webhook, c.WebhookSecretFile = "http://[::1]:9/x", "f" },
		"webhook in plain HTTP, said":    func(c *Config) { c.Webhook, c.WebhookSecretFile, c.InsecureHTTP = "http://a.example", "f", true },
		"own certificates":               func(c *Config) { c.TLSCert, c.TLSKey, c.CACert, c.CAKey = "a", "b", "c", "d" },
		"quotas raised":                  func(c *Config) { c.MaxTargetsPerJob, c.MaxPendingPerThing = 1_000_000, 1 },
		"key file elsewhere, no profile": func(c *Config) { c.KeyFile, c.NoProfile = "/etc/iotjobs/key", true },
	} {
		c := Default()
		change(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   []string // the start of each line, in order; no other lines
	}{
		{"account of 11 digits", func(c *Config) { c.AccountID = "12345678901" }, []string{`--account-id: "12345678901" is not 12 digits`}},
		{"account with letters", func(c *Config) { c.AccountID = "12345678901x" }, []string{"--account-id"}},
		{"account with other digits", func(c *Config) { c.AccountID = "١23456789012" }, []string{"--account-id"}},
		{"region empty", func(c *Config) { c.Region = "" }, []string{"--region"}},
		{"region in capitals", func(c *Config) { c.Region = "EU-WEST-1" }, []string{"--region"}},
		{"region without number", func(c *Config) { c.Region = "eu-west" }, []string{"--region"}},
		{"region with a newline", func(c *Config) { c.Region = "eu-west-1\n" }, []string{"--region"}},
		{"data empty", func(c *Config) { c.Data = "" }, []string{"--data"}},

		{"advertise with port", func(c *Config) { c.Advertise = "a.example:8443" }, []string{"--advertise"}},
		{"advertise URL", func(c *Config) { c.Advertise = "https://a.example" }, []string{"--advertise"}},
		{"advertise everything", func(c *Config) { c.Advertise = "0.0.0.0" }, []string{"--advertise: 0.0.0.0 is not an address that devices"}},
		{"advertise mistyped", func(c *Config) { c.Advertise = "192.168.1.300" }, []string{"--advertise"}},

		{"address without port", func(c *Config) { c.HTTP = "127.0.0.1" }, []string{`--http: "127.0.0.1": want host:port`}},
		{"address empty", func(c *Config) { c.HTTPS = "" }, []string{"--https"}},
		{"port too large", func(c *Config) { c.HTTPS = "127.0.0.1:65536" }, []string{`--https: "127.0.0.1:65536": port "65536"`}},
		{"port negative", func(c *Config) { c.HTTPS = "127.0.0.1:-1" }, []string{"--https"}},
		{"port by name", func(c *Config) { c.Admin = "127.0.0.1:http" }, []string{"--admin"}},
		{"host mistyped", func(c *Config) { c.Admin = "127.0.0.256:8081" }, []string{"--admin"}},
		{"off in capitals", func(c *Config) { c.Admin = "OFF" }, []string{"--admin"}},
		{"same address twice", func(c *Config) { c.Admin = c.HTTPS }, []string{"--admin: 127.0.0.1:8443 is already the address of --https"}},
		{"nothing serves", func(c *Config) { c.HTTP, c.HTTPS = Off, Off }, []string{"--http: nothing would serve"}},

		{"http everywhere", func(c *Config) { c.HTTP = "0.0.0.0:8080" }, []string{"--http: 0.0.0.0:8080 is reachable from outside"}},
		{"http, no host", func(c *Config) { c.HTTP = ":8080" }, []string{"--http"}},
		{"http on a name", func(c *Config) { c.HTTP = "jobs.example.org:8080" }, []string{"--http"}},
		{"http on all of IPv6", func(c *Config) { c.HTTP = "[::]:8080" }, []string{"--http"}},
		{"insecure-remote is not insecure-http", func(c *Config) { c.HTTP, c.InsecureRemote = ":8080", true }, []string{"--http"}},

		{"mqtts", func(c *Config) { c.MQTTS = "127.0.0.1:8883" }, []string{"--mqtts: not available in this version"}},
		{"mqtt", func(c *Config) { c.MQTT = "127.0.0.1:1883" }, []string{"--mqtt: not available in this version"}},
		{"mqtt everywhere", func(c *Config) { c.MQTT = "0.0.0.0:1883" }, []string{"--mqtt: not available", "--mqtt: 0.0.0.0:1883 is reachable from outside"}},
		{"store", func(c *Config) { c.Store = "mysql://u:p@db/iotjobs" }, []string{"--store: want a URL that begins with postgres://"}},
		{"unsafe without store", func(c *Config) { c.AllowUnsafeStore = true }, []string{"--allow-unsafe-store"}},
		{"negative drain", func(c *Config) { c.DrainDelay = -time.Second }, []string{"--drain-delay"}},

		{"certificate without key", func(c *Config) { c.TLSCert, c.CACert = "a", "b" }, []string{"--tls-key: missing", "--ca-key: missing"}},
		{"key without certificate", func(c *Config) { c.TLSKey, c.CAKey = "a", "b" }, []string{"--tls-cert: missing", "--ca-cert: missing"}},
		{"certificate that nobody shows", func(c *Config) { c.TLSCert, c.TLSKey, c.HTTPS = "a", "b", Off }, []string{"--tls-cert: no listener would show it"}},

		{"signatures unknown", func(c *Config) { c.Signatures = "none" }, []string{`--signatures: "none"; want "verify" or "parse"`}},
		{"emulator with store", func(c *Config) { c.Signatures, c.Store = SignaturesParse, "postgres://db" }, []string{"--signatures: parse believes everybody, so it never works on a database"}},
		{"emulator everywhere", func(c *Config) { c.Signatures, c.HTTPS = SignaturesParse, "0.0.0.0:8443" }, []string{"--signatures: parse believes everybody, and --https"}},
		{
			"insecure-http is not insecure-remote",
			func(c *Config) { c.Signatures, c.HTTP, c.InsecureHTTP = SignaturesParse, ":8080", true },
			[]string{"--signatures: parse believes everybody, and --http"},
		},

		{"clock unknown", func(c *Config) { c.Clock = "fast" }, []string{`--clock: "fast"; want "real" or "virtual"`}},
		{"virtual clock, no admin", func(c *Config) { c.Clock, c.Admin = ClockVirtual, Off }, []string{"--clock: virtual needs the admin listener"}},
		{"virtual clock, admin everywhere", func(c *Config) { c.Clock, c.Admin = ClockVirtual, ":8081" }, []string{"--clock: virtual lets whoever"}},

		{"no targets", func(c *Config) { c.MaxTargetsPerJob = 0 }, []string{"--max-targets-per-job: 0"}},
		{"negative rate", func(c *Config) { c.MaxRolloutPerMinute = -1 }, []string{"--max-rollout-per-minute: -1"}},
		{"negative active jobs", func(c *Config) { c.MaxActiveJobs = -1 }, []string{"--max-active-jobs: -1"}},
		{"unknown switch", func(c *Config) { c.Fidelity = "aws" }, []string{`--fidelity: "aws" is no switch`}},
		{"negative concurrent jobs", func(c *Config) { c.MaxConcurrentJobs = -1 }, []string{"--max-concurrent-jobs: -1"}},
		{"negative lead", func(c *Config) { c.MinScheduleLead = -1 }, []string{"--min-schedule-lead: -1ns"}},
		{"no stored events", func(c *Config) { c.MaxStoredEvents = 0 }, []string{"--max-stored-events: 0"}},
		{"webhook without a secret", func(c *Config) { c.Webhook = "https://a.example/" }, []string{"--webhook-secret-file: missing"}},
		{"secret without a webhook", func(c *Config) { c.WebhookSecretFile = "f" }, []string{"--webhook-secret-file: there is no --webhook"}},
		{"webhook to a host", func(c *Config) { c.Webhook, c.WebhookSecretFile = "a.example", "f" }, []string{"--webhook: want an absolute URL"}},
		{"webhook to a file", func(c *Config) { c.Webhook, c.WebhookSecretFile = "file:///a", "f" }, []string{"--webhook: want an absolute URL"}},
		{"webhook that is no URL", func(c *Config) { c.Webhook, c.WebhookSecretFile = "https://a b/", "f" }, []string{"--webhook: want an absolute URL"}},
		{"webhook with a fragment", func(c *Config) { c.Webhook, c.WebhookSecretFile = "https://a/#b", "f" }, []string{"--webhook: want an absolute URL"}},
		{"webhook with a password", func(c *Config) { c.Webhook, c.WebhookSecretFile = "https://u:p@a/", "f" }, []string{"--webhook: a user or password"}},
		{"webhook in plain HTTP", func(c *Config) { c.Webhook, c.WebhookSecretFile = "http://a.example/", "f" }, []string{"--webhook: plain HTTP can be read"}},
		{"negative pending", func(c *Config) { c.MaxPendingPerThing = -1 }, []string{"--max-pending-per-thing: -1"}},

		{
			"everything at once",
			func(c *Config) {
				*c = Config{
					HTTP: "0.0.0.0:80", HTTPS: "x", MQTTS: "0.0.0.0:8883", MQTT: Off, Admin: ":8081", Advertise: "*",
					Signatures: SignaturesParse, Clock: ClockVirtual, Store: "s",
				}
			},
			[]string{
				"--region", "--account-id", "--advertise", "--data", "--store", "--http", "--https", "--mqtts",
				"--signatures: parse believes everybody, so", "--signatures: parse believes everybody, and --http ", "--signatures: parse believes everybody, and --mqtts",
				"--clock", "--max-targets-per-job", "--max-pending-per-thing", "--max-stored-events",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := Default()
			c.change(&config)
			err := config.Validate()
			if err == nil {
				t.Fatal("accepted")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(c.want) {
				t.Fatalf("%d faults, want %d:\n%v", len(lines), len(c.want), err)
			}
			for i, line := range lines {
				if !strings.HasPrefix(line, c.want[i]) {
					t.Errorf("fault %d: %q, want %q…", i, line, c.want[i])
				}
			}
		})
	}
}

func TestValidateKeepsTheStorePassword(t *testing.T) {
	c := Default()
	c.Store, c.Signatures = "postgres://user:hunter2@db/iotjobs", SignaturesParse
	if err := c.Validate(); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestAdvertisedHostAndServerNames(t *testing.T) {
	for _, c := range []struct {
		http, https, advertise string
		host, names            string
	}{
		{"127.0.0.1:8080", "127.0.0.1:8443", "", "127.0.0.1", "127.0.0.1 127.0.0.1"},
		{"127.0.0.1:8080", "192.0.2.1:8443", "", "192.0.2.1", "192.0.2.1 192.0.2.1"},
		{"192.0.2.1:8080", "off", "", "192.0.2.1", "192.0.2.1"},
		{"10.0.0.1:8080", ":8443", "", "10.0.0.1", "10.0.0.1"},
		{"off", "[::]:8443", "", "localhost", "localhost"},
		{"off", "[fe80::1%eth0]:8443", "", "localhost", "localhost"},
		{"off", "192.0.2.1:8443", "jobs.example.org", "jobs.example.org", "jobs.example.org 192.0.2.1"},
	} {
		config := Default()
		config.HTTP, config.HTTPS, config.Advertise = c.http, c.https, c.advertise
		if got := config.AdvertisedHost(); got != c.host {
			t.Errorf("%+v: host %q", c, got)
		}
		if got := strings.Join(config.ServerNames(), " "); got != c.names {
			t.Errorf("%+v: names %q", c, got)
		}
	}
}

func TestKeyPath(t *testing.T) {
	c := Config{Data: "/var/lib/iotjobs"}
	if got := c.KeyPath(); got != "/var/lib/iotjobs/key" {
		t.Error(got)
	}
	c.KeyFile = "/etc/iotjobs/key"
	if got := c.KeyPath(); got != "/etc/iotjobs/key" {
		t.Error(got)
	}
}
