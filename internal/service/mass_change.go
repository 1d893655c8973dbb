package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// massChange is a change of many things that is under way: one record with a cursor, never one transaction (design: targeting).
type massChange struct {
	Kind  massChangeKind       `json:"kind,omitempty"`
	Group registry.GroupNumber `json:"group"`
	After registry.ThingKey    `json:"after"`
}

// massChangeKind is what happens to the things.
type massChangeKind string

const (
	leaving massChangeKind = ""      // the group was deleted: its things leave it
	placing massChangeKind = "place" // the group's query is new: all things join or leave
)

// id has the group alone, so that a later change of a group takes the place of the one under way: each begins with the first thing.
func (c massChange) id() string { return fmt.Sprintf("%020d", c.Group) }

func (c massChange) put(tx store.Tx) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return tx.PutRecord(store.MassChangeRecord, c.id(), raw)
}

// startMassChange records a change and takes its first steps, so that a small one is done at once.
func (s *Service) startMassChange(tx store.Tx, c massChange, now time.Time) error {
	if err := c.put(tx); err != nil {
		return err
	}
	_, err := s.changeStep(tx, c, now, firstStep)
	return err
}

// massChangesPerRound is how many changes take a step in turn.
const massChangesPerRound = 100

// runMassChanges takes one step of every change that is under way, and tells whether there is more to do now.
func (s *Service) runMassChanges(ctx context.Context) (more bool, err error) {
	var records []store.Record
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		records, err = tx.Records(store.MassChangeRecord, "", massChangesPerRound)
		return err
	})
	if err != nil {
		return false, err
	}
	var failed []error
	for _, record := range records {
		_, err := s.owning(ctx, massChangeLease(record.ID), func(lease store.Lease) error {
			return s.paceStep(ctx, func() error {
				again, err := s.stepMassChange(ctx, record.ID, lease)
				more = more || again
				return err
			})
		})
		failed = append(failed, err)
	}
	return more, errors.Join(failed...)
}

func (s *Service) stepMassChange(ctx context.Context, id string, lease store.Lease) (more bool, err error) {
	now := s.Now()
	err = s.updateOwned(ctx, lease, func(tx store.Tx) error {
		raw, err := tx.Record(store.MassChangeRecord, id)
		if err != nil || raw == nil {
			return err
		}
		var c massChange
		if err := json.Unmarshal(raw, &c); err != nil {
			return fmt.Errorf("decode mass change %s: %w", id, err)
		}
		more, err = s.changeStep(tx, c, now, stepChunk)
		return err
	})
	return more, err
}

// changeStep looks at the next things of a change, at most limit.
func (s *Service) changeStep(tx store.Tx, c massChange, now time.Time, limit int) (more bool, err error) {
	if c.Kind == placing {
		return s.placeStep(tx, c, now, limit)
	}
	return s.leaveStep(tx, c, now, limit)
}

// leaveStep lets at most limit things leave the deleted group. The group itself goes with the last one; one that still holds things through a
// child, which is being deleted too, is looked at again later.
func (s *Service) leaveStep(tx store.Tx, c massChange, now time.Time, limit int) (more bool, err error) {
	group, err := tx.GroupByNumber(c.Group)
	if err != nil {
		return false, err
	}
	members, err := tx.Members(c.Group, 0, c.After, limit)
	if err != nil {
		return false, err
	}
	for _, member := range members {
		if c.After = member.Thing; !member.Direct {
			continue
		}
		view, err := tx.Thing(member.Thing.Name)
		if err != nil {
			return false, err
		}
		thing := view.Thing.Clone()
		thing.Leave(group)
		if err := s.regroup(tx, view, thing, now); err != nil {
			return false, err
		}
	}
	if len(members) == limit {
		return true, c.put(tx)
	}
	c.After = registry.ThingKey{}
	left, err := tx.Members(c.Group, 0, c.After, 1)
	if err != nil {
		return false, err
	}
	if len(left) > 0 {
		return false, c.put(tx)
	}
	return false, errors.Join(tx.DeleteGroup(c.Group), tx.DeleteRecord(store.MassChangeRecord, c.id()))
}
