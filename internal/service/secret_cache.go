package service

import "sync"

// secretCache keeps unsealed secrets in memory, so that a device call costs no decryption. A secret that was read before its key was
// revoked must not come back after it: put names the generation that get saw, and forget begins a new one.
type secretCache struct {
	mu         sync.RWMutex
	generation int
	secrets    map[string]string // by access key id
}

func (c *secretCache) get(id string) (secret string, ok bool, generation int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	secret, ok = c.secrets[id]
	return secret, ok, c.generation
}

func (c *secretCache) put(id, secret string, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.secrets == nil {
		c.secrets = map[string]string{}
	}
	c.secrets[id] = secret
}

func (c *secretCache) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	delete(c.secrets, id)
}
