package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"

	"iotjobs/internal/nodes"
	"iotjobs/internal/store"
)

// How often a node looks whether others have changed who may do what, and stores its time.
const (
	identityInterval = 250 * time.Millisecond
	sharedTime       = 2 * time.Second
)

// leaveTimeout bounds how long a node that stops tries to give its leases back; they end by themselves.
const leaveTimeout = 5 * time.Second

// joinNodes makes the server one of several nodes, or the only one if its clock is virtual: a clock that is moved by hand is one process's.
func (s *server) joinNodes(ctx context.Context) error {
	d := s.dir
	if d.shared == nil {
		return nil
	}
	if d.service.Virtual {
		return s.holdClock(ctx)
	}
	n := &nodes.Node{Shared: d.shared, ID: nodeID(), Now: time.Now, Log: s.log}
	if err := n.Join(ctx); err != nil {
		return fmt.Errorf("join the nodes: %w", err)
	}
	if err := n.Ready(); err != nil {
		return errors.Join(err, n.Leave(ctx))
	}
	d.service.Store, d.service.Nodes, d.service.RealNow = n.Store(), n, time.Now
	if err := d.service.RefreshIdentity(ctx); err != nil {
		return err
	}
	look := s.worker.Also("read what other nodes changed of who may do what", identityInterval, d.service.RefreshIdentity)
	n.Heard = func(hint store.Hint) {
		look()
		if len(hint.Jobs) > 0 || len(hint.Things) == 0 {
			s.worker.Wake()
		}
	}
	s.node = n
	return nil
}

// nodeID is a new one at every start, so that no lease of an earlier run is taken for this one's. The name of the machine is for people.
func nodeID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	return host + "/" + uuid.NewString()
}

// leave gives back what the node holds, so that others go on at once.
func (s *server) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	var err error
	switch {
	case s.node != nil:
		err = s.node.Leave(ctx)
	case s.clockLease.Epoch > 0:
		err = s.dir.shared.Release(ctx, s.clockLease)
	}
	if err != nil {
		s.log.WarnContext(ctx, "leases are not given back, others wait until they end", "error", err)
	}
}

// The lease of the only node of a store with a virtual clock.
const (
	clockLease     = nodes.ClockLease
	clockLife      = 4 * time.Second
	clockKeep      = time.Second
	clockTrust     = 3 * time.Second
	clockWaitRound = 500 * time.Millisecond
)

var errSecondNode = errors.New("another server uses this store, and its clock is virtual: such a store has one node")

// holdClock takes the lease of the only node; that of a node that was killed ends first.
func (s *server) holdClock(ctx context.Context) error {
	id := nodeID()
	ctx, cancel := context.WithTimeoutCause(ctx, clockLife+clockKeep, errSecondNode)
	defer cancel()
	ticker := time.NewTicker(clockWaitRound)
	defer ticker.Stop()
	for {
		got, err := s.dir.shared.Acquire(ctx, id, clockLife, clockLease)
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		if len(got) == 1 {
			s.clockLease = got[0]
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// keepClock renews the lease of the only node, and ends the server if it is lost.
func (s *server) keepClock(ctx context.Context) error {
	ticker := time.NewTicker(clockKeep)
	defer ticker.Stop()
	for kept := time.Now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		asked := time.Now()
		got, err := s.dir.shared.Acquire(ctx, s.clockLease.Node, clockLife, clockLease)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil && (len(got) == 0 || got[0] != s.clockLease):
			return errSecondNode
		case err == nil:
			kept = asked
		case time.Since(kept) > clockTrust:
			return fmt.Errorf("the lease of the virtual clock cannot be renewed: %w", err)
		default:
			s.log.Log(ctx, slog.LevelWarn, "the lease of the virtual clock is not renewed, it will be tried again", "error", err)
		}
	}
}
