package service

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// AccessKey signs requests. The secret is stored sealed and shown only once, when the key is created.
type AccessKey struct {
	ID          string    `json:"accessKeyId"`
	Description string    `json:"description,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
}

type accessKeyRow struct {
	AccessKey

	SealedSecret []byte `json:"sealedSecret"`
}

// CreateAccessKey makes a key and returns its secret, which cannot be read again.
func (s *Service) CreateAccessKey(ctx context.Context, description string) (key AccessKey, secret string, err error) {
	if strings.ContainsFunc(description, unicode.IsControl) {
		return AccessKey{}, "", jobs.Errorf(jobs.InvalidRequest, "The description of an access key has no control characters.")
	}
	key = AccessKey{ID: newAccessKeyID(), Description: description, CreatedAt: s.Now()}
	secret = newSecret()
	sealed, err := s.Sealer.Seal(sealID(key.ID), []byte(secret))
	if err != nil {
		return AccessKey{}, "", fmt.Errorf("seal the secret of access key %s: %w", key.ID, err)
	}
	value, err := json.Marshal(accessKeyRow{key, sealed})
	if err != nil {
		return AccessKey{}, "", fmt.Errorf("encode access key %s: %w", key.ID, err)
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		return tx.PutRecord(store.AccessKeyRecord, key.ID, value)
	})
	return key, secret, err
}

// ListAccessKeys lists all keys by id, without their secrets.
func (s *Service) ListAccessKeys(ctx context.Context) (keys []AccessKey, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		keys = nil
		for after := ""; ; {
			page, err := tx.Records(store.AccessKeyRecord, after, MaxPageSize)
			if err != nil {
				return err
			}
			for _, record := range page {
				var row accessKeyRow
				if err := json.Unmarshal(record.Value, &row); err != nil {
					return fmt.Errorf("decode access key %s: %w", record.ID, err)
				}
				keys, after = append(keys, row.AccessKey), record.ID
			}
			if len(page) < MaxPageSize {
				return nil
			}
		}
	})
	return keys, err
}

// RevokeAccessKey ends a key: from the answer on, requests signed with it are refused.
func (s *Service) RevokeAccessKey(ctx context.Context, id string) error {
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		value, err := tx.Record(store.AccessKeyRecord, id)
		if err != nil {
			return err
		}
		if value == nil {
			return jobs.Errorf(jobs.ResourceNotFound, "Access key %s cannot be found.", id)
		}
		return tx.DeleteRecord(store.AccessKeyRecord, id)
	})
	s.secrets.forget(id)
	return err
}

// AccessKey is a key that may sign now; nil without an error for an unknown or revoked one. Unsealed secrets are kept in memory, so that a
// device call costs no decryption; revoking drops them.
func (s *Service) AccessKey(ctx context.Context, id string) (key *registry.Credential, err error) {
	key, generation := s.secrets.get(id)
	if key != nil {
		return key, nil
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		value, err := tx.Record(store.AccessKeyRecord, id)
		if err != nil || value == nil {
			return err
		}
		var row accessKeyRow
		if err := json.Unmarshal(value, &row); err != nil {
			return fmt.Errorf("decode access key %s: %w", id, err)
		}
		opened, err := s.Sealer.Open(sealID(id), row.SealedSecret)
		if err != nil {
			return fmt.Errorf("open the secret of access key %s: %w", id, err)
		}
		key = &registry.Credential{Secret: string(opened)}
		s.secrets.put(id, key, generation)
		return nil
	})
	return key, err
}

// sealID binds a sealed secret to its key.
func sealID(id string) string { return "access-key/" + id }

// newAccessKeyID looks like AWS's, which some tools check: AKIA and 16 of [A-Z2-7].
func newAccessKeyID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return "AKIA" + base32.StdEncoding.EncodeToString(b[:])
}

// newSecret is 240 random bits in 40 characters, as long as AWS's.
func newSecret() string {
	var b [30]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(b[:])
}
