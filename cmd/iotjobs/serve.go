package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"

	"iotjobs/internal/config"
)

// serveCmd runs the server until it is told to stop.
type serveCmd struct {
	config.Config

	File        kong.ConfigFlag `name:"config" env:"IOTJOBS_CONFIG" placeholder:"FILE" help:"Configuration file: JSON, its keys are the flags' names."`
	LogLevel    string          `name:"log-level" env:"IOTJOBS_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"debug also logs every request."`
	CheckConfig bool            `name:"check-config" help:"Check the configuration and exit."`
}

// Run is the life of a server: open, serve, drain, close.
func (c *serveCmd) Run(ctx context.Context) (err error) {
	if c.CheckConfig { // Validate has run: kong calls it after parsing
		fmt.Println("The configuration is good.")
		return nil
	}
	if c.Store != "" {
		wakeSeldom(ctx)
	}
	defer spareCollector()()
	log := newLogger(c.LogLevel)
	dir, err := openDirectory(ctx, &c.Config, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.close()) }()
	s, err := newServer(ctx, &c.Config, dir, log)
	if err != nil {
		return err
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	if err := s.writeProfile(ctx); err != nil {
		s.closeListeners()
		return err
	}
	announce(os.Stdout, s)
	return s.run(ctx)
}

func newLogger(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo // kong has checked the name
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
}
