package main

import (
	"errors"
	"net/http"
	"time"
)

var errDraining = errors.New("draining: this server stops soon")

// ready is 200 while the server does what it promises: a load balancer sends devices elsewhere otherwise.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	if err := s.notReady(); err != nil {
		writeText(w, http.StatusServiceUnavailable, "not ready: "+err.Error()+"\n")
		return
	}
	writeText(w, http.StatusOK, "ready\n")
}

func (s *server) notReady() error {
	if s.draining.Load() {
		return errDraining
	}
	if err := s.dir.store.Err(); err != nil || s.node == nil {
		return err
	}
	if err := s.node.Ready(); err != nil {
		return err
	}
	return s.dir.service.IdentityReady()
}

// announceDrain lets load balancers see that this server stops, and waits until they have.
func (s *server) announceDrain() {
	s.draining.Store(true)
	timer := time.NewTimer(s.config.Drain())
	defer timer.Stop()
	<-timer.C
}

// drained lets clients leave a server that drains: each answer is the last of its connection, so that none is cut while a request is on its way.
func (s *server) drained(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
