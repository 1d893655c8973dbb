package main

import (
	"context"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// connectionsInterval is how long a connection lives at most whose certificate another node has ended, with every hint lost. Its calls are refused
// long before.
const connectionsInterval = 30 * time.Second

// watchConnections closes connections of certificates that have stopped to be ACTIVE, or are deleted: at once if this node did it, and a moment later
// if another one did, of which a node hears only that something has changed.
func (s *server) watchConnections() {
	look := func() {}
	if s.node != nil {
		look = s.worker.Also("close connections of certificates that ended", connectionsInterval, s.endForeignConnections)
	}
	s.dir.service.OnIdentityChange = func(change service.IdentityChange) {
		s.endConnections(change.Ended...)
		if change.Everybody {
			look()
		}
	}
}

func (s *server) endConnections(ids ...registry.CertificateID) {
	for _, id := range ids {
		if n := s.devices.Close(id); n > 0 {
			s.log.Info("connections closed: their certificate is no longer ACTIVE", "certificateId", id, "connections", n)
		}
	}
}

// endForeignConnections looks at each certificate that has an open connection here.
func (s *server) endForeignConnections(ctx context.Context) error {
	known := s.dir.identities(wire.Realm{Region: s.config.Region, Account: s.config.AccountID})
	for _, id := range s.devices.Certificates() {
		status, err := known.CertificateStatus(ctx, id)
		if err != nil {
			return err
		}
		if status != registry.CertificateActive {
			s.endConnections(id)
		}
	}
	return nil
}
