// Package config is what an operator can set on a server: one struct, the rules its values must keep, and the file they may stand in.
//
// It opens no listener, no store and no file but what ParseFile is given; and it never changes a value.
package config

import (
	"path/filepath"
	"reflect"
	"strconv"
	"time"

	"iotjobs/internal/fidelity"
)

// Off in place of an address means: no such listener.
const Off = "off"

// The values of Config.Signatures and Config.Clock.
const (
	SignaturesVerify = "verify"
	SignaturesParse  = "parse"
	ClockReal        = "real"
	ClockVirtual     = "virtual"
)

// Config is everything an operator can set. A value comes from the flag, else from the environment variable, else from the file of --config, else
// it is the default. The tags are those of the kong library, which main uses; the file's keys are the flags' names without the dashes in front.
//
// An address is host:port, with a port of 0 for any free one, or Off. The loopback ones are 127.0.0.0/8, ::1 and localhost; any other host name
// counts as reachable from outside, since only the resolver knows.
type Config struct {
	// Data holds everything of this server: the embedded store, the key, the profile and the CA's certificate. It is made if absent.
	Data string `name:"data" env:"IOTJOBS_DATA" default:"./iotjobs-data" placeholder:"DIR" help:"State directory."`

	// HTTP serves all planes without TLS. Whoever can listen on the way sees every document; so beyond loopback it needs InsecureHTTP.
	HTTP string `name:"http" env:"IOTJOBS_HTTP" default:"127.0.0.1:8080" placeholder:"ADDR" help:"All planes over plain HTTP, SigV4; \"off\" disables. Other than loopback needs --insecure-http."`

	// HTTPS serves all planes over TLS, for callers with a signature or a device certificate.
	HTTPS string `name:"https" env:"IOTJOBS_HTTPS" default:"127.0.0.1:8443" placeholder:"ADDR" help:"All planes over TLS, SigV4 or a device certificate; \"off\" disables."`

	// MQTTS serves devices over MQTT with TLS. The contract's default is 127.0.0.1:8883; it is Off until there is MQTT, because a default that
	// cannot be kept would stop every start.
	MQTTS string `name:"mqtts" env:"IOTJOBS_MQTTS" default:"off" placeholder:"ADDR" help:"MQTT over TLS, device certificates; \"off\" disables. Not available in this version."`

	// MQTT serves MQTT without TLS and allows everything: for tests, on loopback only.
	MQTT string `name:"mqtt" env:"IOTJOBS_MQTT" default:"off" placeholder:"ADDR" help:"MQTT without TLS, for tests, loopback only; \"off\" disables. Not available in this version."`

	// Admin serves /healthz, /readyz and /metrics, and with the virtual clock also the call that moves time. It asks nobody who they are.
	Admin string `name:"admin" env:"IOTJOBS_ADMIN" default:"127.0.0.1:8081" placeholder:"ADDR" help:"/healthz, /readyz and /metrics, nothing else; \"off\" disables."`

	// TLSCert and TLSKey are PEM files with the server's certificate, followed by those up to the root, and its key; both or none. They are read
	// again when they change. Without them the issuing CA makes a certificate.
	TLSCert string `name:"tls-cert" env:"IOTJOBS_TLS_CERT" placeholder:"FILE" help:"PEM file with the server's own certificate and those up to its root; reloaded when it changes. Default: one of the issuing CA."`
	TLSKey  string `name:"tls-key" env:"IOTJOBS_TLS_KEY" placeholder:"FILE" help:"PEM file with the key of --tls-cert."`

	// CACert and CAKey are PEM files with the CA that signs the certificates of devices, followed by those up to the root, and its key; both or none.
	// They are read again when they change. Without them it is the server's own CA, which is made at the first start.
	CACert string `name:"ca-cert" env:"IOTJOBS_CA_CERT" placeholder:"FILE" help:"PEM file with the CA that signs the certificates of devices, and those up to its root; reloaded when it changes. Default: a CA of the server's own."`
	CAKey  string `name:"ca-key" env:"IOTJOBS_CA_KEY" placeholder:"FILE" help:"PEM file with the key of --ca-cert."`

	// Region stands in ARNs, in credential scopes and in the profile.
	Region string `name:"region" env:"IOTJOBS_REGION" default:"us-east-1" placeholder:"REGION" help:"AWS region this server answers for."`

	// AccountID stands in ARNs: 12 digits, text because of leading zeros.
	AccountID string `name:"account-id" env:"IOTJOBS_ACCOUNT_ID" default:"123456789012" placeholder:"ID" help:"AWS account this server answers for, 12 digits."`

	// Advertise is the host, a DNS name or an IP address, under which devices reach this server. It stands in DescribeEndpoint's answer and in the
	// server's certificate. Empty means the listeners' host; see AdvertisedHost.
	Advertise string `name:"advertise" env:"IOTJOBS_ADVERTISE" placeholder:"HOST" help:"Host under which devices reach this server: a DNS name or an IP address, without a port. Default: the listeners' host."`

	// Signatures is SignaturesVerify, or SignaturesParse for emulator mode: the signature says who calls and for which service, and is not checked.
	Signatures string `name:"signatures" env:"IOTJOBS_SIGNATURES" default:"verify" placeholder:"MODE" help:"\"verify\", or \"parse\": emulator mode, which reads signatures and believes them."`

	// Clock is ClockReal, or ClockVirtual: the service's time moves only when the admin listener is told to. Signatures and certificates go by the
	// real time in both.
	Clock string `name:"clock" env:"IOTJOBS_CLOCK" default:"real" placeholder:"CLOCK" help:"\"real\", or \"virtual\": time moves only by POST /clock/advance on the admin listener."`

	// Store is the URL of a PostgreSQL database in place of the embedded store in Data; several servers, each with a Data of its own, may share it. It
	// may hold a password: never log it.
	Store string `name:"store" env:"IOTJOBS_STORE" placeholder:"URL" help:"Database in place of the embedded store in the state directory, shared by several nodes: postgres://…"`

	// AllowUnsafeStore starts on a database that could lose what was answered.
	AllowUnsafeStore bool `name:"allow-unsafe-store" env:"IOTJOBS_ALLOW_UNSAFE_STORE" help:"Use a --store whose settings could lose answered changes when a machine fails; it is logged as a warning."`

	// DrainDelay is how long /readyz says "draining" before the listeners stop; see Drain.
	DrainDelay time.Duration `name:"drain-delay" env:"IOTJOBS_DRAIN_DELAY" default:"0s" placeholder:"DURATION" help:"How long /readyz answers 503 before the listeners stop, so that load balancers turn away. 0: 5s with --store, else not at all."`

	// KeyFile wraps all secrets. Empty means the file "key" in Data; see KeyPath. In production it belongs elsewhere, so that a copy of Data
	// reveals nothing.
	KeyFile string `name:"key-file" env:"IOTJOBS_KEY_FILE" placeholder:"FILE" help:"File with the key that wraps secrets; made if absent. Default: \"key\" in the state directory."`

	// Audit is the directory of the audit log, Off, or empty for the directory "audit" in Data; see AuditDir.
	Audit string `name:"audit" env:"IOTJOBS_AUDIT" placeholder:"DIR" help:"Directory of the audit log: changes over the control plane, and denied calls; \"off\" disables. Default: \"audit\" in the state directory."`

	// Fidelity turns on behaviours of AWS that are not the default; see package fidelity.
	Fidelity string `name:"fidelity" env:"IOTJOBS_FIDELITY" placeholder:"NAMES" help:"Follow AWS also where that serves clients badly, names separated by commas: retired-jobs-endpoint (DescribeEndpoint refuses iot:Jobs), unknown-operation-200 (unknown paths of the device plane answer 200)."`

	// InsecureHTTP allows plain HTTP beyond loopback, in and out.
	InsecureHTTP bool `name:"insecure-http" env:"IOTJOBS_INSECURE_HTTP" help:"Allow --http and --webhook on other than loopback addresses: everything can be read on the way."`

	// InsecureRemote allows emulator mode beyond loopback.
	InsecureRemote bool `name:"insecure-remote" env:"IOTJOBS_INSECURE_REMOTE" help:"Allow emulator mode on other than loopback addresses: whoever reaches them may do everything."`

	// NoProfile leaves out the AWS profile that the first start writes into Data.
	NoProfile bool `name:"no-profile" env:"IOTJOBS_NO_PROFILE" help:"Write no AWS profile into the state directory."`

	// MaxTargetsPerJob bounds the targets of one CreateJob; AWS's quota, to be raised at will. At least 1.
	MaxTargetsPerJob int `name:"max-targets-per-job" env:"IOTJOBS_MAX_TARGETS_PER_JOB" default:"100" placeholder:"N" help:"Targets (things and groups) that one job may name."`

	// MaxPendingPerThing bounds the pending executions of one thing, because its row holds them all and every call of the device reads it. A job
	// waits for a thing that has reached it. At least 1.
	MaxPendingPerThing int `name:"max-pending-per-thing" env:"IOTJOBS_MAX_PENDING_PER_THING" default:"200" placeholder:"N" help:"Pending executions that one thing may have; beyond it, jobs wait for the thing."`

	// MaxRolloutPerMinute is the highest rate of any job, and the rate of one without a rollout configuration; AWS's quota, to be raised at will. 0
	// for no limit.
	MaxRolloutPerMinute int `name:"max-rollout-per-minute" env:"IOTJOBS_MAX_ROLLOUT_PER_MINUTE" default:"1000" placeholder:"N" help:"Things that one job may notify in a minute; 0 for no limit."`

	// MaxActiveJobs bounds the jobs of one target selection that are scheduled or in progress; AWS's quota, to be raised at will. 0 for no limit.
	MaxActiveJobs int `name:"max-active-jobs" env:"IOTJOBS_MAX_ACTIVE_JOBS" default:"100" placeholder:"N" help:"Snapshot jobs, and continuous jobs, that may be active at a time; 0 for no limit."`

	// MaxConcurrentJobs bounds the jobs that release to things at a time; AWS has such a quota, which differs between accounts. 0 for no limit.
	MaxConcurrentJobs int `name:"max-concurrent-jobs" env:"IOTJOBS_MAX_CONCURRENT_JOBS" default:"0" placeholder:"N" help:"Jobs that may be rolling out at a time; a scheduled job whose start would exceed it is canceled. 0 for no limit."`

	// MinScheduleLead is how far ahead startTime and endTime must be, and endTime behind startTime; AWS's limit.
	MinScheduleLead time.Duration `name:"min-schedule-lead" env:"IOTJOBS_MIN_SCHEDULE_LEAD" default:"30m" placeholder:"DURATION" help:"How far ahead a job's start and end must be."`

	// Webhook is a URL that gets every event whose type is enabled (UpdateEventConfigurations), as a CloudEvent. Without it nobody takes events,
	// and none is stored. Its query may hold a secret: never log it.
	Webhook string `name:"webhook" env:"IOTJOBS_WEBHOOK" placeholder:"URL" help:"POST events of enabled types to this URL. http beyond loopback needs --insecure-http."`

	// WebhookSecretFile holds the secret that signs every post to Webhook; see sink.ParseSecret.
	WebhookSecretFile string `name:"webhook-secret-file" env:"IOTJOBS_WEBHOOK_SECRET_FILE" placeholder:"FILE" help:"File with the secret that signs the posts to --webhook: at least 16 bytes, or whsec_ and base64."`

	// MaxStoredEvents bounds the events that wait for Webhook while it is away. At least 1.
	MaxStoredEvents int `name:"max-stored-events" env:"IOTJOBS_MAX_STORED_EVENTS" default:"1000000" placeholder:"N" help:"Undelivered events that are kept; the oldest of more are dropped."`
}

// Default returns what holds when nothing is set.
func Default() Config {
	var c Config
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		text := field.Tag.Get("default")
		switch value := v.Field(i).Addr().Interface().(type) {
		case *string:
			*value = text
		case *int:
			n, err := strconv.Atoi(text)
			if err != nil {
				panic("config: default of " + field.Name + ": " + err.Error())
			}
			*value = n
		case *time.Duration:
			d, err := time.ParseDuration(text)
			if err != nil {
				panic("config: default of " + field.Name + ": " + err.Error())
			}
			*value = d
		}
	}
	return c
}

// defaultDrain is long enough for a load balancer that asks /readyz every two seconds and believes the second answer.
const defaultDrain = 5 * time.Second

// Drain is how long a server that is told to stop goes on serving while it says that it is not ready.
func (c *Config) Drain() time.Duration {
	if c.DrainDelay == 0 && c.Store != "" {
		return defaultDrain
	}
	return c.DrainDelay
}

// KeyPath is where the key file is.
func (c *Config) KeyPath() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	return filepath.Join(c.Data, "key")
}

// AuditDir is where the audit log is; empty if there is none.
func (c *Config) AuditDir() string {
	switch c.Audit {
	case Off:
		return ""
	case "":
		return filepath.Join(c.Data, "audit")
	default:
		return c.Audit
	}
}

// Switches are those of Fidelity; none where Validate would refuse it.
func (c *Config) Switches() fidelity.Switches {
	s, _ := fidelity.Parse(c.Fidelity)
	return s
}

// AdvertisedHost is the host that clients are told: Advertise, else the host of the first listener that has one, HTTPS before HTTP, else
// localhost. So with a listener on all addresses (0.0.0.0) and no Advertise, devices on other machines are told a name that leads nowhere.
func (c *Config) AdvertisedHost() string {
	if c.Advertise != "" {
		return c.Advertise
	}
	for _, addr := range []string{c.HTTPS, c.HTTP} {
		if host := reachableHost(addr); host != "" {
			return host
		}
	}
	return "localhost"
}

// ServerNames are the hosts that the server's certificate must name: the advertised one and those of the TLS listeners.
func (c *Config) ServerNames() []string {
	names := []string{c.AdvertisedHost()}
	for _, addr := range []string{c.HTTPS, c.MQTTS} {
		if host := reachableHost(addr); host != "" {
			names = append(names, host)
		}
	}
	return names
}
