package seal

import (
	"bytes"
	"errors"
	"testing"
)

func mustSealToken(t *testing.T, k *Keyring, id string, plaintext []byte) []byte {
	t.Helper()
	sealed, err := k.SealToken(id, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestTokensOpenAsSealed(t *testing.T) {
	k := newTestKeyring(t)
	for _, want := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("k"), 10_000)} {
		sealed := mustSealToken(t, k, "session/A", want)
		if len(want) > 1 && bytes.Contains(sealed, want) {
			t.Error("the token shows what is in it")
		}
		got, err := k.OpenToken("session/A", sealed)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("OpenToken gives %d bytes, %v; want the %d bytes sealed", len(got), err, len(want))
		}
		if bytes.Equal(sealed, mustSealToken(t, k, "session/A", want)) {
			t.Error("two tokens with the same content are equal")
		}
	}
	if _, err := k.SealToken("", nil); err == nil {
		t.Error("a token without an id was sealed")
	}
}

// Every byte of a token counts, and so do its id and its key.
func TestTokensCannotBeChanged(t *testing.T) {
	k := newTestKeyring(t)
	sealed := mustSealToken(t, k, "session/A", []byte("who may what"))
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		want := ErrDamaged
		switch {
		case i == 0:
			want = ErrFormat
		case i < 1+fingerprintSize:
			want = ErrWrongKey
		}
		if _, err := k.OpenToken("session/A", changed); !errors.Is(err, want) {
			t.Errorf("byte %d changed: %v, want %v", i, err, want)
		}
	}
	for n := range sealed {
		if _, err := k.OpenToken("session/A", sealed[:n]); err == nil {
			t.Errorf("its first %d bytes were opened", n)
		}
	}
	for _, id := range []string{"session/B", "session/", "", "tok:session/A"} {
		if _, err := k.OpenToken(id, sealed); !errors.Is(err, ErrDamaged) {
			t.Errorf("OpenToken(%q): %v, want ErrDamaged", id, err)
		}
	}
	if _, err := newTestKeyring(t).OpenToken("session/A", sealed); !errors.Is(err, ErrWrongKey) {
		t.Errorf("with another key file: %v, want ErrWrongKey", err)
	}
}

// A token is no sealed secret and the other way round, whatever the id.
func TestTokensAndSecretsAreApart(t *testing.T) {
	k := newTestKeyring(t)
	if _, err := k.Open("id", mustSealToken(t, k, "id", bytes.Repeat([]byte("x"), 200))); err == nil {
		t.Error("a token was opened as a secret")
	}
	if _, err := k.OpenToken("id", mustSeal(t, k, "id", []byte("x"))); err == nil {
		t.Error("a secret was opened as a token")
	}
}
