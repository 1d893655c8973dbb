package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"iotjobs/internal/auth"
	"iotjobs/internal/config"
	"iotjobs/internal/controlhttp"
	"iotjobs/internal/credentialhttp"
	"iotjobs/internal/devicehttp"
	"iotjobs/internal/frontdoor"
	"iotjobs/internal/jobs"
	"iotjobs/internal/nodes"
	"iotjobs/internal/pki"
	"iotjobs/internal/profile"
	"iotjobs/internal/sink"
	"iotjobs/internal/store"
	"iotjobs/internal/stshttp"
	"iotjobs/internal/wire"
	"iotjobs/internal/worker"
)

// Bounds of a connection: slow or silent clients must not hold anything for long. Memory per idle connection is small, so they may idle.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	idleTimeout    = 3 * time.Minute
	maxHeaderBytes = 32 << 10
	drainTimeout   = 20 * time.Second
	timeInterval   = 10 * time.Second
)

// server is a running server: its listeners and what stands behind them.
type server struct {
	config  *config.Config
	dir     *directory
	log     *slog.Logger
	worker  *worker.Worker
	tls     *pki.Renewer
	files   *tlsFiles
	metrics *prometheus.Registry
	denials *denials
	audit   *auditLog       // nil if it is off
	aws     profile.Profile // zero with --no-profile
	webhook *sink.Webhook   // nil without one
	moving  sync.Mutex      // held while the virtual clock moves
	devices auth.Connections

	node       *nodes.Node // nil unless it is one of several nodes
	clockLease store.Lease // zero unless the clock is virtual and the store shared
	draining   atomic.Bool // the listeners will stop soon

	// The listeners; nil for those that are off.
	http, https, admin, socket net.Listener
}

func newServer(ctx context.Context, c *config.Config, dir *directory, log *slog.Logger) (*server, error) {
	s := &server{config: c, dir: dir, log: log, metrics: prometheus.NewRegistry()}
	s.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.metrics.MustRegister(dir.store.Collectors()...)
	s.denials = newDenials(s.metrics, log)
	var err error
	if s.audit, err = openAudit(c.AuditDir(), s.metrics, log); err != nil {
		return nil, err
	}
	if s.webhook, err = openWebhook(c, dir.service, s.metrics, log); err != nil {
		return nil, err
	}
	s.worker = worker.New(dir.service, log)
	s.metrics.MustRegister(s.worker.Failures())
	if err := errors.Join(dir.lockDirectory(), s.joinNodes(ctx)); err != nil {
		return nil, err
	}
	dir.service.Wake = func(jobs.JobNumber) { s.worker.Wake() }
	dir.service.Actor = actor
	s.watchConnections()
	pacer := &worker.Pacer{Calls: dir.service.DeviceCalls, Now: time.Now, Processor: worker.ThreadTime, Processors: runtime.GOMAXPROCS(0)}
	if dir.service.Pace = pacer.Pace; dir.service.Nodes == nil { // else the database computes most of a step
		dir.service.PaceStep = pacer.PaceStep
	}
	if s.files, err = openTLSFiles(ctx, c, dir.certs, s.metrics, log); err != nil {
		return nil, err
	}
	s.files.trust = func() error {
		_, err := s.writeTrust()
		return err
	}
	s.tls = &pki.Renewer{Current: dir.certs, Names: c.ServerNames(), Now: time.Now}
	if c.HTTPS != config.Off { // a CA that has expired is told now, and not at the first handshake
		if _, err := s.tls.GetCertificate(nil); err != nil {
			return nil, err
		}
	}
	if dir.service.Virtual { // nobody else would take up what a crash interrupted
		if err := errors.Join(dir.service.SweepJobs(ctx), dir.service.RunSteps(ctx)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// listen opens every listener, or none.
func (s *server) listen(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			s.closeListeners()
		}
	}()
	var lc net.ListenConfig
	for _, l := range []struct {
		flag, addr string
		into       *net.Listener
	}{{"http", s.config.HTTP, &s.http}, {"https", s.config.HTTPS, &s.https}, {"admin", s.config.Admin, &s.admin}} {
		if l.addr == config.Off {
			continue
		}
		if *l.into, err = lc.Listen(ctx, "tcp", l.addr); err != nil {
			return fmt.Errorf("--%s: %w", l.flag, err)
		}
	}
	s.socket, err = listenSocket(ctx, s.dir.path)
	return err
}

func (s *server) closeListeners() {
	for _, l := range []net.Listener{s.http, s.https, s.admin, s.socket} {
		if l != nil {
			_ = l.Close() // the error that led here is the one to tell
		}
	}
}

// run serves until ctx ends, then stops in the order of a request's walk: entrances, worker; the store is closed by the caller.
func (s *server) run(ctx context.Context) error {
	door := s.drained(s.door())
	servers := []struct {
		listener net.Listener
		server   *http.Server
	}{
		{s.http, newHTTPServer(door, s.log)},
		{s.https, newHTTPServer(door, s.log)},
		{s.admin, newHTTPServer(s.adminHandler(), s.log)},
		{s.socket, newHTTPServer(s.socketHandler(), s.log)},
	}
	group, ctx := errgroup.WithContext(ctx)
	workerCtx, stopWorker := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorker()
	for _, e := range servers {
		if e.listener == nil {
			continue
		}
		group.Go(func() error { return s.serve(e.listener, e.server) })
	}
	if !s.dir.service.Virtual {
		group.Go(func() error { return s.worker.Run(workerCtx) })
		group.Go(func() error { return s.keepTime(workerCtx) })
	}
	group.Go(func() error { return s.keepKeyUses(workerCtx) })
	group.Go(func() error { return s.files.run(workerCtx) })
	if s.node != nil {
		group.Go(func() error { return s.node.Run(workerCtx) })
	}
	if s.clockLease.Epoch > 0 {
		group.Go(func() error { return s.keepClock(workerCtx) })
	}
	if s.webhook != nil {
		group.Go(func() error { return s.webhook.Run(workerCtx) })
	}
	if err := s.writeAddresses(); err != nil {
		return err
	}
	group.Go(func() error {
		<-ctx.Done()
		s.log.InfoContext(ctx, "stopping: requests under way are finished first", "drain", s.config.Drain())
		defer stopWorker()
		s.removeAddresses()
		s.announceDrain()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		var stop errgroup.Group
		for _, e := range servers {
			stop.Go(func() error { return e.server.Shutdown(drain) })
		}
		return stop.Wait()
	})
	err := group.Wait()
	s.leave(ctx)
	return errors.Join(err, s.audit.close())
}

func (s *server) serve(l net.Listener, server *http.Server) error {
	var err error
	if l == s.https {
		server.TLSConfig, server.ConnContext, server.ConnState = s.tls.TLSConfig(), s.devices.ConnContext, s.devices.ConnState
		err = server.ServeTLS(l, "", "")
	} else {
		err = server.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, WriteTimeout: 2 * requestTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}, DisableGeneralOptionsHandler: true, // "OPTIONS *" is refused like any other
	}
}

// door is the way in for all planes.
func (s *server) door() http.Handler {
	realm := s.realm()
	known := s.dir.identities(realm)
	authenticator := auth.NewVerifying(s.dir.service, s.config.Region, frontdoor.Scopes(), time.Now)
	authenticator.AcceptCertificates(known)
	authenticator.AcceptSessions(known)
	if s.config.Signatures == config.SignaturesParse {
		authenticator = auth.NewParsing()
	}
	authenticator.NoteUse(s.dir.service.NoteKeyUse)
	guard := &auth.Authorizer{Authorities: known, ARN: principalARN(realm), Denied: s.denials.record}
	control := &controlhttp.Plane{
		Service: s.dir.service, Guard: guard, Realm: realm, Endpoint: s.endpointAddress(), Now: s.dir.clock.Now, Log: s.log,
		MaxRolloutPerMinute: s.dir.service.Quotas.RolloutPerMinute, Fidelity: s.config.Switches(),
	}
	device := &devicehttp.Plane{Service: s.dir.service, Guard: guard, Realm: realm, Log: s.log}
	credentials := &credentialhttp.Plane{
		Service: s.dir.service, Issuer: s.dir.sessions, Realm: realm, Log: s.log, Guard: guard, Issued: s.issued,
	}
	identity := &stshttp.Plane{Account: realm.Account, ARN: principalARN(realm), UserID: principalID(realm)}
	return frontdoor.New(frontdoor.Config{
		Auth: authenticator, Device: device.Mux(), DeviceOperations: device.Operations(), Control: control.Mux(), ControlOperations: controlhttp.Operations(),
		Identity: identity.Mux(), IdentityRefusal: stshttp.Refuse, Audit: s.audit.record,
		Credentials: credentials.Mux(), CredentialOperations: credentialhttp.Operations(),
		Fidelity: s.config.Switches(), Hosts: []string{s.config.AdvertisedHost()}, Log: s.log, Metrics: frontdoor.NewMetrics(s.metrics), Now: time.Now,
	})
}

// actor names who calls over HTTP; empty for what is done without a call.
func actor(ctx context.Context) string {
	who, _ := auth.PrincipalOf(ctx)
	return who.String()
}

// realm is the account and region that the server stands for.
func (s *server) realm() wire.Realm {
	return wire.Realm{Region: s.config.Region, Account: s.config.AccountID}
}

// keepTime stores the high-water mark of the real clock. Where several nodes do, each goes on from the latest; one whose clock is wrong keeps it to
// itself.
func (s *server) keepTime(ctx context.Context) error {
	interval := timeInterval
	if s.node != nil {
		interval = sharedTime
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if s.node != nil && s.node.Ready() != nil {
			continue
		}
		if err := s.dir.saveTime(ctx, s.dir.clock.Now()); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "the time cannot be stored", "error", err)
		}
	}
}

// endpointAddress is what DescribeEndpoint tells: host and port of the TLS listener, or of the plain one if that is all there is.
func (s *server) endpointAddress() string {
	listener := s.https
	if listener == nil {
		listener = s.http
	}
	return net.JoinHostPort(s.config.AdvertisedHost(), port(listener))
}

// endpointURL is where this machine's AWS clients find the server.
func (s *server) endpointURL() string {
	if s.http != nil {
		return "http://" + net.JoinHostPort(hostOf(s.http, s.config), port(s.http))
	}
	return "https://" + net.JoinHostPort(hostOf(s.https, s.config), port(s.https))
}

// hostOf is the host a client on this machine uses: the listener's own, or the advertised one when it listens everywhere.
func hostOf(l net.Listener, c *config.Config) string {
	if addr, ok := l.Addr().(*net.TCPAddr); ok && !addr.IP.IsUnspecified() {
		return addr.IP.String()
	}
	return c.AdvertisedHost()
}

func port(l net.Listener) string {
	if l == nil {
		return ""
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return ""
	}
	return port
}
