package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"iotjobs/internal/clock"
	"iotjobs/internal/config"
	"iotjobs/internal/pki"
	"iotjobs/internal/seal"
	"iotjobs/internal/service"
	"iotjobs/internal/session"
	"iotjobs/internal/store/pebble"
)

// directory is an opened data directory: its store, the service on it, its clock and its certificate authority.
type directory struct {
	path    string
	store   *pebble.Store
	service *service.Service
	clock   *clock.Clock
	ca      *pki.CA      // its own authority
	certs   *pki.Current // what is in use: begins with ca
	// sessions are the temporary credentials of devices; as signatures do, they follow the real clock.
	sessions *session.Keeper
}

// nature is what a data directory is for life.
type nature struct {
	Clock      string `json:"clock"`
	Signatures string `json:"signatures"`
}

// asItIs opens a directory without saying what it must be.
const asItIs = ""

// Names of settings in the store.
const (
	natureSetting = "nature"
	timeSetting   = "time"
	caSetting     = "ca-certificate"
	caKeySetting  = "ca-key"
)

// openDirectory opens the directory, or makes it at the first start.
func openDirectory(ctx context.Context, c *config.Config, log *slog.Logger) (*directory, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	store, err := pebble.Open(filepath.Join(c.Data, "store"), pebble.Options{Logger: log})
	if err != nil {
		return nil, err
	}
	d := &directory{path: c.Data, store: store}
	if err := d.load(ctx, c); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return d, nil
}

func (d *directory) load(ctx context.Context, c *config.Config) error {
	d.service = &service.Service{Store: d.store, Quotas: quotas(c)}
	keys, err := d.openKey(ctx, c.KeyPath())
	if err != nil {
		return err
	}
	d.service.Sealer = keys
	d.sessions = &session.Keeper{Sealer: keys, Now: time.Now}
	is, err := d.nature(ctx, nature{c.Clock, c.Signatures})
	if err != nil {
		return err
	}
	d.service.Virtual = is.Clock == config.ClockVirtual
	if err := d.startClock(ctx); err != nil {
		return err
	}
	if err := d.loadCA(ctx, keys); err != nil {
		return err
	}
	d.certs = pki.NewCurrent(d.ca)
	d.service.Issuer = deviceIssuer{d.certs}
	return nil
}

// openKey opens the key file, or makes it at the first start. Later a missing one is not replaced: another key opens nothing that is there.
func (d *directory) openKey(ctx context.Context, path string) (*seal.Keyring, error) {
	sealed, err := d.service.Setting(ctx, caKeySetting)
	if err != nil {
		return nil, err
	}
	if sealed != nil {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("the key that wraps the secrets of %s is missing (--key-file): %w", d.path, err)
		}
	}
	return seal.OpenKeyFile(path)
}

// quotas are AWS's protective limits as the operator set them.
func quotas(c *config.Config) service.Quotas {
	q := service.DefaultQuotas()
	q.TargetsPerJob, q.PendingPerThing = c.MaxTargetsPerJob, c.MaxPendingPerThing
	q.RolloutPerMinute, q.ActiveJobs, q.ConcurrentJobs = c.MaxRolloutPerMinute, c.MaxActiveJobs, c.MaxConcurrentJobs
	q.Schedule.MinLead, q.Schedule.MinLength = c.MinScheduleLead, c.MinScheduleLead
	return q
}

// nature says what the directory is, and refuses to open it as something else than it was made: times of a virtual clock and data that
// nobody's signature protected must not get into production unseen.
func (d *directory) nature(ctx context.Context, want nature) (is nature, err error) {
	raw, err := d.service.Setting(ctx, natureSetting)
	if err != nil {
		return is, err
	}
	if raw == nil {
		raw, err := json.Marshal(want)
		if err != nil {
			return is, err
		}
		return want, d.service.PutSetting(ctx, natureSetting, raw)
	}
	if err := json.Unmarshal(raw, &is); err != nil {
		return is, fmt.Errorf("decode what the data directory is: %w", err)
	}
	var faults []error
	check := func(flag, want, is string) {
		if want != asItIs && want != is {
			faults = append(faults, fmt.Errorf("%s %s: the data directory %s was made with %s %s and stays so; use another directory", flag, want, d.path, flag, is))
		}
	}
	check("--clock", want.Clock, is.Clock)
	check("--signatures", want.Signatures, is.Signatures)
	return is, errors.Join(faults...)
}

// startClock goes on from the latest time that was stored: a real clock that was set back waits until it is past it.
func (d *directory) startClock(ctx context.Context) error {
	raw, err := d.service.Setting(ctx, timeSetting)
	if err != nil {
		return err
	}
	var stored time.Time
	if raw != nil {
		if err := stored.UnmarshalText(raw); err != nil {
			return fmt.Errorf("decode the stored time: %w", err)
		}
	}
	if d.service.Virtual {
		if raw == nil {
			stored = time.Now()
		}
		d.clock = clock.Virtual(stored)
		d.clock.Set(stored)
	} else {
		d.clock = clock.Real(time.Now, stored)
	}
	d.service.Now = d.clock.Now
	return d.saveTime(ctx, d.clock.Now())
}

// saveTime makes a time durable. For the virtual clock it is the time itself, for the real one the high-water mark.
func (d *directory) saveTime(ctx context.Context, t time.Time) error {
	raw, err := t.MarshalText()
	if err != nil {
		return err
	}
	return d.service.PutSetting(ctx, timeSetting, raw)
}

// setTime moves the virtual clock, durably first.
func (d *directory) setTime(ctx context.Context, t time.Time) error {
	if err := d.saveTime(ctx, t); err != nil {
		return err
	}
	d.clock.Set(t)
	return nil
}

// loadCA opens the certificate authority, or makes it at the first start.
func (d *directory) loadCA(ctx context.Context, keys *seal.Keyring) error {
	cert, err := d.service.Setting(ctx, caSetting)
	if err != nil {
		return err
	}
	if cert == nil {
		return d.makeCA(ctx, keys)
	}
	sealed, err := d.service.Setting(ctx, caKeySetting)
	if err != nil {
		return err
	}
	key, err := keys.Open(caKeySetting, sealed)
	if err != nil {
		return err
	}
	d.ca, err = pki.ParseCA(cert, key)
	return err
}

func (d *directory) makeCA(ctx context.Context, keys *seal.Keyring) error {
	ca, err := pki.NewCA(time.Now())
	if err != nil {
		return err
	}
	key, err := ca.MarshalKey()
	if err != nil {
		return err
	}
	sealed, err := keys.Seal(caKeySetting, key)
	if err != nil {
		return err
	}
	// The key first: a certificate without its key would stop every later start.
	if err := d.service.PutSetting(ctx, caKeySetting, sealed); err != nil {
		return err
	}
	d.ca = ca
	return d.service.PutSetting(ctx, caSetting, ca.CertificatePEM())
}

func (d *directory) close() error { return d.store.Close() }
