package pebble

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// configName names a configuration for ever: a job number is never reused and a changed configuration gets a new revision. So the cache
// needs no invalidation. Only committed configurations may enter it: a number drawn by an update that failed is drawn again.
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

// jobStates holds the jobs of one state of the store, decoded. Device traffic never writes a job, so one jobStates is good from one
// update that writes a job to the next: such an update begins a new one (see committer.apply). The jobs in it are shared and not changed.
type jobStates struct {
	mu   sync.RWMutex
	jobs map[jobs.JobNumber]*jobs.Job
	ids  map[jobs.JobID]jobs.JobNumber
}

// jobStatesLimit is how many jobs a jobStates holds before it starts again.
const jobStatesLimit = 10_000

func newJobStates() *jobStates {
	return &jobStates{jobs: map[jobs.JobNumber]*jobs.Job{}, ids: map[jobs.JobID]jobs.JobNumber{}}
}

func (s *jobStates) byNumber(number jobs.JobNumber) *jobs.Job {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.jobs[number]
}

func (s *jobStates) byID(id jobs.JobID) *jobs.Job {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.jobs[s.ids[id]]
}

func (s *jobStates) put(job *jobs.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.jobs) >= jobStatesLimit {
		clear(s.jobs)
		clear(s.ids)
	}
	s.jobs[job.Number], s.ids[job.ID] = job, job.Number
}

func (s *jobStates) drop(job *jobs.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.jobs, job.Number)
	delete(s.ids, job.ID)
}

// jobReader finds jobs in what from shows. The jobs that it returns are shared.
type jobReader struct {
	from    getter
	states  *jobStates
	configs *configCache
	// uncommitted holds the configurations that an update has written itself; nil outside an update.
	uncommitted map[configName]*jobs.Config
	// last is what named has found last, if keep is set: an update looks at many things with the same jobs.
	last named
	keep bool
}

// named are the jobs that a view of a thing shows: of its pending executions, and of the addresses, as if nothing of them was on the thing.
type named struct {
	jobs      map[jobs.JobNumber]*jobs.Job
	addressed map[jobs.JobID]store.Addressed
	shared    bool // other views have the same maps

	pending []jobs.JobNumber
	addrs   []store.Address
}

// of tells whether these are the jobs of a queue and of addresses.
func (n *named) of(pending []jobs.JobExecution, addrs []store.Address) bool {
	return n.shared && slices.Equal(n.addrs, addrs) &&
		slices.EqualFunc(n.pending, pending, func(number jobs.JobNumber, e jobs.JobExecution) bool { return number == e.Job })
}

// named finds the jobs of a queue and of addresses.
func (r *jobReader) named(pending []jobs.JobExecution, addrs []store.Address) (named, error) {
	if r.last.of(pending, addrs) {
		return r.last, nil
	}
	n := named{jobs: make(map[jobs.JobNumber]*jobs.Job, 1), addressed: make(map[jobs.JobID]store.Addressed, len(addrs)), shared: r.keep}
	for i := range pending {
		number := pending[i].Job
		if n.jobs[number] != nil {
			continue
		}
		job, err := r.byNumber(number)
		if err != nil {
			return n, err
		}
		if job != nil {
			n.jobs[number] = job
		}
	}
	for _, a := range addrs {
		job, err := r.byID(a.Job)
		if err != nil {
			return n, err
		}
		if job != nil {
			n.jobs[job.Number], n.addressed[a.Job] = job, store.Addressed{Job: job}
		}
	}
	if r.keep {
		n.addrs = slices.Clone(addrs)
		n.pending = make([]jobs.JobNumber, len(pending))
		for i := range pending {
			n.pending[i] = pending[i].Job
		}
		r.last = n
	}
	return n, nil
}

// byNumber and byID return nil without an error if there is no such job.
func (r *jobReader) byNumber(number jobs.JobNumber) (*jobs.Job, error) {
	if job := r.states.byNumber(number); job != nil {
		return job, nil
	}
	var key [32]byte
	job, found, err := get(r.from, jobKey(key[:0], number), func(value []byte) (*jobs.Job, error) { return decodeJob(number, value) })
	if !found {
		return nil, err
	}
	if job.Config, err = r.config(configName{number, job.Revision}); err != nil {
		return nil, err
	}
	r.states.put(job)
	return job, nil
}

func (r *jobReader) byID(id jobs.JobID) (*jobs.Job, error) {
	if job := r.states.byID(id); job != nil {
		return job, nil
	}
	number, found, err := r.number(id)
	if !found {
		return nil, err
	}
	return r.byNumber(number)
}

func (r *jobReader) number(id jobs.JobID) (jobs.JobNumber, bool, error) {
	var key [96]byte
	return get(r.from, jobIDKey(key[:0], id), func(value []byte) (jobs.JobNumber, error) {
		if len(value) != 8 {
			return 0, errMalformed
		}
		return jobs.JobNumber(binary.BigEndian.Uint64(value)), nil
	})
}

var errNoConfig = errors.New("a job's configuration is missing")

func (r *jobReader) config(name configName) (*jobs.Config, error) {
	if cfg := r.uncommitted[name]; cfg != nil {
		return cfg, nil
	}
	if cfg := r.configs.get(name); cfg != nil {
		return cfg, nil
	}
	var key [32]byte
	cfg, found, err := get(r.from, configKey(key[:0], name.job, name.revision), decodeConfig)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNoConfig
	}
	r.configs.put(name, cfg)
	return cfg, nil
}
