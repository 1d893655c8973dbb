package service

import (
	"sync"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
)

// maxRoles is how many roles are kept compiled. Names come from tokens, which only we make, so there are about as many as were ever in use.
const maxRoles = 1 << 10

type compiledRole struct {
	id       registry.RoleID
	policies []policy.Named
}

// roleCache keeps compiled roles. What was read before a change must not come in after it: put names the generation that get saw, and forget begins a
// new one.
type roleCache struct {
	mu         sync.RWMutex
	generation int
	roles      map[registry.RoleName]compiledRole
}

func (c *roleCache) get(name registry.RoleName) (role compiledRole, ok bool, generation int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	role, ok = c.roles[name]
	return role, ok, c.generation
}

func (c *roleCache) put(name registry.RoleName, role compiledRole, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.roles == nil || len(c.roles) >= maxRoles {
		c.roles = map[registry.RoleName]compiledRole{}
	}
	c.roles[name] = role
}

func (c *roleCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.roles = nil
}
