package config

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"iotjobs/internal/fidelity"
)

const notAvailable = "not available in this version"

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	// All of AWS's regions and room for one's own, such as plant-north-1.
	region = regexp.MustCompile(`^[a-z]{2,16}(-[a-z]{1,16}){1,3}-[0-9]{1,2}$`)
)

// faults collects what is wrong, flag by flag.
type faults []error

// add never takes the value of a flag that may hold a secret.
func (f *faults) add(flag, format string, args ...any) {
	*f = append(*f, fmt.Errorf("--%s: %w", flag, fmt.Errorf(format, args...)))
}

// Validate returns all faults together, a line for each, with the flag and the reason; nil if a server can start with c. It looks only at c: files,
// ports and names are tried when they are used.
func (c *Config) Validate() error {
	var f faults
	c.checkIdentity(&f)
	c.checkPlaces(&f)
	c.checkListeners(&f)
	c.checkCertificates(&f)
	c.checkEmulator(&f)
	c.checkClock(&f)
	c.checkQuotas(&f)
	c.checkWebhook(&f)
	if _, err := fidelity.Parse(c.Fidelity); err != nil {
		f.add("fidelity", "%w", err)
	}
	return errors.Join(f...)
}

func (c *Config) checkIdentity(f *faults) {
	if !region.MatchString(c.Region) {
		f.add("region", "%q does not look like an AWS region, such as us-east-1", c.Region)
	}
	if !accountID.MatchString(c.AccountID) {
		f.add("account-id", "%q is not 12 digits", c.AccountID)
	}
	if c.Advertise == "" {
		return
	}
	if err := checkHost(c.Advertise); err != nil {
		f.add("advertise", "%w; write it without scheme, port and brackets", err)
	} else if ip, err := netip.ParseAddr(c.Advertise); err == nil && (ip.Unmap().IsUnspecified() || ip.Zone() != "") {
		f.add("advertise", "%s is not an address that devices can connect to", c.Advertise)
	}
}

func (c *Config) checkPlaces(f *faults) {
	if c.Data == "" {
		f.add("data", "empty; name the state directory")
	}
	// Its value may hold a password.
	if c.Store != "" && !strings.HasPrefix(c.Store, "postgres://") && !strings.HasPrefix(c.Store, "postgresql://") {
		f.add("store", "want a URL that begins with postgres://; leave it out for the embedded store in the state directory (--data)")
	}
	if c.AllowUnsafeStore && c.Store == "" {
		f.add("allow-unsafe-store", "it is about --store, which is not given")
	}
	if c.DrainDelay < 0 {
		f.add("drain-delay", "%s; want a duration that is not negative", c.DrainDelay)
	}
}

// listener is one of the flags that hold an address.
type listener struct {
	flag, text string
	// plane: it serves devices and operators, who must prove who they are.
	plane bool
}

func (c *Config) listeners() []listener {
	return []listener{
		{"http", c.HTTP, true},
		{"https", c.HTTPS, true},
		{"mqtts", c.MQTTS, true},
		{"mqtt", c.MQTT, true},
		{"admin", c.Admin, false},
	}
}

func (c *Config) checkListeners(f *faults) {
	taken := make(map[string]string) // address → flag
	for _, l := range c.listeners() {
		if l.text == Off {
			continue
		}
		if l.flag == "mqtts" || l.flag == "mqtt" {
			f.add(l.flag, "%s; leave it %q", notAvailable, Off)
		}
		a, err := parseAddress(l.text)
		if err != nil {
			f.add(l.flag, "%q: %w", l.text, err)
			continue
		}
		if !a.loopback() {
			switch {
			case l.flag == "mqtt":
				f.add(l.flag, "%s is reachable from outside, and MQTT without TLS lets everybody do everything; use a loopback address, or --mqtts", l.text)
			case l.flag == "http" && !c.InsecureHTTP:
				f.add(l.flag, "%s is reachable from outside, and plain HTTP can be read on the way; use --https, a loopback address, or add --insecure-http", l.text)
			}
		}
		key := fmt.Sprintf("%s:%d", strings.ToLower(a.host), a.port)
		if other, ok := taken[key]; ok && a.port != 0 {
			f.add(l.flag, "%s is already the address of --%s", l.text, other)
		}
		taken[key] = l.flag
	}
	if c.HTTP == Off && c.HTTPS == Off && c.MQTTS == Off && c.MQTT == Off {
		f.add("http", "nothing would serve: --http and --https are both %q", Off)
	}
}

func (c *Config) checkEmulator(f *faults) {
	switch c.Signatures {
	case SignaturesVerify:
		return
	case SignaturesParse:
	default:
		f.add("signatures", "%q; want %q or %q", c.Signatures, SignaturesVerify, SignaturesParse)
		return
	}
	if c.Store != "" {
		f.add("signatures", "%s believes everybody, so it never works on a database that others use; leave out --store", SignaturesParse)
	}
	// The admin listener is not looked at: it asks for no signature in either mode.
	for _, l := range c.listeners() {
		a, err := parseAddress(l.text)
		if err == nil && l.plane && !a.loopback() && !c.InsecureRemote {
			f.add("signatures", "%s believes everybody, and --%s %s is reachable from outside; use a loopback address, or add --insecure-remote",
				SignaturesParse, l.flag, l.text)
		}
	}
}

func (c *Config) checkClock(f *faults) {
	switch c.Clock {
	case ClockReal:
	case ClockVirtual:
		if c.Admin == Off {
			f.add("clock", "%s needs the admin listener, since time moves only by a call to it; --admin is %q", ClockVirtual, Off)
		} else if a, err := parseAddress(c.Admin); err == nil && !a.loopback() {
			f.add("clock", "%s lets whoever reaches the admin listener move time, and --admin %s is reachable from outside; use a loopback address",
				ClockVirtual, c.Admin)
		}
	default:
		f.add("clock", "%q; want %q or %q", c.Clock, ClockReal, ClockVirtual)
	}
}

func (c *Config) checkQuotas(f *faults) {
	if c.MaxTargetsPerJob < 1 {
		f.add("max-targets-per-job", "%d; want at least 1", c.MaxTargetsPerJob)
	}
	if c.MaxPendingPerThing < 1 {
		f.add("max-pending-per-thing", "%d; want at least 1", c.MaxPendingPerThing)
	}
	if c.MaxRolloutPerMinute < 0 {
		f.add("max-rollout-per-minute", "%d; want 0 for no limit, or at least 1", c.MaxRolloutPerMinute)
	}
	if c.MaxActiveJobs < 0 {
		f.add("max-active-jobs", "%d; want 0 for no limit, or at least 1", c.MaxActiveJobs)
	}
	if c.MaxConcurrentJobs < 0 {
		f.add("max-concurrent-jobs", "%d; want 0 for no limit, or at least 1", c.MaxConcurrentJobs)
	}
	if c.MaxStoredEvents < 1 {
		f.add("max-stored-events", "%d; want at least 1", c.MaxStoredEvents)
	}
	if c.MinScheduleLead < 0 {
		f.add("min-schedule-lead", "%s; want a duration that is not negative", c.MinScheduleLead)
	}
}
