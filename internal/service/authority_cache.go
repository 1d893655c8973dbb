package service

import (
	"sync"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
)

// How much is kept. An Authority is up to a kilobyte, a compiled policy some.
const (
	maxAuthorities            = 1 << 15
	maxAuthoritiesCertificate = 1 << 10 // of one certificate, so that it cannot drive out all others
	maxPolicies               = 1 << 10
	maxUsers                  = 1 << 10
)

// authorityCache keeps what certificates and users may do, and the policies in force, which a whole fleet often shares. What was read before a change must
// not come in after it: who puts something names the generation from before reading, and forget begins a new one.
type authorityCache struct {
	mu            sync.RWMutex
	generation    int
	size          int
	byCertificate map[registry.CertificateID]map[registry.ThingName]Authority
	policies      map[registry.PolicyName]policy.Named
	byUser        map[registry.UserID][]policy.Named
}

func (c *authorityCache) get(id registry.CertificateID, thing registry.ThingName) (a Authority, ok bool, generation int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	a, ok = c.byCertificate[id][thing]
	return a, ok, c.generation
}

// put keeps an answer, but none about certificates that are not registered: anybody can make those.
func (c *authorityCache) put(id registry.CertificateID, thing registry.ThingName, a Authority, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation || a.Certificate == nil {
		return
	}
	if len(c.byCertificate[id]) >= maxAuthoritiesCertificate {
		c.drop(id)
	}
	for other := range c.byCertificate {
		if c.size < maxAuthorities {
			break
		}
		c.drop(other)
	}
	if c.byCertificate == nil {
		c.byCertificate = map[registry.CertificateID]map[registry.ThingName]Authority{}
	}
	if c.byCertificate[id] == nil {
		c.byCertificate[id] = map[registry.ThingName]Authority{}
	}
	if _, known := c.byCertificate[id][thing]; !known {
		c.size++
	}
	c.byCertificate[id][thing] = a
}

func (c *authorityCache) forget(change IdentityChange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	if change.Everybody {
		c.byCertificate, c.size, c.policies, c.byUser = nil, 0, nil, nil
		return
	}
	for _, id := range change.Certificates {
		c.drop(id)
	}
	for _, id := range change.Users {
		delete(c.byUser, id)
	}
}

func (c *authorityCache) drop(id registry.CertificateID) {
	c.size -= len(c.byCertificate[id])
	delete(c.byCertificate, id)
}

// policy is a policy in force.
func (c *authorityCache) policy(name registry.PolicyName) (p policy.Named, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	p, ok = c.policies[name]
	return p, ok
}

func (c *authorityCache) putPolicy(p policy.Named, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.policies == nil || len(c.policies) >= maxPolicies {
		c.policies = map[registry.PolicyName]policy.Named{}
	}
	c.policies[registry.PolicyName(p.Name)] = p
}

// current is the generation to read under.
func (c *authorityCache) current() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.generation
}

// user is what a user's policies say.
func (c *authorityCache) user(id registry.UserID) (policies []policy.Named, ok bool, generation int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	policies, ok = c.byUser[id]
	return policies, ok, c.generation
}

func (c *authorityCache) putUser(id registry.UserID, policies []policy.Named, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.byUser == nil || len(c.byUser) >= maxUsers {
		c.byUser = map[registry.UserID][]policy.Named{}
	}
	c.byUser[id] = policies
}
