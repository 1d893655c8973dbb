package service

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// EventConfigurations says which types of events are switched on (CTRL-2.3.5).
type EventConfigurations struct {
	// Enabled may lack types that were never switched: they are off.
	Enabled map[jobs.EventType]bool `json:"enabled"`
	// CreatedAt and LastModifiedAt are zero before the first UpdateEventConfigurations.
	CreatedAt      time.Time `json:"createdAt"`
	LastModifiedAt time.Time `json:"lastModifiedAt"`
}

// eventConfigurations is the setting's name.
const eventConfigurations = "event-configurations"

// DescribeEventConfigurations shows what is switched on.
func (s *Service) DescribeEventConfigurations(ctx context.Context) (c EventConfigurations, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		c, err = storedEventConfigurations(tx)
		return err
	})
	return c, err
}

// UpdateEventConfigurations switches types on and off; those that are not named stay as they are. What happens after the answer is told. A type
// that this version has no events of cannot be switched on (CTRL-2.3.4).
func (s *Service) UpdateEventConfigurations(ctx context.Context, enabled map[jobs.EventType]bool) error {
	now := s.Now()
	for _, eventType := range jobs.EventTypes() {
		if enabled[eventType] && !eventType.Happens() {
			return jobs.Errorf(jobs.InvalidRequest,
				"Events of type %s are not executed by this version: only JOB and JOB_EXECUTION can be enabled. Nothing was changed.", eventType)
		}
	}
	s.events.mu.Lock()
	defer s.events.mu.Unlock()
	var c EventConfigurations
	err := s.Store.Update(ctx, func(tx store.Tx) (err error) {
		if c, err = storedEventConfigurations(tx); err != nil {
			return err
		}
		c.change(enabled, now)
		_, err = raiseIdentityEpoch(tx)
		return errors.Join(err, putRecord(tx, store.SettingRecord, eventConfigurations, &c))
	})
	if err != nil { // it may have been written nevertheless (store.ErrUnknown)
		s.events.types.Store(nil)
		return err
	}
	s.events.types.Store(c.types())
	return nil
}

func (c *EventConfigurations) change(enabled map[jobs.EventType]bool, now time.Time) {
	if c.Enabled == nil {
		c.Enabled = map[jobs.EventType]bool{}
	}
	maps.Copy(c.Enabled, enabled)
	if c.CreatedAt.IsZero() {
		c.CreatedAt = now
	}
	c.LastModifiedAt = now
}

func (c *EventConfigurations) types() *eventTypes {
	return &eventTypes{jobs: c.Enabled[jobs.JobEvents], executions: c.Enabled[jobs.JobExecutionEvents]}
}

// storedEventConfigurations are zero if nothing was ever switched.
func storedEventConfigurations(tx store.ReadTx) (EventConfigurations, error) {
	c, err := readRecord[EventConfigurations](tx, store.SettingRecord, eventConfigurations)
	if c == nil || err != nil {
		return EventConfigurations{}, err
	}
	return *c, nil
}

// eventTypes are those that this version has events of and that are switched on.
type eventTypes struct{ jobs, executions bool }

// eventCache keeps the switches, so that a device's call does not read them.
type eventCache struct {
	mu    sync.Mutex                 // held while the setting is read into types or written
	types atomic.Pointer[eventTypes] // nil while not known
}

// forget lets the next call read the switches. One that is reading them now may have seen those of before.
func (c *eventCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.types.Store(nil)
}

// eventTypes tells what is to be told: nothing while nobody takes events.
func (s *Service) eventTypes(ctx context.Context) (eventTypes, error) {
	if !s.TellEvents {
		return eventTypes{}, nil
	}
	if types := s.events.types.Load(); types != nil {
		return *types, nil
	}
	s.events.mu.Lock()
	defer s.events.mu.Unlock()
	c, err := s.DescribeEventConfigurations(ctx)
	if err != nil {
		return eventTypes{}, err
	}
	types := c.types()
	s.events.types.Store(types)
	return *types, nil
}

// eventTypesIn is eventTypes within a transaction.
func (s *Service) eventTypesIn(tx store.ReadTx) (eventTypes, error) {
	if !s.TellEvents {
		return eventTypes{}, nil
	}
	if types := s.events.types.Load(); types != nil {
		return *types, nil
	}
	c, err := storedEventConfigurations(tx)
	return *c.types(), err
}
