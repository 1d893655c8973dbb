package service

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// userRow is a stored user.
type userRow struct {
	Name      registry.UserName
	ID        registry.UserID
	CreatedAt time.Time
}

// CreateUser makes a user, who has no key and may do nothing yet.
func (s *Service) CreateUser(ctx context.Context, name registry.UserName) (*registry.User, error) {
	const maxUserName = 64
	if !isIAMName(string(name), maxUserName) {
		return nil, jobs.Errorf(jobs.InvalidRequest, "The name of a user is 1 to %d letters, digits and characters of _+=,.@-, and not only dots.", maxUserName)
	}
	created := &registry.User{Name: name, ID: newUserID(), CreatedAt: s.Now()}
	err := s.update(ctx, func(tx store.Tx) error {
		found, err := readRecord[userRow](tx, store.UserRecord, userKey(name))
		if err != nil {
			return err
		}
		if found != nil {
			return &jobs.Error{
				Code: jobs.ResourceAlreadyExists, Resource: string(found.Name),
				Message: fmt.Sprintf("User %s exists already; names of users differ by more than case.", found.Name),
			}
		}
		return putRecord(tx, store.UserRecord, userKey(name), new(userRow(*created)))
	})
	return created, err
}

// ListUsers lists all users by name.
func (s *Service) ListUsers(ctx context.Context) (users []*registry.User, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		users = nil
		for after := ""; ; {
			page, err := tx.Records(store.UserRecord, after, MaxPageSize)
			if err != nil {
				return err
			}
			for _, record := range page {
				row, err := readRecord[userRow](tx, store.UserRecord, record.ID)
				if err != nil {
					return err
				}
				users, after = append(users, new(registry.User(*row))), record.ID
			}
			if len(page) < MaxPageSize {
				return nil
			}
		}
	})
	return users, err
}

// UserDescription is a user with all that is his.
type UserDescription struct {
	User     *registry.User
	Policies []registry.UserPolicy
	Keys     []AccessKey
}

// DescribeUser shows a user.
func (s *Service) DescribeUser(ctx context.Context, name registry.UserName) (out UserDescription, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		user, err := existingUser(tx, name)
		if err != nil {
			return err
		}
		policies, err := policiesOfUser(tx, user.ID)
		if err != nil {
			return err
		}
		keys, err := keysOfUser(tx, user.ID)
		out = UserDescription{User: user, Policies: policies, Keys: keys}
		return err
	})
	return out, err
}

// DeleteUser deletes a user, and his policies with him. He must have no access key any more, so that nobody is locked out by a typing error.
func (s *Service) DeleteUser(ctx context.Context, name registry.UserName) error {
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		user, err := existingUser(tx, name)
		if err != nil {
			return err
		}
		keys, err := keysOfUser(tx, user.ID)
		if err != nil {
			return err
		}
		if len(keys) > 0 {
			return jobs.Errorf(jobs.DeleteConflict, "User %s has the access key %s; revoke the user's keys first.", name, keys[0].ID)
		}
		policies, err := policiesOfUser(tx, user.ID)
		if err != nil {
			return err
		}
		change.Users = append(change.Users, user.ID)
		for _, p := range policies {
			err = errors.Join(err, tx.DeleteRecord(store.UserPolicyRecord, userPolicyID(user.ID, p.Name)))
		}
		return errors.Join(err, tx.DeleteRecord(store.UserRecord, userKey(name)))
	})
}

// existingUser finds a user by his name as it is written.
func existingUser(tx store.ReadTx, name registry.UserName) (*registry.User, error) {
	row, err := readRecord[userRow](tx, store.UserRecord, userKey(name))
	if err != nil {
		return nil, err
	}
	if row == nil || row.Name != name {
		return nil, jobs.Errorf(jobs.ResourceNotFound, "User %s cannot be found.", name)
	}
	return new(registry.User(*row)), nil
}

// userKey: two names that differ by case only would be taken for each other by people.
func userKey(name registry.UserName) string { return strings.ToLower(string(name)) }

// newUserID looks like AWS's: AIDA and 16 of [A-Z2-7].
func newUserID() registry.UserID {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return registry.UserID("AIDA" + base32.StdEncoding.EncodeToString(b[:]))
}
