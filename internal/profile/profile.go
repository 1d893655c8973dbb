// Package profile writes into the state directory what a newcomer's AWS tools need to reach this server: an AWS profile with an administrator's
// key, and the CA's certificate. The server never reads these files back for its own use.
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Name is the profile's name.
const Name = "iotjobs"

// Profile says where this server is.
type Profile struct {
	// Dir is the state directory; the profile goes into its folder "aws".
	Dir string
	// Endpoint is the server's URL, such as http://127.0.0.1:8080. All planes are there, so that one setting directs `aws iot` and
	// `aws iot-jobs-data` alike.
	Endpoint string
	Region   string
	// CABundle is the file with the CA's certificate, needed if Endpoint is https; else empty.
	CABundle string
}

// ConfigPath is the file for AWS_CONFIG_FILE.
func (p Profile) ConfigPath() string { return filepath.Join(absolute(p.Dir), "aws", "config") }

// CredentialsPath is the file for AWS_SHARED_CREDENTIALS_FILE.
func (p Profile) CredentialsPath() string {
	return filepath.Join(absolute(p.Dir), "aws", "credentials")
}

// WriteConfig writes the file of ConfigPath, atomically and with mode 0600. A file that already leads to this server is left as it is, with all
// that its reader added; any other is replaced as a whole. So it may be called at each start.
func (p Profile) WriteConfig() error {
	want := []setting{{"region", p.Region}, {"endpoint_url", p.Endpoint}}
	if p.CABundle != "" {
		want = append(want, setting{"ca_bundle", absolute(p.CABundle)})
	}
	return update(p.ConfigPath(), "profile "+Name, "it is replaced when the server's address changes", want)
}

// Credentials are an access key.
type Credentials struct{ AccessKeyID, SecretAccessKey string }

// WriteCredentials writes the file of CredentialsPath as WriteConfig does its own. Call it when the administrator's key is made, before the store
// commits the key: dying in between then leaves a useless file, which the next start replaces, and not a key that nobody knows.
func (p Profile) WriteCredentials(c Credentials) error {
	return update(p.CredentialsPath(), Name, "it is replaced when the administrator's key is made anew",
		[]setting{{"aws_access_key_id", c.AccessKeyID}, {"aws_secret_access_key", c.SecretAccessKey}})
}

// Instructions is what to tell somebody who wants to use the AWS CLI with this server now.
func (p Profile) Instructions() string {
	return fmt.Sprintf(`To use the AWS CLI and SDKs with this server:

  export AWS_CONFIG_FILE=%s AWS_SHARED_CREDENTIALS_FILE=%s AWS_PROFILE=%s

If AWS_ACCESS_KEY_ID or AWS_ENDPOINT_URL is set in your shell, unset it: it wins over the profile.
AWS CLIs older than 1.29/2.13 (Debian 12 has 2.9) do not read the endpoint there; add to each command: --endpoint-url %s
`, shellQuote(p.ConfigPath()), shellQuote(p.CredentialsPath()), Name, shellQuote(p.Endpoint))
}

// WriteCA writes the CA's certificate to the file tls/ca.pem in the state directory dir, atomically and readable by everybody (0644): clients must
// trust it. It returns the path.
func WriteCA(dir string, certPEM []byte) (path string, err error) {
	path = filepath.Join(absolute(dir), "tls", "ca.pem")
	if err := writeFile(path, certPEM, 0o644, 0o755); err != nil {
		return "", fmt.Errorf("write the CA's certificate: %w", err)
	}
	return path, nil
}

// setting is a line of a section.
type setting struct{ name, value string }

// update makes section of the file at path hold want. It replaces the file only if it does not.
func update(path, section, note string, want []setting) error {
	var text strings.Builder
	fmt.Fprintf(&text, "# Written by iotjobs; %s.\n[%s]\n", note, section)
	for _, s := range want {
		// A line break would start a setting of its own.
		if s.value == "" || strings.ContainsFunc(s.value, unicode.IsControl) {
			return fmt.Errorf("AWS profile: %s is empty or has a control character in it", s.name)
		}
		fmt.Fprintf(&text, "%s = %s\n", s.name, s.value)
	}
	have, err := os.ReadFile(path)
	switch {
	case err == nil && holds(string(have), section, want):
		// It may have been copied in with a looser mode.
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("AWS profile: %w", err)
		}
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("AWS profile: %w", err)
	}
	if err := writeFile(path, []byte(text.String()), 0o600, 0o700); err != nil {
		return fmt.Errorf("AWS profile: %w", err)
	}
	return nil
}

// holds reports whether section of an AWS configuration file has exactly the values of want, beside whatever else.
func holds(text, section string, want []setting) bool {
	have := make(map[string]string)
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			inside = strings.TrimSuffix(name, "]") == section
			continue
		}
		if name, value, ok := strings.Cut(line, "="); ok && inside {
			have[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	for _, s := range want {
		if have[s.name] != s.value {
			return false
		}
	}
	return true
}

// absolute keeps paths right for a shell that stands elsewhere. Without a working directory the path stays as it is.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// shellQuote makes text one word of a POSIX shell.
func shellQuote(text string) string {
	plain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-:@%+,", r))
	}
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
