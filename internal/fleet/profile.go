package fleet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Profile is what the files of an AWS profile say; members that they leave out are empty.
type Profile struct {
	Endpoint, Region, CABundle string
	Credentials                Credentials
}

// ReadProfile reads a profile from the files config and credentials in a directory. A file that is not there says nothing, a profile
// that neither knows is an error.
func ReadProfile(dir, name string) (Profile, error) {
	settings, found := map[string]string{}, false
	for file, section := range map[string]string{"config": "profile " + name, "credentials": name} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Profile{}, err
		}
		found = readSection(content, section, settings) || found
	}
	if !found {
		return Profile{}, fmt.Errorf("no profile %s in %s", name, dir)
	}
	return Profile{
		Endpoint: settings["endpoint_url"], Region: settings["region"], CABundle: settings["ca_bundle"],
		Credentials: Credentials{settings["aws_access_key_id"], settings["aws_secret_access_key"], settings["aws_session_token"]},
	}, nil
}

// readSection adds the settings of one section of an INI file, in the form that AWS tools write: "key = value" lines below "[section]".
// Indented lines belong to nested settings, of which we need none.
func readSection(content []byte, section string, settings map[string]string) (found bool) {
	inside := false
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		line := strings.TrimRight(lines.Text(), " \t\r")
		if line == "" || strings.ContainsRune("#; \t", rune(line[0])) {
			continue
		}
		if line[0] == '[' {
			inside = strings.TrimSpace(strings.Trim(line, "[]")) == section
			found = found || inside
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && inside {
			settings[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return found
}
