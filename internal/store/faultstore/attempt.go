package faultstore

import (
	"fmt"

	"iotjobs/internal/store"
)

// attempt is one call on its way. The inner store may run the caller's function again, so the outcome is drawn once.
type attempt struct {
	s       *Store
	rerun   bool
	drawn   bool
	outcome Outcome
}

func (s *Store) attempt() *attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &attempt{s: s, rerun: s.rerun}
}

// decided is called when the function has decided on a change: it waits for the hook and draws the outcome. Its error makes the inner
// store undo the change.
func (a *attempt) decided() error {
	if hook := a.s.hook(); hook != nil {
		hook()
	}
	if !a.drawn {
		a.drawn, a.outcome = true, a.s.draw()
	}
	switch a.outcome {
	case AndNotPersist:
		return fmt.Errorf("%w: nothing changed", ErrInjected)
	case UnknownAndNotPersist:
		return fmt.Errorf("%w: %w", ErrInjected, store.ErrUnknown)
	case Commit, ButPersist, outcomes:
	}
	return nil
}

// answer is what the caller is told after the inner store has ended.
func (a *attempt) answer(err error) error {
	if err == nil && a.drawn && a.outcome == ButPersist {
		return fmt.Errorf("%w: %w", ErrInjected, store.ErrUnknown)
	}
	return err
}

func (s *Store) hook() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.block
}

// draw takes the next outcome.
func (s *Store) draw() (o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.next) > 0:
		o, s.next = s.next[0], s.next[1:]
	case s.rand != nil && s.rand.Float64() < s.odds:
		o = 1 + Outcome(s.rand.IntN(int(outcomes)-1))
	}
	s.met[o]++
	return o
}
