package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"iotjobs/internal/config"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// place is which server is meant.
type place struct {
	Data    string `name:"data" env:"IOTJOBS_DATA" default:"./iotjobs-data" placeholder:"DIR" help:"State directory of the server."`
	Store   string `name:"store" env:"IOTJOBS_STORE" placeholder:"URL" help:"The database of a stopped server, if it is not in the state directory: postgres://…"`
	KeyFile string `name:"key-file" env:"IOTJOBS_KEY_FILE" placeholder:"FILE" help:"The server's key file, if it is not in the state directory."`
}

// operator is what the operator's commands need: a running server over its socket, or the service on an opened directory.
type operator interface {
	CreateAccessKey(ctx context.Context, in service.CreateAccessKeyInput) (service.AccessKey, string, error)
	ListAccessKeys(ctx context.Context) ([]service.AccessKey, error)
	UpdateAccessKey(ctx context.Context, id string, active bool) error
	RevokeAccessKey(ctx context.Context, id string) error
	CreateUser(ctx context.Context, name registry.UserName) (*registry.User, error)
	ListUsers(ctx context.Context) ([]*registry.User, error)
	DescribeUser(ctx context.Context, name registry.UserName) (service.UserDescription, error)
	DeleteUser(ctx context.Context, name registry.UserName) error
	PutUserPolicy(ctx context.Context, in service.UserPolicyInput) error
	DeleteUserPolicy(ctx context.Context, in service.UserPolicyInput) error
	CreateRole(ctx context.Context, in service.CreateRoleInput) (*registry.Role, error)
	ListRoles(ctx context.Context) ([]*registry.Role, error)
	DescribeRole(ctx context.Context, name registry.RoleName) (service.RoleDescription, error)
	DeleteRole(ctx context.Context, name registry.RoleName) error
	PutRolePolicy(ctx context.Context, in service.RolePolicyInput) error
	DeleteRolePolicy(ctx context.Context, in service.RolePolicyInput) error
	ImportThings(ctx context.Context, in service.ImportThingsInput) (service.ImportThingsOutput, error)
	PlanJob(ctx context.Context, in planRequest) (service.JobPlan, error)
	ExplainJob(ctx context.Context, in service.ExplainJobInput) ([]string, error)
	Explain(ctx context.Context, in explainRequest) (sentences []string, err error)
	Denials(ctx context.Context) ([]deniedCall, error)
}

// with finds the server, running or stopped, and hands it to fn.
func (p place) with(ctx context.Context, fn func(operator) error) (err error) {
	client := newSocketClient(p.Data)
	alive, err := client.alive(ctx)
	if err != nil {
		return err
	}
	if alive {
		return fn(client)
	}
	if _, err := os.Stat(filepath.Join(p.Data, "store")); p.Store == "" && err != nil {
		return fmt.Errorf("no server has used the state directory %s yet: %w", p.Data, err)
	}
	if _, err := os.Stat(p.keyPath()); p.Store != "" && err != nil {
		return fmt.Errorf("the key that wraps the secrets of the store is not here (--key-file): %w", err)
	}
	d, err := reopenDirectory(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	return fn(opened{d.service})
}

func (p place) keyPath() string { return (&config.Config{Data: p.Data, KeyFile: p.KeyFile}).KeyPath() }

// reopenDirectory opens a directory of a stopped server as what it is.
func reopenDirectory(ctx context.Context, p place) (*directory, error) {
	c := config.Default()
	c.Data, c.KeyFile, c.Clock, c.Signatures = p.Data, p.KeyFile, asItIs, asItIs
	c.Store, c.AllowUnsafeStore = p.Store, true // whoever serves has decided that
	return openDirectory(ctx, &c, slog.New(slog.DiscardHandler))
}

// socketClient speaks to a running server.
type socketClient struct {
	http http.Client
}

func newSocketClient(dir string) *socketClient {
	path := filepath.Join(dir, socketName)
	return &socketClient{http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		},
	}}}
}

// alive tells whether a server listens. A socket that refuses is left over from a dead one.
func (c *socketClient) alive(ctx context.Context) (bool, error) {
	err := c.call(ctx, http.MethodGet, "/keys", nil, new([]service.AccessKey))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOTDIR) {
		return false, nil
	}
	return err == nil, err
}

func (c *socketClient) ImportThings(ctx context.Context, in service.ImportThingsInput) (out service.ImportThingsOutput, err error) {
	err = c.call(ctx, http.MethodPost, "/things/import", in, &out)
	return out, err
}

func (c *socketClient) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://iotjobs"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		var refusal wire.ErrorReply
		if json.Unmarshal(raw, &refusal) != nil || refusal.Message == "" {
			return fmt.Errorf("the server answered %s", response.Status)
		}
		return errors.New(refusal.Message)
	}
	return json.Unmarshal(raw, out)
}
