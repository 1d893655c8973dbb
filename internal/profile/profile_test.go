package profile

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func newTestProfile(t *testing.T) Profile {
	t.Helper()
	return Profile{Dir: t.TempDir(), Endpoint: "http://127.0.0.1:8080", Region: "eu-west-1"}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %04o, want %04o", filepath.Base(path), got, want)
	}
}

func wantEntries(t *testing.T, dir string, want int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != want {
		t.Errorf("%d entries in %s, want %d: %v", len(entries), filepath.Base(dir), want, entries)
	}
}

func TestFirstStartWritesBothFiles(t *testing.T) {
	p := newTestProfile(t)
	if err := p.WriteConfig(); err != nil {
		t.Fatal(err)
	}
	if err := p.WriteCredentials(Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "abc/def+ghi="}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, filepath.Join(p.Dir, "aws", "config")),
		"# Written by iotjobs; it is replaced when the server's address changes.\n[profile iotjobs]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:8080\n"; got != want {
		t.Errorf("config:\n%s\nwant:\n%s", got, want)
	}
	if got, want := read(t, filepath.Join(p.Dir, "aws", "credentials")),
		"# Written by iotjobs; it is replaced when the administrator's key is made anew.\n[iotjobs]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = abc/def+ghi=\n"; got != want {
		t.Errorf("credentials:\n%s\nwant:\n%s", got, want)
	}
	wantMode(t, filepath.Join(p.Dir, "aws"), 0o700)
	wantMode(t, p.ConfigPath(), 0o600)
	wantMode(t, p.CredentialsPath(), 0o600)
	wantEntries(t, filepath.Join(p.Dir, "aws"), 2)
}

func TestConfigWithCABundle(t *testing.T) {
	p := newTestProfile(t)
	if err := p.WriteConfig(); err != nil {
		t.Fatal(err)
	}
	p.Endpoint, p.CABundle = "https://127.0.0.1:8443", filepath.Join(p.Dir, "tls", "ca.pem")
	if err := p.WriteConfig(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, p.ConfigPath()); !strings.Contains(got, "\nca_bundle = "+p.CABundle+"\n") {
		t.Errorf("no ca_bundle:\n%s", got)
	}
}

func TestConfigKeepsWhatItsReaderAdded(t *testing.T) {
	p := newTestProfile(t)
	edited := "[default]\nregion=us-west-2\n\n[profile iotjobs]\noutput = json\nendpoint_url=http://127.0.0.1:8080\n  region =  eu-west-1\ncli_pager =\n"
	if err := os.Mkdir(filepath.Dir(p.ConfigPath()), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.ConfigPath(), []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := p.WriteConfig(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, p.ConfigPath()); got != edited {
		t.Errorf("changed to:\n%s", got)
	}
	wantMode(t, p.ConfigPath(), 0o600)
}

func TestConfigIsReplacedWhenItLeadsElsewhere(t *testing.T) {
	for name, have := range map[string]string{
		"other endpoint":       "[profile iotjobs]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9999\n",
		"other region":         "[profile iotjobs]\nregion = eu-west-2\nendpoint_url = http://127.0.0.1:8080\n",
		"no region":            "[profile iotjobs]\nendpoint_url = http://127.0.0.1:8080\n",
		"other profile":        "[profile iotjobs2]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:8080\n",
		"section of the other": "[iotjobs]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:8080\n",
		"comment":              "[profile iotjobs]\nregion = eu-west-1\n# endpoint_url = http://127.0.0.1:8080\n",
		"empty":                "",
	} {
		p := newTestProfile(t)
		if err := os.Mkdir(filepath.Dir(p.ConfigPath()), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p.ConfigPath(), []byte(have), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.WriteConfig(); err != nil {
			t.Fatal(err)
		}
		if got := read(t, p.ConfigPath()); !strings.HasPrefix(got, "# Written by iotjobs") || !strings.Contains(got, "endpoint_url = http://127.0.0.1:8080\n") {
			t.Errorf("%s: the file stayed:\n%s", name, got)
		}
	}
}

func TestCredentialsAreReplacedOnlyByAnotherKey(t *testing.T) {
	p := newTestProfile(t)
	key := Credentials{AccessKeyID: "AKIDONE", SecretAccessKey: "one"}
	if err := p.WriteCredentials(key); err != nil {
		t.Fatal(err)
	}
	mine := read(t, p.CredentialsPath()) + "\n[mine]\naws_access_key_id = AKIDMINE\n"
	if err := os.WriteFile(p.CredentialsPath(), []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.WriteCredentials(key); err != nil {
		t.Fatal(err)
	}
	if got := read(t, p.CredentialsPath()); got != mine {
		t.Errorf("the same key changed the file to:\n%s", got)
	}
	if err := p.WriteCredentials(Credentials{AccessKeyID: "AKIDONE", SecretAccessKey: "two"}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, p.CredentialsPath()); !strings.Contains(got, "aws_secret_access_key = two\n") || strings.Contains(got, "mine") {
		t.Errorf("another key leaves:\n%s", got)
	}
}

func TestValuesThatWouldBreakTheFileAreRefused(t *testing.T) {
	for _, bad := range []string{"", "http://a\nregion = x", "a\r", "a\x00"} {
		p := newTestProfile(t)
		p.Endpoint = bad
		if err := p.WriteConfig(); err == nil || !strings.Contains(err.Error(), "endpoint_url") {
			t.Errorf("endpoint %q: %v", bad, err)
		}
		err := p.WriteCredentials(Credentials{AccessKeyID: "AKID", SecretAccessKey: bad})
		if err == nil || !strings.Contains(err.Error(), "aws_secret_access_key") {
			t.Errorf("secret %q: %v", bad, err)
		}
		if bad != "" && err != nil && strings.Contains(err.Error(), bad) {
			t.Errorf("the error quotes the secret: %v", err)
		}
		wantEntries(t, p.Dir, 0)
	}
}

func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	p := newTestProfile(t)
	// A folder in the file's place: the rename fails, after the temporary file was written.
	if err := os.MkdirAll(filepath.Join(p.Dir, "tls", "ca.pem", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteCA(p.Dir, []byte("pem")); err == nil {
		t.Fatal("accepted")
	}
	wantEntries(t, filepath.Join(p.Dir, "tls"), 1)

	p.Dir = filepath.Join(p.Dir, "no-such-folder")
	if err := p.WriteConfig(); err == nil {
		t.Error("a state directory that is not there was accepted")
	}
}

func TestWriteCA(t *testing.T) {
	dir := t.TempDir()
	for _, content := range []string{"old\n", "new\n"} {
		path, err := WriteCA(dir, []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, "tls", "ca.pem"); path != want {
			t.Errorf("path %s, want %s", path, want)
		}
		if got := read(t, path); got != content {
			t.Errorf("got %q, want %q", got, content)
		}
		wantMode(t, path, 0o644)
	}
	wantEntries(t, filepath.Join(dir, "tls"), 1)
}

// The line is meant to be pasted, so a real shell reads it.
func TestInstructionsSurviveAShell(t *testing.T) {
	for _, name := range []string{"plain", "with space", "it's", `a"b$HOME;c`, "ünï", "a\tb*"} {
		p := Profile{Dir: filepath.Join(t.TempDir(), name), Endpoint: "http://[::1]:8080", Region: "eu-west-1"}
		text := p.Instructions()
		var export string
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "  export ") {
				export = line
			}
		}
		shell := exec.CommandContext(t.Context(), "sh", "-c", export+`printf '%s\n' "$AWS_CONFIG_FILE" "$AWS_SHARED_CREDENTIALS_FILE" "$AWS_PROFILE"`)
		got, err := shell.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, got)
		}
		if want := p.ConfigPath() + "\n" + p.CredentialsPath() + "\niotjobs\n"; string(got) != want {
			t.Errorf("the shell reads\n%s\nwant\n%s", got, want)
		}
		for _, part := range []string{"1.29/2.13", "Debian 12", "--endpoint-url 'http://[::1]:8080'"} {
			if !strings.Contains(text, part) {
				t.Errorf("nothing about %s in:\n%s", part, text)
			}
		}
	}
}

func TestPathsAreAbsolute(t *testing.T) {
	t.Chdir(t.TempDir())
	p := Profile{Dir: "./iotjobs-data", Endpoint: "http://127.0.0.1:8080", Region: "eu-west-1"}
	if !filepath.IsAbs(p.ConfigPath()) || !filepath.IsAbs(p.CredentialsPath()) {
		t.Errorf("%s, %s", p.ConfigPath(), p.CredentialsPath())
	}
}
