package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
)

// addresses are where a server really listens, for scripts that let it choose its ports. They stand in run/addresses.json of the data
// directory while the server is ready to be called.
type addresses struct {
	HTTP  string `json:"http,omitempty"`
	HTTPS string `json:"https,omitempty"`
	Admin string `json:"admin,omitempty"`
}

func addressesPath(dir string) string { return filepath.Join(dir, "run", "addresses.json") }

func (s *server) writeAddresses() error {
	of := func(l net.Listener) string {
		if l == nil {
			return ""
		}
		return l.Addr().String()
	}
	raw, err := json.Marshal(addresses{of(s.http), of(s.https), of(s.admin)})
	if err != nil {
		return err
	}
	path := addressesPath(s.dir.path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	// Renamed into place, so that nobody reads half of it.
	if err := os.WriteFile(path+".new", append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (s *server) removeAddresses() {
	if err := os.Remove(addressesPath(s.dir.path)); err != nil {
		s.log.Warn("the file with the addresses stays behind", "error", err)
	}
}
