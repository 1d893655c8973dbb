// Package storetest is the promise of package store as tests. Run is the suite that every engine passes, Compare plays random
// operations on an engine and on the reference store and compares every answer, Check looks whether what a store holds agrees with
// itself. It knows no engine but the reference store.
package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/store"
)

// Engine is how the suite gets at the stores of one engine.
type Engine struct {
	// Open opens the store that lives in dir; a new dir holds an empty store. The suite closes it. An engine that keeps nothing ignores dir.
	Open func(tb testing.TB, dir string) store.Store
	// Reopens tells that a store that was closed shows all it held when it is opened again.
	Reopens bool
	// Moves tells that the stores are store.Portable.
	Moves bool
	// Crash ends the store in dir without closing it, drops whatever the disk was not forced to keep, and opens it again. Calls on
	// the old store may be running; Crash ends that store too, so that they come back, with whatever answer. Nil when the engine cannot
	// be crashed.
	Crash func(tb testing.TB, s store.Store, dir string) store.Store
	// OpenStalling opens a store whose disk can be held up: from stall until release no sync comes back, so that no change is durable.
	// Nil when the engine has no such disk.
	OpenStalling func(tb testing.TB, dir string) (s store.Store, stall func() (release func()))
	// OpenShared opens the store in dir for one more node, beside those that have it open; the suite closes it. Nil when the engine serves
	// one process.
	OpenShared func(tb testing.TB, dir string) store.Shared
	// Patience ends an experiment on a store that hangs; a minute for zero.
	Patience time.Duration
}

// Run checks every promise, each on a new empty store.
func Run(t *testing.T, e Engine) {
	t.Helper()
	for _, p := range promises() {
		t.Run(p.name, func(t *testing.T) {
			if reason := p.unable(e); reason != "" {
				t.Skip(reason)
			}
			if err := p.try(t, e); err != nil {
				t.Error(err)
			}
		})
	}
}

// Broken runs the suite as Run does and returns what was found instead of failing tb: the way to show that the suite catches a
// store that is wrong on purpose. With names it runs only those promises.
func Broken(tb testing.TB, e Engine, names ...string) map[string]error {
	tb.Helper()
	broken := map[string]error{}
	for _, p := range promises() {
		if !p.named(names) || p.unable(e) != "" {
			continue
		}
		if err := p.try(tb, e); err != nil {
			broken[p.name] = err
		}
	}
	return broken
}

// promise is one sentence of the contract and the experiment that shows it.
type promise struct {
	name string
	// needs is what the engine must offer beside Open; zero for nothing.
	needs need
	run   func(*probe)
}

type need int

const (
	needReopen need = iota + 1
	needCrash
	needStall
	needShared
	needMoves
)

// promises is the table of contents of the suite.
func promises() []promise {
	var all []promise
	for _, part := range [][]promise{
		atomicPromises(), concurrentPromises(), cancelPromises(), snapshotPromises(),
		thingPromises(), groupPromises(), memberPromises(), purgePromises(), jobPromises(), jobListPromises(), executionPromises(),
		listPromises(), duePromises(), recordPromises(), eventPromises(), refusalPromises(), lifePromises(), durablePromises(),
		sharedPromises(), portablePromises(),
	} {
		all = append(all, part...)
	}
	return all
}

func (p promise) named(names []string) bool {
	return len(names) == 0 || slices.Contains(names, p.name)
}

// unable is why the engine cannot run the promise; empty when it can.
func (p promise) unable(e Engine) string {
	switch {
	case p.needs == needReopen && !e.Reopens:
		return "the engine keeps nothing when it is closed"
	case p.needs == needCrash && e.Crash == nil:
		return "the engine cannot be crashed from here"
	case p.needs == needStall && e.OpenStalling == nil:
		return "the engine has no disk that can be held up"
	case p.needs == needShared && e.OpenShared == nil:
		return "the engine serves one process"
	case p.needs == needMoves && !e.Moves:
		return "the stores of the engine cannot be moved"
	}
	return ""
}

const patience = time.Minute

// try runs the experiment, and checks the whole store afterwards if the experiment left it open.
func (p promise) try(tb testing.TB, e Engine) (broken error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), cmp.Or(e.Patience, patience))
	defer cancel()
	b := &probe{tb: tb, ctx: ctx, engine: e, dir: tb.TempDir()}
	defer func() {
		b.close()
		b.closeOthers()
		for _, other := range b.beside {
			other.close()
		}
		switch r := recover().(type) {
		case nil:
		case failure:
			broken = fmt.Errorf("%s: %w", p.name, r.err)
		default:
			panic(r)
		}
	}()
	if p.needs != needStall {
		b.open()
	}
	p.run(b)
	if b.s != nil {
		b.ok(Check(ctx, b.s), "check afterwards")
	}
	return nil
}
