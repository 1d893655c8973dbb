package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func newTestKeyring(t *testing.T) *Keyring {
	t.Helper()
	k, err := OpenKeyFile(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustSeal(t *testing.T, k *Keyring, id string, plaintext []byte) []byte {
	t.Helper()
	sealed, err := k.Seal(id, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	k := newTestKeyring(t)
	for _, want := range [][]byte{nil, []byte("x"), []byte("wJalrXUtnFEMI"), bytes.Repeat([]byte("k"), 10_000)} {
		got, err := k.Open("id", mustSeal(t, k, "id", want))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("Open gives %d bytes, %v; want the %d bytes sealed", len(got), err, len(want))
		}
	}
}

func TestSealedHidesAndNeverRepeats(t *testing.T) {
	k := newTestKeyring(t)
	secret := []byte("a secret of some length")
	one, two := mustSeal(t, k, "id", secret), mustSeal(t, k, "id", secret)
	if bytes.Contains(one, secret) {
		t.Error("the sealed bytes contain the secret")
	}
	// Beyond the header, a data key and nonces of its own leave nothing equal.
	if bytes.Equal(one[headerSize:headerSize+wrappedSize], two[headerSize:headerSize+wrappedSize]) || bytes.Equal(one[headerSize+wrappedSize:], two[headerSize+wrappedSize:]) {
		t.Error("two seals of one secret share bytes")
	}
}

func TestOpenFailsUnderAnotherID(t *testing.T) {
	k := newTestKeyring(t)
	sealed := mustSeal(t, k, "access-key/A", []byte("s"))
	for _, id := range []string{"access-key/B", "access-key/", "", "sec:access-key/A"} {
		if _, err := k.Open(id, sealed); !errors.Is(err, ErrDamaged) {
			t.Errorf("Open(%q) = %v, want ErrDamaged", id, err)
		}
	}
}

func TestPartsOfTwoSecretsDoNotMix(t *testing.T) {
	k := newTestKeyring(t)
	a, b := mustSeal(t, k, "id", []byte("old")), mustSeal(t, k, "id", []byte("new"))
	mixed := append(bytes.Clone(a[:headerSize+wrappedSize]), b[headerSize+wrappedSize:]...)
	if _, err := k.Open("id", mixed); !errors.Is(err, ErrDamaged) {
		t.Errorf("data key of one, secret of the other: %v, want ErrDamaged", err)
	}
}

func TestOpenNoticesEveryChangedBit(t *testing.T) {
	k := newTestKeyring(t)
	sealed := mustSeal(t, k, "id", []byte("secret"))
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 0x10
		want := ErrDamaged
		switch {
		case i == 0:
			want = ErrFormat
		case i < headerSize:
			want = ErrWrongKey
		}
		if _, err := k.Open("id", changed); !errors.Is(err, want) {
			t.Errorf("byte %d changed: %v, want %v", i, err, want)
		}
	}
	for n := range sealed {
		if _, err := k.Open("id", sealed[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d bytes: %v, want ErrDamaged", n, err)
		}
	}
}

func TestOpenWithAnotherKeySaysWhichIsNeeded(t *testing.T) {
	k, other := newTestKeyring(t), newTestKeyring(t)
	_, err := other.Open("ca", mustSeal(t, k, "ca", []byte("s")))
	if !errors.Is(err, ErrWrongKey) {
		t.Fatalf("got %v, want ErrWrongKey", err)
	}
	for _, part := range []string{k.Fingerprint(), other.Fingerprint(), other.path, "--key-file", `"ca"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %q", err, part)
		}
	}
}

func TestSealRefusesEmptyID(t *testing.T) {
	if _, err := newTestKeyring(t).Seal("", []byte("s")); err == nil {
		t.Error("an empty id was accepted")
	}
}

// The bytes on disk must stay readable for years: this secret was sealed by the first version.
func TestOpenReadsFormatOne(t *testing.T) {
	k, err := newKeyring("key", []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/format1.hex")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.Open("fixture", sealed)
	if err != nil || string(got) != "sealed by format 1" {
		t.Errorf("got %q, %v", got, err)
	}
}
