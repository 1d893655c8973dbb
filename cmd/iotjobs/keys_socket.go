package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
)

// createdKey is the one answer that has a secret.
type createdKey struct {
	service.AccessKey

	Secret string `json:"secretAccessKey"`
}

type keyChange struct {
	Active bool `json:"active"`
}

// keyCommands serves iotjobs keys.
func (s *server) keyCommands(m *http.ServeMux) {
	keys := s.dir.service
	m.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		list, err := keys.ListAccessKeys(r.Context())
		answer(w, s.log, list, err)
	})
	m.HandleFunc("POST /keys", s.audited("CreateAccessKey", func(w http.ResponseWriter, r *http.Request) {
		var in service.CreateAccessKeyInput
		if !s.decoded(w, r, &in) {
			return
		}
		key, secret, err := keys.CreateAccessKey(r.Context(), in)
		answer(w, s.log, createdKey{key, secret}, err)
	}))
	m.HandleFunc("PUT /keys/{id}", s.audited("UpdateAccessKey", func(w http.ResponseWriter, r *http.Request) {
		var in keyChange
		if s.decoded(w, r, &in) {
			answer(w, s.log, struct{}{}, keys.UpdateAccessKey(r.Context(), r.PathValue("id"), in.Active))
		}
	}))
	m.HandleFunc("DELETE /keys/{id}", s.audited("DeleteAccessKey", func(w http.ResponseWriter, r *http.Request) {
		answer(w, s.log, struct{}{}, keys.RevokeAccessKey(r.Context(), r.PathValue("id")))
	}))
}

// maxCommandBody bounds what the commands for users and keys send: a policy with its white space, quoted.
const maxCommandBody = 1 << 20

// decoded reads the body of a command, or answers that it cannot be read.
func (s *server) decoded(w http.ResponseWriter, r *http.Request, in any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCommandBody)).Decode(in)
	if err != nil {
		answer(w, s.log, nil, jobs.Errorf(jobs.InvalidRequest, "The request is not valid JSON."))
	}
	return err == nil
}

func (c *socketClient) CreateAccessKey(ctx context.Context, in service.CreateAccessKeyInput) (service.AccessKey, string, error) {
	var out createdKey
	err := c.call(ctx, http.MethodPost, "/keys", in, &out)
	return out.AccessKey, out.Secret, err
}

func (c *socketClient) ListAccessKeys(ctx context.Context) (keys []service.AccessKey, err error) {
	err = c.call(ctx, http.MethodGet, "/keys", nil, &keys)
	return keys, err
}

func (c *socketClient) UpdateAccessKey(ctx context.Context, id string, active bool) error {
	return c.call(ctx, http.MethodPut, "/keys/"+url.PathEscape(id), keyChange{active}, &struct{}{})
}

func (c *socketClient) RevokeAccessKey(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, "/keys/"+url.PathEscape(id), nil, &struct{}{})
}

// keepKeyUses writes when keys were last used, and what is left at the end.
func (s *server) keepKeyUses(ctx context.Context) error {
	const interval = time.Minute
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		ended := false
		select {
		case <-ctx.Done():
			ended = true
		case <-ticker.C:
		}
		if err := s.dir.service.FlushKeyUses(context.WithoutCancel(ctx)); err != nil {
			s.log.ErrorContext(ctx, "the last use of access keys cannot be stored", "error", err)
		}
		if ended {
			return nil
		}
	}
}
