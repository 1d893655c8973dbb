package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/config"
	"iotjobs/internal/pki"
	"iotjobs/internal/profile"
)

// fileInterval is how often the files are read again. Reading a few kilobytes is cheap, and unlike notifications and times of change it also works
// where a file is a link to a link that is swapped, as in a volume of Kubernetes, and over a network.
const fileInterval = 10 * time.Second

// tlsFiles keeps what stands in the operator's certificate files in use.
type tlsFiles struct {
	pairs []*filePair
	log   *slog.Logger
	now   func() time.Time // the real clock

	// trust is called when what clients must trust may be another.
	trust func() error

	good    *prometheus.GaugeVec
	expires *prometheus.GaugeVec
}

// filePair is a certificate and its key in two files.
type filePair struct {
	name, certPath, keyPath string // name: as the flags begin, tls or ca
	parse                   func(cert, key []byte) (certificatePair, error)

	seen, used [sha256.Size]byte // what was looked at last; what is in use
}

// certificatePair is what the files of a pair hold.
type certificatePair struct {
	life func() (notBefore, notAfter time.Time)
	use  func(ctx context.Context)
}

// maxTLSFile is far beyond any chain; a wrong path (a log, a device) is noticed before it fills the memory.
const maxTLSFile = 1 << 20

// openTLSFiles reads the files of the configuration for the first time: a fault in them stops the start. What has expired does not: it is told, and
// those who do not look at it go on.
func openTLSFiles(ctx context.Context, c *config.Config, current *pki.Current, metrics prometheus.Registerer, log *slog.Logger) (*tlsFiles, error) {
	gauge := func(name, help string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"files"})
		metrics.MustRegister(g)
		return g
	}
	f := &tlsFiles{
		log: log, now: time.Now, trust: func() error { return nil },
		good:    gauge("iotjobs_tls_files_good", "1 while what stands in the files of --tls-cert or --ca-cert is in use, 0 while it is broken and the last good pair is used."),
		expires: gauge("iotjobs_tls_files_expire_seconds", "Unix time at which the certificate of --tls-cert or --ca-cert that is in use expires."),
	}
	// The authority first: the server's certificate may be one of its own.
	if c.CACert != "" {
		f.pairs = append(f.pairs, &filePair{name: "ca", certPath: c.CACert, keyPath: c.CAKey, parse: func(cert, key []byte) (certificatePair, error) {
			ca, err := pki.GivenCA(cert, key)
			if err != nil {
				return certificatePair{}, err
			}
			return certificatePair{ca.Life, func(context.Context) { current.SetCA(ca) }}, nil
		}})
	}
	if c.TLSCert != "" {
		f.pairs = append(f.pairs, &filePair{name: "tls", certPath: c.TLSCert, keyPath: c.TLSKey, parse: func(cert, key []byte) (certificatePair, error) {
			server, err := pki.NewGivenServer(cert, key)
			if err != nil {
				return certificatePair{}, err
			}
			return certificatePair{server.Life, func(ctx context.Context) {
				system, _ := x509.SystemCertPool() // none is one that does not know the root
				server.FindRoot(current.CA(), system)
				current.SetServer(server)
				f.tellServer(ctx, server, c.ServerNames())
			}}, nil
		}})
	}
	var faults []error
	for _, p := range f.pairs {
		text, err := p.read()
		if err == nil {
			err = f.use(ctx, p, text, true)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("--%s-cert %s, --%s-key %s: %w", p.name, p.certPath, p.name, p.keyPath, err))
		}
	}
	return f, errors.Join(faults...)
}

// tellServer warns of what clients will stumble over.
func (f *tlsFiles) tellServer(ctx context.Context, server *pki.GivenServer, names []string) {
	if lacking := server.Lacks(names); len(lacking) > 0 {
		f.log.WarnContext(ctx, "the certificate of --tls-cert does not name hosts under which clients come: they will refuse it", "hosts", lacking)
	}
	if _, known := server.TrustPEM(); !known {
		f.log.WarnContext(ctx, "nobody here knows the root of --tls-cert, so tls/ca.pem has the last certificate of the file; append the root to the file")
	}
}

// run reads the files again and again until ctx ends.
func (f *tlsFiles) run(ctx context.Context) error {
	ticker := time.NewTicker(fileInterval)
	defer ticker.Stop()
	for len(f.pairs) > 0 {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			f.look(ctx)
		}
	}
	return nil
}

// look takes up what has changed. A pair that is broken, or half written, is told once and left alone: the last good one stays in use.
func (f *tlsFiles) look(ctx context.Context) {
	for _, p := range f.pairs {
		text, err := p.read()
		if err != nil {
			text = fileText{sum: sha256.Sum256([]byte(err.Error()))}
		}
		if text.sum == p.seen {
			continue
		}
		p.seen = text.sum
		if text.sum != p.used && err == nil {
			err = f.use(ctx, p, text, false)
		}
		if err != nil {
			f.good.WithLabelValues(p.name).Set(0)
			f.log.ErrorContext(ctx, "the certificate files are not taken up; the last good pair stays in use", "files", p.name, "certificate", p.certPath,
				"key", p.keyPath, "error", err)
			continue
		}
		f.good.WithLabelValues(p.name).Set(1)
		f.log.InfoContext(ctx, "the certificate files are in use", "files", p.name, "certificate", p.certPath)
		if err := f.trust(); err != nil {
			f.log.ErrorContext(ctx, "tls/ca.pem cannot be written", "error", err)
		}
	}
}

// use takes up a pair. Once there is one in use, another that holds only later, or no longer, is none.
func (f *tlsFiles) use(ctx context.Context, p *filePair, text fileText, first bool) error {
	pair, err := p.parse(text.cert, text.key)
	if err != nil {
		return err
	}
	notBefore, notAfter := pair.life()
	if now := f.now(); now.Before(notBefore) || now.After(notAfter) {
		err := fmt.Errorf("the certificate holds from %s to %s, and the clock says %s", notBefore.UTC().Format(time.RFC3339), notAfter.UTC().Format(time.RFC3339),
			now.UTC().Format(time.RFC3339))
		if !first {
			return err
		}
		f.log.ErrorContext(ctx, "the certificate files are used, and nobody will accept what they hold", "files", p.name, "error", err)
	}
	pair.use(ctx)
	p.seen, p.used = text.sum, text.sum
	f.good.WithLabelValues(p.name).Set(1)
	f.expires.WithLabelValues(p.name).Set(float64(notAfter.Unix()))
	return nil
}

// fileText is what the two files of a pair hold.
type fileText struct {
	cert, key []byte
	sum       [sha256.Size]byte
}

func (p *filePair) read() (t fileText, err error) {
	if t.cert, err = readTLSFile(p.certPath); err != nil {
		return t, err
	}
	if t.key, err = readTLSFile(p.keyPath); err != nil {
		return t, err
	}
	cert, key := sha256.Sum256(t.cert), sha256.Sum256(t.key)
	t.sum = sha256.Sum256(append(cert[:], key[:]...))
	return t, nil
}

func readTLSFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxTLSFile+1))
	if len(text) > maxTLSFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxTLSFile)
	}
	return text, errors.Join(err, file.Close())
}

// writeTrust writes what clients must trust into the state directory.
func (s *server) writeTrust() (path string, err error) {
	trusted, _ := s.dir.certs.TrustPEM()
	return profile.WriteCA(s.dir.path, trusted)
}
