package postgres

import (
	"sync"

	"iotjobs/internal/jobs"
)

// configName names a configuration for ever: a job number is never reused and a changed configuration gets a new revision. So the cache
// needs no invalidation. Only committed configurations may enter it: a number drawn by an update that failed is drawn again. So is one of an update
// that a failover has lost, because the standby had not confirmed it; therefore what is known is forgotten with the connections to a server.
type configName struct {
	job      jobs.JobNumber
	revision int64
}

// configCache holds configurations, the documents in them above all, up to a number of bytes. It has two generations: what was not asked for
// while the young one filled up is dropped with the old one.
type configCache struct {
	mu         sync.Mutex
	limit      int // bytes of one generation
	young, old map[configName]*jobs.Config
	size       int // bytes of the young generation
}

func newConfigCache(limit int) *configCache {
	return &configCache{limit: limit / 2, young: map[configName]*jobs.Config{}}
}

func (c *configCache) get(name configName) *jobs.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cfg := c.young[name]; cfg != nil {
		return cfg
	}
	cfg := c.old[name]
	if cfg != nil {
		c.add(name, cfg)
	}
	return cfg
}

func (c *configCache) put(name configName, cfg *jobs.Config) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(name, cfg)
}

func (c *configCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.young, c.old, c.size = map[configName]*jobs.Config{}, nil, 0
}

func (c *configCache) add(name configName, cfg *jobs.Config) {
	size := 200 + len(cfg.Document) + len(cfg.Description)
	for _, t := range cfg.Targets {
		size += 40 + len(t.Name)
	}
	if c.size+size > c.limit {
		c.young, c.old, c.size = map[configName]*jobs.Config{}, c.young, 0
	}
	c.young[name] = cfg
	c.size += size
}
