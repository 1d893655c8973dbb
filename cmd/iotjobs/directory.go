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

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/clock"
	"iotjobs/internal/config"
	"iotjobs/internal/pki"
	"iotjobs/internal/seal"
	"iotjobs/internal/service"
	"iotjobs/internal/session"
	"iotjobs/internal/store"
	"iotjobs/internal/store/move"
	"iotjobs/internal/store/pebble"
)

// directory is an opened data directory: its store, the service on it, its clock and its certificate authority.
type directory struct {
	path    string
	keyPath string
	store   backend
	shared  store.Shared // nil unless several nodes may use the store
	lock    *os.File     // held while a server with a shared store uses the directory
	service *service.Service
	clock   *clock.Clock
	ca      *pki.CA      // its own authority
	certs   *pki.Current // what is in use: begins with ca
	// sessions are the temporary credentials of devices; as signatures do, they follow the real clock.
	sessions *session.Keeper
}

// backend is a store of either kind.
type backend interface {
	store.Portable

	// Err is why the store keeps its promise no more; nil while it does.
	Err() error
	// Collectors are its metrics.
	Collectors() []prometheus.Collector
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
	caSetting     = "ca-certificate"
	caKeySetting  = "ca-key"
)

// openDirectory opens the directory and its store, or makes them at the first start.
func openDirectory(ctx context.Context, c *config.Config, log *slog.Logger) (*directory, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	d := &directory{path: c.Data, keyPath: c.KeyPath()}
	if err := d.openStore(ctx, c, log); err != nil {
		return nil, err
	}
	if err := d.load(ctx, c); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *directory) openStore(ctx context.Context, c *config.Config, log *slog.Logger) error {
	if c.Store != "" {
		shared, err := openShared(ctx, c, log)
		if err != nil {
			return err
		}
		d.store, d.shared = alwaysHopeful{shared}, shared
		return nil
	}
	embedded, err := pebble.Open(filepath.Join(c.Data, "store"), pebble.Options{Logger: log})
	if err != nil {
		return err
	}
	d.store = embedded
	return nil
}

func (d *directory) load(ctx context.Context, c *config.Config) error {
	if err := move.Refuse(ctx, d.store); err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	d.service = &service.Service{Store: d.store, Quotas: quotas(c)}
	keys, err := d.openKey(ctx)
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
func (d *directory) openKey(ctx context.Context) (*seal.Keyring, error) {
	sealed, err := d.service.Setting(ctx, caKeySetting)
	if err != nil {
		return nil, err
	}
	if sealed != nil {
		if _, err := os.Stat(d.keyPath); err != nil {
			return nil, fmt.Errorf("the key that wraps the secrets of %s is missing (--key-file)%s: %w", d.path, d.sameKey(), err)
		}
	}
	return seal.OpenKeyFile(d.keyPath)
}

// sameKey is what an operator of several nodes must know.
func (d *directory) sameKey() string {
	if d.shared == nil {
		return ""
	}
	return "; all nodes of a store need the same key file"
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
	if err == nil && raw == nil {
		if want.Clock == asItIs || want.Signatures == asItIs {
			return is, fmt.Errorf("no server has used the store of %s yet", d.path)
		}
		raw, err = d.decideNature(ctx, want)
	}
	if err != nil {
		return is, err
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

func (d *directory) decideNature(ctx context.Context, want nature) ([]byte, error) {
	raw, err := json.Marshal(want)
	if err != nil {
		return nil, err
	}
	decided, err := d.service.DecideSettings(ctx, natureSetting, map[string][]byte{natureSetting: raw})
	return decided[natureSetting], err
}

// startClock goes on from the latest time that was stored: a real clock that was set back waits until it is past it.
func (d *directory) startClock(ctx context.Context) error {
	stored, err := d.service.StoredTime(ctx)
	if err != nil {
		return err
	}
	if d.service.Virtual {
		if stored.IsZero() {
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

// saveTime makes a time durable, and takes over a later one of another node.
func (d *directory) saveTime(ctx context.Context, t time.Time) error {
	quiet := service.Service{Store: d.store} // it is nothing that other nodes need hints of
	latest, err := quiet.StoreTime(ctx, t)
	if err == nil && latest.After(t) {
		d.clock.Set(latest)
	}
	return err
}

// setTime moves the virtual clock, durably first.
func (d *directory) setTime(ctx context.Context, t time.Time) error {
	if err := d.saveTime(ctx, t); err != nil {
		return err
	}
	d.clock.Set(t)
	return nil
}

// loadCA opens the certificate authority, or makes it at the first start. Of several nodes that do so at once, all use that of the first.
func (d *directory) loadCA(ctx context.Context, keys *seal.Keyring) error {
	cert, err := d.service.Setting(ctx, caSetting)
	if err != nil {
		return err
	}
	var sealed []byte
	if cert == nil {
		cert, sealed, err = d.makeCA(ctx, keys)
	} else {
		sealed, err = d.service.Setting(ctx, caKeySetting)
	}
	if err != nil {
		return err
	}
	key, err := keys.Open(caKeySetting, sealed)
	if err != nil {
		return fmt.Errorf("the key file %s does not open the secrets of the store%s: %w", d.keyPath, d.sameKey(), err)
	}
	d.ca, err = pki.ParseCA(cert, key)
	return err
}

func (d *directory) makeCA(ctx context.Context, keys *seal.Keyring) (cert, sealed []byte, err error) {
	ca, err := pki.NewCA(time.Now())
	if err != nil {
		return nil, nil, err
	}
	key, err := ca.MarshalKey()
	if err != nil {
		return nil, nil, err
	}
	if sealed, err = keys.Seal(caKeySetting, key); err != nil {
		return nil, nil, err
	}
	decided, err := d.service.DecideSettings(ctx, caSetting, map[string][]byte{caSetting: ca.CertificatePEM(), caKeySetting: sealed})
	return decided[caSetting], decided[caKeySetting], err
}

func (d *directory) close() error {
	err := d.store.Close()
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}
