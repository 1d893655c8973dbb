package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// adminHandler serves what monitoring asks for, and with a virtual clock the call that moves it. It asks nobody who they are.
func (s *server) adminHandler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "alive\n") })
	m.HandleFunc("GET /readyz", s.ready)
	m.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}))
	if s.dir.service.Virtual {
		m.HandleFunc("POST /clock/advance", s.advance)
	}
	return m
}

// advance moves the virtual clock: {"duration":"90s"}. The answer comes after everything due up to then has happened.
func (s *server) advance(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != "" {
		writeText(w, http.StatusForbidden, "no web page may move the clock\n")
		return
	}
	var body struct {
		Duration string `json:"duration"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&body); err != nil {
		writeText(w, http.StatusBadRequest, `want {"duration":"90s"}: `+err.Error()+"\n")
		return
	}
	duration, err := time.ParseDuration(body.Duration)
	if err != nil {
		writeText(w, http.StatusBadRequest, `want {"duration":"90s"}: `+err.Error()+"\n")
		return
	}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil { // a long move takes its time
		writeText(w, http.StatusInternalServerError, err.Error()+"\n")
		return
	}
	s.moving.Lock() // one move at a time: each is a walk through the due instants
	defer s.moving.Unlock()
	if err := s.dir.service.Advance(r.Context(), duration, s.dir.setTime); err != nil {
		status := http.StatusInternalServerError
		if errors.Is(err, jobs.InvalidRequest) {
			status = http.StatusBadRequest
		}
		writeText(w, status, err.Error()+"\n")
		return
	}
	wire.WriteJSON(w, http.StatusOK, map[string]time.Time{"now": s.dir.clock.Now()})
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a client that is gone needs no answer
}
