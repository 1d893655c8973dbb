package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"path/filepath"

	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// socketName is the Unix socket over which the operator's commands speak to a running server. Who may open it may do everything: it is
// the file system that guards it (0600 in a directory 0700).
const socketName = "admin.sock"

// maxSocketPath is what the kernel takes for the path of a socket.
const maxSocketPath = 107

func listenSocket(ctx context.Context, dir string) (net.Listener, error) {
	path := filepath.Join(dir, socketName)
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("--data: %s is longer than the %d bytes that a socket's path may have; use a shorter directory", path, maxSocketPath)
	}
	// The directory's lock, or that of the store in it, is ours, so a socket that is still here is a dead server's.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}

// socketHandler serves the operator's commands.
func (s *server) socketHandler() http.Handler {
	m := http.NewServeMux()
	s.keyCommands(m)
	s.userCommands(m)
	s.roleCommands(m)
	m.HandleFunc("POST /things/import", s.audited("ImportThings", func(w http.ResponseWriter, r *http.Request) {
		var in service.ImportThingsInput
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxImportBody)).Decode(&in); err != nil {
			answer(w, s.log, nil, jobs.Errorf(jobs.InvalidRequest, "The request is not valid JSON: %s.", err))
			return
		}
		out, err := s.dir.service.ImportThings(r.Context(), in)
		answer(w, s.log, out, err)
	}))
	m.HandleFunc("POST /jobs/plan", s.planJob)
	m.HandleFunc("POST /jobs/why", s.explainJob)
	m.HandleFunc("POST /explain", s.explain)
	m.HandleFunc("GET /denials", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.log, s.denials.list(), nil) })
	m.HandleFunc("GET /store/check", s.checkStore)
	m.HandleFunc("GET /store/backup", s.backup)
	m.HandleFunc("GET /debug/pprof/", pprof.Index)
	m.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	m.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return m
}

// maxImportBody bounds one part of an import: things with all the attributes that they may have.
const maxImportBody = 64 << 20

func answer(w http.ResponseWriter, log *slog.Logger, document any, err error) {
	switch {
	case err == nil:
		wire.WriteJSON(w, http.StatusOK, document)
	case jobs.CodeOf(err) == jobs.Internal:
		log.Error("operator command failed", "error", err)
		wire.WriteError(w, wire.ControlException(jobs.Internal), wire.ErrorReply{Message: err.Error()})
	default:
		wire.WriteError(w, wire.ControlException(jobs.CodeOf(err)), wire.ErrorReply{Message: err.Error()})
	}
}
