package session

import (
	"crypto/sha256"
	"sync"

	"iotjobs/internal/registry"
)

// cacheHalf is half of the sessions that a cache keeps at most: some 10 MiB in all.
const cacheHalf = 1 << 14

type cacheKey [sha256.Size]byte

// keyOf names a token together with its access key, which sigv4 bounds. Whoever finds an entry has shown the whole token.
func keyOf(accessKeyID, token string) cacheKey {
	text := make([]byte, 0, len(accessKeyID)+1+len(token))
	text = append(text, accessKeyID...)
	text = append(text, '\n') // stands in no access key id: no other pair has the same text
	return sha256.Sum256(append(text, token...))
}

// cache keeps opened sessions, so that a call costs one hash and no decryption. What a token says never changes, so nothing here can be stale; and only
// tokens that were issued get in, so strangers cannot fill it. As in sigv4, two generations keep it small: what is used stays, and what is not is
// forgotten when the young one is full. The zero value is ready.
type cache struct {
	mu         sync.RWMutex
	young, old map[cacheKey]*registry.Credential
}

func (c *cache) get(key cacheKey) *registry.Credential {
	c.mu.RLock()
	young, old := c.young[key], c.old[key]
	c.mu.RUnlock()
	if young == nil && old != nil {
		c.put(key, old)
		return old
	}
	return young
}

func (c *cache) put(key cacheKey, opened *registry.Credential) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= cacheHalf {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = map[cacheKey]*registry.Credential{}
	}
	c.young[key] = opened
}
