package sigv4

import (
	"encoding/hex"
	"strconv"
	"sync"
	"testing"
)

// The example of AWS's documentation ("Derive a signing key").
func TestDeriveKnownKey(t *testing.T) {
	key := scopeKey{secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", date: "20120215", region: "us-east-1", service: "iam"}.derive()
	if got, want := hex.EncodeToString(key[:]), "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKeyCacheIsNeverStale(t *testing.T) {
	var c keyCache
	base := scopeKey{secret: "s", date: "d", region: "r", service: "v"}
	for _, k := range []scopeKey{base, {"S", "d", "r", "v"}, {"s", "D", "r", "v"}, {"s", "d", "R", "v"}, {"s", "d", "r", "V"}, {"sd", "", "r", "v"}, base} {
		for range 2 {
			if c.signingKey(k) != k.derive() {
				t.Errorf("%v: got the key of another", k)
			}
			if _, found := c.young[k]; !found {
				t.Errorf("%v: not remembered", k)
			}
		}
	}
}

func TestKeyCacheIsUsed(t *testing.T) {
	k, planted := scopeKey{"s", "d", "r", "v"}, signingKey{1}
	for name, c := range map[string]*keyCache{
		"young": {young: map[scopeKey]signingKey{k: planted}}, "old": {old: map[scopeKey]signingKey{k: planted}},
	} {
		if c.signingKey(k) != planted {
			t.Errorf("%s: derived again", name)
		}
	}
}

// However many keys pass by, the cache stays bounded, answers right, and keeps what is in use.
func TestKeyCacheIsBounded(t *testing.T) {
	var c keyCache
	used := scopeKey{secret: "used"}
	for i := range 5 * keyCacheHalf {
		c.signingKey(scopeKey{secret: strconv.Itoa(i)})
		if i%100 == 0 && c.signingKey(used) != used.derive() {
			t.Fatal("wrong key")
		}
		if n := len(c.young) + len(c.old); n > 2*keyCacheHalf {
			t.Fatalf("%d entries, want at most %d", n, 2*keyCacheHalf)
		}
	}
	if _, young := c.young[used]; !young {
		if _, old := c.old[used]; !old {
			t.Error("a key in constant use was forgotten")
		}
	}
	if _, found := c.old[scopeKey{secret: "0"}]; found {
		t.Error("the first key was never forgotten")
	}
}

func TestKeyCacheIsSafeForConcurrentUse(t *testing.T) {
	var c keyCache
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 2 * keyCacheHalf {
				k := scopeKey{secret: strconv.Itoa(i % (keyCacheHalf + 100))}
				if key := c.signingKey(k); i%512 == 0 && key != k.derive() {
					t.Errorf("%v: wrong key", k)
				}
			}
		})
	}
	wg.Wait()
}
