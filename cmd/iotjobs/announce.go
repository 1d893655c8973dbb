package main

import (
	"context"
	"fmt"
	"io"
	"net"

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

// writeProfile writes what a newcomer's AWS tools need. The administrator's key is made once; a failure before it is noted leaves a key
// that nobody knows, and the next start makes another.
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
	made, err := s.dir.service.Setting(ctx, administratorSetting)
	if err != nil || made != nil {
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
