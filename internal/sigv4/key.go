package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
)

// scopeKey is everything that a signing key is made of.
type scopeKey struct{ secret, date, region, service string }

func (k scopeKey) derive() signingKey {
	key := mac([]byte("AWS4"+k.secret), k.date)
	for _, step := range [...]string{k.region, k.service, terminator} {
		key = mac(key[:], step)
	}
	return key
}

// clone keeps an entry of the cache from keeping alive the request that its strings are pieces of.
func (k scopeKey) clone() scopeKey {
	return scopeKey{strings.Clone(k.secret), strings.Clone(k.date), strings.Clone(k.region), strings.Clone(k.service)}
}

type signingKey [sha256.Size]byte

func mac(key []byte, text string) (sum signingKey) {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	h.Sum(sum[:0])
	return sum
}

// signed says whether value is the signature of text, in lower-case hexadecimal. It takes the same time wherever they differ.
func (k *signingKey) signed(text []byte, value string) bool {
	h := hmac.New(sha256.New, k[:])
	h.Write(text)
	var want [2 * sha256.Size]byte
	hex.Encode(want[:], h.Sum(nil))
	return hmac.Equal(want[:], []byte(value))
}

// keyCacheHalf is half of the entries that a keyCache holds at most: about 2 MiB in all.
const keyCacheHalf = 4096

// keyCache remembers signing keys: deriving one is most of the work of a verification, and a client uses the same one all day.
//
// It remembers a pure function under all of its arguments, the secret among them, so it cannot be stale: another secret is another entry. The access
// key id would be the obvious name for an entry, but then every change of a secret would have to be told to us. Strangers cannot fill it: a key is
// derived only for an access key that exists, a region and service that are ours, and a day within the life of the signature.
//
// Two generations keep it small without a list of uses: new entries go to young; when young is full it becomes old, and the former old is forgotten.
// A hit in old moves to young, so what is used stays. The zero value is ready; safe for concurrent use.
type keyCache struct {
	mu         sync.RWMutex
	young, old map[scopeKey]signingKey
}

func (c *keyCache) signingKey(k scopeKey) signingKey {
	c.mu.RLock()
	key, found := c.young[k]
	aged := false
	if !found {
		key, aged = c.old[k]
	}
	c.mu.RUnlock()
	if found {
		return key
	}
	if !aged {
		key = k.derive() // outside the lock; two goroutines deriving the same key do no harm
	}
	k = k.clone()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= keyCacheHalf {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = make(map[scopeKey]signingKey)
	}
	c.young[k] = key
	return key
}
