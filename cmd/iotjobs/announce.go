package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"iotjobs/internal/config"
	"iotjobs/internal/profile"
	"iotjobs/internal/service"
)

// administratorSetting holds the id of the key that the profile got.
const administratorSetting = "administrator-key"

// profile is the AWS profile that leads to this server.
func (s *server) profile(caPath string) profile.Profile {
	p := profile.Profile{Dir: s.dir.path, Endpoint: s.endpointURL(), Region: s.config.Region}
	if s.http == nil {
		p.CABundle = caPath
	}
	return p
}

// makingPrefix begins the setting while the node of a directory makes the key.
const makingPrefix = "made in "

// claimAdministrator tells whether the administrator's key is still to be made, here: of several nodes that start at once, one makes it. One that fails
// before the key is noted makes another at its next start; the first is then one that nobody knows.
func (s *server) claimAdministrator(ctx context.Context) (mine bool, err error) {
	claim := makingPrefix
	if s.dir.shared != nil {
		path, err := filepath.Abs(s.dir.path)
		if err != nil {
			return false, err
		}
		host, err := os.Hostname()
		if err != nil {
			return false, err
		}
		claim += path + " on " + host
	}
	decided, err := s.dir.service.DecideSettings(ctx, administratorSetting, map[string][]byte{administratorSetting: []byte(claim)})
	return string(decided[administratorSetting]) == claim, err
}

// writeProfile writes what a newcomer's AWS tools need. The administrator's key is made once.
func (s *server) writeProfile(ctx context.Context) error {
	caPath, err := s.writeTrust()
	if err != nil || s.config.NoProfile {
		return err
	}
	s.aws = s.profile(caPath)
	if s.http == nil && s.https == nil {
		return nil
	}
	if err := s.aws.WriteConfig(); err != nil {
		return err
	}
	mine, err := s.claimAdministrator(ctx)
	if err != nil || !mine {
		return err
	}
	key, secret, err := s.dir.service.CreateAccessKey(ctx, service.CreateAccessKeyInput{Description: "administrator, made at the first start"})
	if err != nil {
		return err
	}
	if err := s.aws.WriteCredentials(profile.Credentials{AccessKeyID: key.ID, SecretAccessKey: secret}); err != nil {
		return err
	}
	return s.dir.service.PutSetting(ctx, administratorSetting, []byte(key.ID))
}

// announce tells a newcomer where the server is and how to call it.
func announce(w io.Writer, s *server) {
	line := func(name string, l net.Listener, scheme string) {
		if l != nil {
			fmt.Fprintf(w, "  %-6s %s://%s\n", name, scheme, l.Addr())
		}
	}
	fmt.Fprintf(w, "iotjobs serves account %s in %s from %s\n\n", s.config.AccountID, s.config.Region, s.dir.path)
	line("http", s.http, "http")
	line("https", s.https, "https")
	line("admin", s.admin, "http")
	if s.config.Signatures == config.SignaturesParse {
		fmt.Fprint(w, "\nEMULATOR MODE: signatures are read and not verified. Whoever reaches this server may do everything.\n")
	}
	if s.dir.service.Virtual {
		fmt.Fprintf(w, "\nThe clock is virtual and stands at %s; POST /clock/advance on the admin listener moves it.\n", s.dir.clock.Now().Format("2006-01-02T15:04:05Z07:00"))
	}
	if !s.config.NoProfile {
		fmt.Fprintf(w, "\n%s", s.aws.Instructions())
	}
}
