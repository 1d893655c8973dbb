package service

import (
	"context"
	"errors"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// IdentityChange tells whom a change of certificates, policies, attachments, group members, users or access keys concerns.
type IdentityChange struct {
	// Everybody: any certificate, user or key may be concerned; else only those named here.
	Everybody    bool
	Certificates []registry.CertificateID
	Users        []registry.UserID
	AccessKeys   []string
	// Ended are those that authenticate nobody any more: they are not ACTIVE, or gone. They are in Certificates too.
	Ended []registry.CertificateID
}

func (c *IdentityChange) certificate(id registry.CertificateID) {
	c.Certificates = append(c.Certificates, id)
}

// ended names a certificate that authenticates nobody any more.
func (c *IdentityChange) ended(id registry.CertificateID) {
	c.certificate(id)
	c.Ended = append(c.Ended, id)
}

// thing names the certificates that are attached to a thing.
func (c *IdentityChange) thing(tx store.ReadTx, name registry.ThingName) error {
	principals, err := principalsOfThing(tx, name)
	c.Certificates = append(c.Certificates, principals...)
	return err
}

func (c *IdentityChange) empty() bool {
	return !c.Everybody && len(c.Certificates)+len(c.Users)+len(c.AccessKeys) == 0
}

// AuthEpoch counts the changes of identity since the start. Who keeps something that follows from an Authority, and finds another epoch than
// before it asked, asks again.
func (s *Service) AuthEpoch() uint64 { return s.epoch.Load() }

// updateIdentity is update for what certificates, users and keys may do: fn says whom it concerns, and from the answer on nobody is judged by what was before.
func (s *Service) updateIdentity(ctx context.Context, fn func(store.Tx, *IdentityChange) error) error {
	var change IdentityChange
	var raised raisedEpoch
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		change = IdentityChange{} // fn may run again
		if err := fn(tx, &change); err != nil || change.empty() {
			return err
		}
		var err error
		raised, err = raiseIdentityEpoch(tx)
		return err
	})
	if err == nil || errors.Is(err, store.ErrUnknown) {
		s.identityChanged(change)
	}
	if err == nil && !change.empty() {
		s.seenIdentity.own(raised)
	}
	if err != nil {
		return err
	}
	return s.settle(ctx)
}

// identityChanged runs after the commit and before the answer.
func (s *Service) identityChanged(change IdentityChange) {
	if change.empty() {
		return
	}
	s.authorities.forget(change)
	s.secrets.forget(change)
	if change.Everybody {
		s.roles.forget()
	}
	s.epoch.Add(1)
	if s.OnIdentityChange != nil {
		s.OnIdentityChange(change)
	}
}
