package service

import (
	"context"

	"iotjobs/internal/store"
)

// Setting reads a single value that the data directory keeps for life; nil if it was never set.
func (s *Service) Setting(ctx context.Context, name string) (value []byte, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		value, err = tx.Record(store.SettingRecord, name)
		return err
	})
	return value, err
}

// DecideSettings writes values unless the named one of them is there, and returns those of the same names that are there then. Of several nodes that
// start at once, one decides for all.
func (s *Service) DecideSettings(ctx context.Context, name string, values map[string][]byte) (decided map[string][]byte, err error) {
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		there, err := tx.Record(store.SettingRecord, name)
		if err != nil {
			return err
		}
		decided = map[string][]byte{}
		for id, value := range values {
			if there == nil {
				err = tx.PutRecord(store.SettingRecord, id, value)
			} else {
				value, err = tx.Record(store.SettingRecord, id)
			}
			if err != nil {
				return err
			}
			decided[id] = value
		}
		return nil
	})
	return decided, err
}

// PutSetting writes a single value.
func (s *Service) PutSetting(ctx context.Context, name string, value []byte) error {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		return tx.PutRecord(store.SettingRecord, name, value)
	})
}
