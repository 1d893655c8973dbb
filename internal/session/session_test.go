package session

import (
	"encoding/base64"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/seal"
)

var now = time.Date(2026, 5, 6, 7, 8, 9, 987654321, time.UTC)

const certificate registry.CertificateID = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

var lamp = registry.Session{Role: "device", RoleID: "AROATEST", Certificate: certificate, Thing: "lamp"}

func newKeeper(tb testing.TB, keyFile string) *Keeper {
	tb.Helper()
	keys, err := seal.OpenKeyFile(keyFile)
	if err != nil {
		tb.Fatal(err)
	}
	return &Keeper{Sealer: keys, Now: func() time.Time { return now }}
}

func issue(tb testing.TB, k *Keeper, life time.Duration, notAfter time.Time) Credentials {
	tb.Helper()
	c, err := k.Issue(lamp, life, notAfter)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// A token opens on every node that has the key file, with all that was put into it.
func TestTokensOpenOnEveryNode(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	one, two := newKeeper(t, file), newKeeper(t, file)
	c := issue(t, one, 15*time.Minute, now.AddDate(1, 0, 0))
	if !regexp.MustCompile(`^ASIA[A-Z2-7]{16}$`).MatchString(c.AccessKeyID) || len(c.SecretAccessKey) != 40 {
		t.Errorf("credentials %s with a secret of %d characters do not look like AWS's", c.AccessKeyID, len(c.SecretAccessKey))
	}
	if strings.Contains(c.Token, c.SecretAccessKey) || len(c.Token) > 800 {
		t.Errorf("a token of %d characters: %s", len(c.Token), c.Token)
	}
	want := lamp
	want.IssuedAt, want.ExpiresAt = now.Truncate(time.Second), now.Truncate(time.Second).Add(15*time.Minute)
	for range 2 { // opened, then from memory
		for name, k := range map[string]*Keeper{"the same": one, "another": two} {
			got := k.Open(c.AccessKeyID, c.Token)
			if got == nil || got.Secret != c.SecretAccessKey || got.User != nil || *got.Session != want || c.Session != want {
				t.Errorf("%s node reads %+v, want %+v", name, got, want)
			}
		}
	}
	if other := issue(t, one, 15*time.Minute, now.AddDate(1, 0, 0)); other.AccessKeyID == c.AccessKeyID || other.SecretAccessKey == c.SecretAccessKey || other.Token == c.Token {
		t.Error("two credentials share something")
	}
}

// Credentials end with the certificate, if that is first.
func TestCredentialsEndWithTheCertificate(t *testing.T) {
	k := newKeeper(t, filepath.Join(t.TempDir(), "key"))
	if got := issue(t, k, time.Hour, now.Add(10*time.Minute)).Session.ExpiresAt; !got.Equal(now.Add(10 * time.Minute).Truncate(time.Second)) {
		t.Errorf("they end at %s", got)
	}
	for _, life := range []time.Duration{0, -time.Second, time.Hour + time.Second} {
		if _, err := k.Issue(lamp, life, now.AddDate(1, 0, 0)); err == nil {
			t.Errorf("credentials were issued for %s", life)
		}
	}
}

// Only the token itself, with its own access key, on a server with the same key file.
func TestOtherTokensOpenNothing(t *testing.T) {
	dir := t.TempDir()
	k := newKeeper(t, filepath.Join(dir, "key"))
	c := issue(t, k, time.Hour, now.AddDate(1, 0, 0))
	other := issue(t, k, time.Hour, now.AddDate(1, 0, 0))
	if k.Open(c.AccessKeyID, c.Token) == nil {
		t.Fatal("the token itself does not open")
	}
	sealed, err := base64.StdEncoding.DecodeString(c.Token)
	if err != nil {
		t.Fatal(err)
	}
	sealed[len(sealed)-1] ^= 1
	for name, token := range map[string]string{
		"another's": other.Token, "a changed one": base64.StdEncoding.EncodeToString(sealed), "none": "", "garbage": "garbage", "of zeros": strings.Repeat("A", 400),
		"another spelling": c.Token[:4] + "\n" + c.Token[4:], "cut": c.Token[:len(c.Token)-4], "long": c.Token + strings.Repeat("A", maxToken),
		"without padding": strings.TrimRight(c.Token, "="), "with a word after it": c.Token + " x",
	} {
		if token == c.Token {
			continue // one that needs no padding is the same without it
		}
		if k.Open(c.AccessKeyID, token) != nil {
			t.Errorf("a token that is %s opens", name)
		}
	}
	if k.Open(other.AccessKeyID, c.Token) != nil || k.Open(c.AccessKeyID[:19], c.AccessKeyID[19:]+c.Token) != nil {
		t.Error("the token opens with another access key")
	}
	if newKeeper(t, filepath.Join(dir, "another")).Open(c.AccessKeyID, c.Token) != nil {
		t.Error("the token opens with another key file")
	}
}

// A stranger's tokens take no place, and those that were issued take a bounded one.
func TestTheCacheIsBounded(t *testing.T) {
	k := newKeeper(t, filepath.Join(t.TempDir(), "key"))
	k.Open("ASIATEST", "garbage")
	if len(k.opened.young) != 0 {
		t.Error("a token that opens nothing is remembered")
	}
	used := issue(t, k, time.Hour, now.AddDate(1, 0, 0))
	credential := k.Open(used.AccessKeyID, used.Token)
	for i := range 3 * cacheHalf {
		k.opened.put(cacheKey{byte(i), byte(i >> 8), byte(i >> 16), 1}, credential)
		if i%cacheHalf == 0 {
			k.Open(used.AccessKeyID, used.Token)
		}
	}
	if n := len(k.opened.young) + len(k.opened.old); n > 2*cacheHalf {
		t.Errorf("%d sessions are kept, at most %d wanted", n, 2*cacheHalf)
	}
	if k.opened.get(keyOf(used.AccessKeyID, used.Token)) == nil {
		t.Error("one that is used was forgotten")
	}
}

// FuzzOpen: whatever comes as a token opens nothing, unless it is the one token that was issued with the access key.
func FuzzOpen(f *testing.F) {
	k := newKeeper(f, filepath.Join(f.TempDir(), "key"))
	c := issue(f, k, time.Hour, now.AddDate(1, 0, 0))
	raw, err := base64.StdEncoding.DecodeString(c.Token)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.AccessKeyID, c.Token)
	f.Add("ASIATEST", c.Token)
	f.Add(c.AccessKeyID, "")
	f.Add(c.AccessKeyID, c.Token[:len(c.Token)-1])
	f.Add(c.AccessKeyID, string(raw))
	f.Add(c.AccessKeyID, base64.StdEncoding.EncodeToString(raw[:41]))
	f.Add(c.AccessKeyID, base64.StdEncoding.EncodeToString(append([]byte{2}, raw[1:]...)))
	f.Fuzz(func(t *testing.T, id, token string) {
		if got := k.Open(id, token); (got != nil) != (id == c.AccessKeyID && token == c.Token) {
			t.Errorf("Open(%q, %q) gives %+v", id, token, got)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	k := newKeeper(b, filepath.Join(b.TempDir(), "key"))
	c := issue(b, k, time.Hour, now.AddDate(1, 0, 0))
	b.Run("known", func(b *testing.B) {
		for b.Loop() {
			k.Open(c.AccessKeyID, c.Token)
		}
	})
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			k.open(c.AccessKeyID, c.Token)
		}
	})
}
