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

// PutSetting writes a single value.
func (s *Service) PutSetting(ctx context.Context, name string, value []byte) error {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		return tx.PutRecord(store.SettingRecord, name, value)
	})
}
