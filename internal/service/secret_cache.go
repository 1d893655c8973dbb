package service

import (
	"sync"

	"iotjobs/internal/registry"
)

// secretCache keeps unsealed secrets in memory, so that a device call costs no decryption. A secret that was read before its key was
// revoked must not come back after it: put names the generation that get saw, and forget begins a new one.
type secretCache struct {
	mu         sync.RWMutex
	generation int
	keys       map[string]*registry.Credential // by access key id
}

func (c *secretCache) get(id string) (key *registry.Credential, generation int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.keys[id], c.generation
}

func (c *secretCache) put(id string, key *registry.Credential, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.keys == nil {
		c.keys = map[string]*registry.Credential{}
	}
	c.keys[id] = key
}

func (c *secretCache) forget(change IdentityChange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	if change.Everybody {
		c.keys = nil
	}
	for _, id := range change.AccessKeys {
		delete(c.keys, id)
	}
}
