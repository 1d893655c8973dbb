package service

import (
	"context"
	"fmt"
	"time"

	"iotjobs/internal/store"
)

// timeSetting is the latest time that any node has told, or nearly so.
const timeSetting = "time"

// StoredTime is the latest time that was stored; zero before the first.
func (s *Service) StoredTime(ctx context.Context) (t time.Time, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		t, err = storedTime(tx)
		return err
	})
	return t, err
}

// StoreTime makes a time durable, unless a later one is, and returns the later of both. For a virtual clock it is the time itself, for the real one
// its high-water mark, from which the clocks of later runs and of other nodes go on.
func (s *Service) StoreTime(ctx context.Context, t time.Time) (latest time.Time, err error) {
	raw, err := t.MarshalText()
	if err != nil {
		return t, err
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		if latest, err = storedTime(tx); err != nil || latest.After(t) {
			return err
		}
		latest = t
		return tx.PutRecord(store.SettingRecord, timeSetting, raw)
	})
	return latest, err
}

func storedTime(tx store.ReadTx) (t time.Time, err error) {
	raw, err := tx.Record(store.SettingRecord, timeSetting)
	if err != nil || raw == nil {
		return t, err
	}
	if err := t.UnmarshalText(raw); err != nil {
		return t, fmt.Errorf("decode the stored time: %w", err)
	}
	return t, nil
}
