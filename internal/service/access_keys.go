package service

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"errors"
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
	ID          string `json:"accessKeyId"`
	Description string `json:"description,omitempty"`
	// User is whose key it is; empty for one of the account itself, which may do everything.
	User registry.UserName `json:"userName,omitempty"`
	// Inactive: requests that are signed with it are refused until it is activated again.
	Inactive  bool      `json:"inactive,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	// LastUse is nil for a key that nobody has used.
	LastUse *registry.KeyUse `json:"lastUse,omitempty"`
}

// accessKeyRow is a stored key. Rows from before there were users have no UserID, and are the account's.
type accessKeyRow struct {
	AccessKey

	UserID       registry.UserID `json:"userId,omitempty"`
	SealedSecret []byte          `json:"sealedSecret"`
}

// CreateAccessKeyInput is a new access key.
type CreateAccessKeyInput struct {
	Description string
	// User is whose key it will be; empty for the account's own.
	User registry.UserName
}

// CreateAccessKey makes a key and returns its secret, which cannot be read again.
func (s *Service) CreateAccessKey(ctx context.Context, in CreateAccessKeyInput) (key AccessKey, secret string, err error) {
	if strings.ContainsFunc(in.Description, unicode.IsControl) {
		return AccessKey{}, "", jobs.Errorf(jobs.InvalidRequest, "The description of an access key has no control characters.")
	}
	key = AccessKey{ID: newAccessKeyID(), Description: in.Description, User: in.User, CreatedAt: s.Now()}
	secret = newSecret()
	sealed, err := s.Sealer.Seal(sealID(key.ID), []byte(secret))
	if err != nil {
		return AccessKey{}, "", fmt.Errorf("seal the secret of access key %s: %w", key.ID, err)
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		row := &accessKeyRow{AccessKey: key, SealedSecret: sealed}
		if in.User != "" {
			if row.UserID, err = roomForKey(tx, in.User); err != nil {
				return err
			}
			if err := tx.PutRecord(store.UserKeyRecord, userKeyID(row.UserID, key.ID), []byte{1}); err != nil {
				return err
			}
		}
		return putRecord(tx, store.AccessKeyRecord, key.ID, row)
	})
	if err != nil {
		return AccessKey{}, "", err
	}
	return key, secret, nil
}

// roomForKey is the id of a user who may have one more key.
func roomForKey(tx store.ReadTx, name registry.UserName) (registry.UserID, error) {
	user, err := existingUser(tx, name)
	if err != nil {
		return "", err
	}
	keys, err := keysOfUser(tx, user.ID)
	if err != nil {
		return "", err
	}
	if len(keys) >= registry.MaxKeysOfUser {
		return "", jobs.Errorf(jobs.LimitExceeded, "User %s has %d access keys already, the most that a user may have; revoke one first.", name, len(keys))
	}
	return user.ID, nil
}

// ListAccessKeys lists all keys by id, without their secrets.
func (s *Service) ListAccessKeys(ctx context.Context) (keys []AccessKey, err error) {
	if err := s.FlushKeyUses(ctx); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		keys = nil
		for after := ""; ; {
			page, err := tx.Records(store.AccessKeyRecord, after, MaxPageSize)
			if err != nil {
				return err
			}
			for _, record := range page {
				key, err := describeKey(tx, record.ID)
				if err != nil {
					return err
				}
				keys, after = append(keys, key), record.ID
			}
			if len(page) < MaxPageSize {
				return nil
			}
		}
	})
	return keys, err
}

// keysOfUser are his keys, by id.
func keysOfUser(tx store.ReadTx, id registry.UserID) ([]AccessKey, error) {
	prefix := userKeyID(id, "")
	records, err := allUnder(tx, store.UserKeyRecord, prefix)
	if err != nil {
		return nil, err
	}
	keys := make([]AccessKey, len(records))
	for i, record := range records {
		if keys[i], err = describeKey(tx, part(record, prefix)); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// describeKey reads a key, and when it was last used.
func describeKey(tx store.ReadTx, id string) (AccessKey, error) {
	row, err := existingKey(tx, id)
	if err != nil {
		return AccessKey{}, err
	}
	row.LastUse, err = readRecord[registry.KeyUse](tx, store.AccessKeyUseRecord, id)
	return row.AccessKey, err
}

func existingKey(tx store.ReadTx, id string) (*accessKeyRow, error) {
	row, err := readRecord[accessKeyRow](tx, store.AccessKeyRecord, id)
	if err == nil && row == nil {
		err = jobs.Errorf(jobs.ResourceNotFound, "Access key %s cannot be found.", id)
	}
	return row, err
}

// UpdateAccessKey makes a key inactive or active again: from the answer on, requests signed with it are refused or not.
func (s *Service) UpdateAccessKey(ctx context.Context, id string, active bool) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		row, err := existingKey(tx, id)
		if err != nil {
			return err
		}
		row.Inactive = !active
		change.AccessKeys = append(change.AccessKeys, id)
		return putRecord(tx, store.AccessKeyRecord, id, row)
	})
}

// RevokeAccessKey ends a key: from the answer on, requests signed with it are refused.
func (s *Service) RevokeAccessKey(ctx context.Context, id string) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		row, err := existingKey(tx, id)
		if err != nil {
			return err
		}
		change.AccessKeys = append(change.AccessKeys, id)
		if row.UserID != "" {
			err = tx.DeleteRecord(store.UserKeyRecord, userKeyID(row.UserID, id))
		}
		return errors.Join(err, tx.DeleteRecord(store.AccessKeyUseRecord, id), tx.DeleteRecord(store.AccessKeyRecord, id))
	})
}

// AccessKey is a key that may sign now; nil without an error for one that is unknown, revoked or inactive. Unsealed secrets are kept in memory, so
// that a device call costs no decryption; whatever changes a key drops it.
func (s *Service) AccessKey(ctx context.Context, id string) (*registry.Credential, error) {
	if err := s.identityFresh(); err != nil {
		return nil, err
	}
	key, generation := s.secrets.get(id)
	if key != nil {
		return key, nil
	}
	return s.readAccessKey(ctx, id, generation)
}

func (s *Service) readAccessKey(ctx context.Context, id string, generation int) (key *registry.Credential, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		row, err := readRecord[accessKeyRow](tx, store.AccessKeyRecord, id)
		if err != nil || row == nil || row.Inactive {
			return err
		}
		found := &registry.Credential{}
		if row.UserID != "" {
			if found.User, err = existingUser(tx, row.User); err != nil {
				return err
			}
			if found.User.ID != row.UserID {
				return fmt.Errorf("access key %s is of user %s, who is another one now", id, row.UserID)
			}
		}
		opened, err := s.Sealer.Open(sealID(id), row.SealedSecret)
		if err != nil {
			return fmt.Errorf("open the secret of access key %s: %w", id, err)
		}
		found.Secret = string(opened)
		key = found
		s.secrets.put(id, key, generation)
		return nil
	})
	return key, err
}

// OwnerOfKey is whose key it is, active or not; nil for one of the account itself.
func (s *Service) OwnerOfKey(ctx context.Context, id string) (user *registry.User, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		row, err := existingKey(tx, id)
		if err != nil || row.UserID == "" {
			return err
		}
		user, err = existingUser(tx, row.User)
		return err
	})
	return user, err
}

func userKeyID(id registry.UserID, key string) string { return string(id) + "/" + key }

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
