package config_test

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"iotjobs/internal/config"
)

// loader is what main does with ParseFile.
func loader(r io.Reader) (kong.Resolver, error) {
	file, err := config.ParseFile(r)
	if err != nil {
		return nil, err
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value, ok := file.Lookup(flag.Name); ok {
			return value, nil
		}
		return nil, nil
	}), nil
}

// parse reads a command line as main does.
func parse(t *testing.T, args ...string) (config.Config, error) {
	t.Helper()
	var cli struct {
		Serve struct {
			config.Config
			File kong.ConfigFlag `name:"config"`
		} `cmd:""`
	}
	parser, err := kong.New(&cli, kong.Name("iotjobs"), kong.Configuration(loader))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(append([]string{"serve"}, args...))
	return cli.Serve.Config, err
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlagsAreTheContract(t *testing.T) {
	want := []string{
		"data", "http", "https", "mqtts", "mqtt", "admin",
		"tls-cert", "tls-key", "ca-cert", "ca-key",
		"region", "account-id", "advertise", "signatures", "clock",
		"store", "allow-unsafe-store", "drain-delay", "key-file", "audit",
		"fidelity", "insecure-http", "insecure-remote", "no-profile", "max-targets-per-job", "max-pending-per-thing",
		"max-rollout-per-minute", "max-active-jobs", "max-concurrent-jobs", "min-schedule-lead",
		"webhook", "webhook-secret-file", "max-stored-events",
	}
	var got []string
	for field := range reflect.TypeFor[config.Config]().Fields() {
		name := field.Tag.Get("name")
		got = append(got, name)
		if env, want := field.Tag.Get("env"), "IOTJOBS_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_")); env != want {
			t.Errorf("--%s has the environment variable %q, want %q", name, env, want)
		}
		if field.Tag.Get("help") == "" {
			t.Errorf("--%s has no help", name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("flags %q, want %q", got, want)
	}
}

func TestKongGivesTheDefaults(t *testing.T) {
	got, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	if want := config.Default(); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestKongCallsValidate(t *testing.T) {
	_, err := parse(t, "--account-id=1", "--region=x")
	if err == nil || !strings.Contains(err.Error(), "--account-id") || !strings.Contains(err.Error(), "--region") {
		t.Errorf("got %v, want both faults", err)
	}
}

func TestFlagOverEnvironmentOverFile(t *testing.T) {
	path := writeFile(t, `{"region": "eu-file-1", "account-id": "000000000003", "clock": "virtual", "insecure-http": true, "max-targets-per-job": 3,
		"max-pending-per-thing": 33, "min-schedule-lead": "90s"}`)
	t.Setenv("IOTJOBS_REGION", "eu-env-1")
	t.Setenv("IOTJOBS_ACCOUNT_ID", "000000000002")
	t.Setenv("IOTJOBS_MAX_TARGETS_PER_JOB", "2")
	got, err := parse(t, "--config", path, "--region", "eu-flag-1")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Region = "eu-flag-1"
	want.AccountID = "000000000002"
	want.MaxTargetsPerJob = 2
	want.Clock = "virtual"
	want.InsecureHTTP = true
	want.MaxPendingPerThing = 33
	want.MinScheduleLead = 90 * time.Second
	if got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestFileMaySayFalse(t *testing.T) {
	got, err := parse(t, "--config", writeFile(t, `{"insecure-http": false}`))
	if err != nil || got.InsecureHTTP {
		t.Errorf("got %v, %v", got.InsecureHTTP, err)
	}
}

func TestFileIsValidatedToo(t *testing.T) {
	if _, err := parse(t, "--config", writeFile(t, `{"account-id": "1"}`)); err == nil || !strings.Contains(err.Error(), "--account-id") {
		t.Errorf("got %v", err)
	}
}

func TestParseFileRefuses(t *testing.T) {
	for _, c := range []struct {
		name, content string
		says          []string
	}{
		{"empty", ``, []string{"one JSON object"}},
		{"cut", `{"region": "eu-west-1"`, []string{"one JSON object"}},
		{"list", `["region"]`, []string{"one JSON object"}},
		{"null", `null`, []string{"one JSON object"}},
		{"two objects", `{} {}`, []string{"one JSON object"}},
		{"unknown", `{"colour": "red"}`, []string{`"colour" is not known; there are: account-id, admin,`}},
		{"underscore", `{"account_id": "123456789012"}`, []string{`"account_id" is not known; did you mean "account-id"?`}},
		{"with dashes", `{"--region": "eu-west-1"}`, []string{`did you mean "region"?`}},
		{"field name", `{"KeyFile": "k"}`, []string{`did you mean "key-file"?`}},
		{"twice", `{"region": "eu-west-1", "region": "eu-west-2"}`, []string{`"region" stands there twice`}},
		{"number for text", `{"account-id": 123456789012}`, []string{`"account-id": want text`}},
		{"null for text", `{"region": null}`, []string{`"region": want text`}},
		{"text for number", `{"max-targets-per-job": "5"}`, []string{`"max-targets-per-job": want a whole number`}},
		{"fraction", `{"max-targets-per-job": 1.5}`, []string{`"max-targets-per-job": want a whole number`}},
		{"text for boolean", `{"insecure-http": "yes"}`, []string{`"insecure-http": want true or false`}},
		{"number for duration", `{"min-schedule-lead": 30}`, []string{`"min-schedule-lead": want a duration in quotation marks`}},
		{"text for duration", `{"min-schedule-lead": "soon"}`, []string{`"min-schedule-lead": want a duration in quotation marks`}},
		{"several", `{"a": 1, "insecure-http": 1, "clock": 1}`, []string{`"a"`, `"insecure-http"`, `"clock"`}},
		{"too long", `{"region": "` + strings.Repeat("x", 1<<20) + `"}`, []string{"longer than"}},
	} {
		_, err := config.ParseFile(strings.NewReader(c.content))
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v\ndoes not say %q", c.name, err, part)
			}
		}
	}
}

func TestParseFileKeepsSecrets(t *testing.T) {
	_, err := config.ParseFile(strings.NewReader(`{"store": ["postgres://user:hunter2@db"]}`))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
