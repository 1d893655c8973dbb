package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// trouble lets the database refuse changes of things with an error of this code: the first n of them, and always those of one thing.
func (h *house) trouble(code string, n int, thing registry.ThingName) {
	h.t.Helper()
	for _, sql := range []string{
		`CREATE SEQUENCE tries`, // which no rollback takes back
		`CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.name = TG_ARGV[2] OR nextval('tries') <= TG_ARGV[1]::bigint THEN RAISE EXCEPTION 'trouble' USING ERRCODE = TG_ARGV[0]; END IF;
			RETURN NEW;
		END $$`,
		fmt.Sprintf(`CREATE TRIGGER trouble BEFORE UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION trouble('%s', '%d', '%s')`, code, n, thing),
	} {
		_, err := h.aside.Exec(h.t.Context(), sql)
		mustDo(h.t, err)
	}
}

// TestConflictsRunAgain: a transaction that the database gives up for the sake of another one runs again from its beginning, and only its last run counts.
func TestConflictsRunAgain(t *testing.T) {
	const times = 3
	for _, code := range []string{"40001", "40P01"} {
		for what, run := range map[string]func(h *house, ran func()) error{
			"device call": func(h *house, ran func()) error {
				return h.UpdateThing(h.t.Context(), "a", benchAddress, func(v store.ThingView) (store.ThingChange, error) {
					ran()
					return works("job")(v)
				})
			},
			"update": func(h *house, ran func()) error {
				return h.Update(h.t.Context(), func(tx store.Tx) error {
					ran()
					v, err := tx.Thing("a", benchAddress...)
					if err != nil {
						return err
					}
					change, err := works("job")(v)
					if err != nil {
						return err
					}
					return tx.ChangeThing(v.Thing.Key(), change)
				})
			},
		} {
			t.Run(code+" "+what, func(t *testing.T) {
				h := newHouse(t, "a")
				h.trouble(code, times, "")
				runs := 0
				mustDo(t, run(h, func() { runs++ }))
				if runs != times+1 {
					t.Errorf("it ran %d times, want %d", runs, times+1)
				}
				if got := version(t, h, "a"); got != 2 {
					t.Errorf("the execution is at version %d, want 2", got)
				}
			})
		}
	}
}

// TestConflictsWithoutEnd: a transaction that meets nothing but conflicts is given up, and has changed nothing.
func TestConflictsWithoutEnd(t *testing.T) {
	h := newHouse(t, "a", "b")
	h.trouble("40001", 0, "a")
	runs := 0
	a := call("a", "job", nil, func(v store.ThingView) (store.ThingChange, error) {
		runs++
		return works("job")(v)
	})
	b := call("b", "job", nil, works("job"))
	h.Together(a, b)
	if a.Err == nil || b.Err == nil || runs != 10 {
		t.Errorf("after %d runs the answers are %v and %v", runs, a.Err, b.Err)
	}
	for _, name := range []registry.ThingName{"a", "b"} {
		if got := version(t, h, name); got != 1 {
			t.Errorf("the execution of %s is at version %d, want 1", name, got)
		}
	}
}

// TestNeighboursOfARefusedCall: what the database does not take from one call fails that one only, and the second call of a thing runs on the result of
// the first one all the same.
func TestNeighboursOfARefusedCall(t *testing.T) {
	h := newHouse(t, "a", "bad", "c")
	h.trouble("22003", 0, "bad")
	a, again := call("a", "job", nil, works("job")), call("a", "job", nil, works("job"))
	bad, c := call("bad", "job", nil, works("job")), call("c", "job", nil, works("job"))
	h.Together(a, bad, again, c)
	mustDo(t, a.Err)
	mustDo(t, again.Err)
	mustDo(t, c.Err)
	if bad.Err == nil {
		t.Error("what the database refused is answered")
	}
	for name, want := range map[registry.ThingName]jobs.VersionNumber{"a": 3, "bad": 1, "c": 2} {
		if got := version(t, h, name); got != want {
			t.Errorf("the execution of %s is at version %d, want %d", name, got, want)
		}
	}
}

// TestCircle lets an update and a group hold what the other one wants: one of them runs again, and both are done.
func TestCircle(t *testing.T) {
	h := newHouse(t, "a", "b")
	takes := func(name registry.ThingName) (letGo func()) {
		tx, err := h.aside.Begin(t.Context())
		mustDo(t, err)
		_, err = tx.Exec(t.Context(), `SELECT FROM thing WHERE name = $1 FOR UPDATE`, string(name))
		mustDo(t, err)
		return func() { mustDo(t, tx.Rollback(context.Background())) }
	}
	letGo := takes("a")
	a, b := call("a", "job", nil, works("job")), call("b", "job", nil, works("job"))
	work := func(tx store.Tx, name registry.ThingName) error {
		v, err := tx.Thing(name, benchAddress...)
		if err != nil {
			return err
		}
		change, err := works("job")(v)
		if err != nil {
			return err
		}
		return tx.ChangeThing(v.Thing.Key(), change)
	}
	inside, further := make(chan struct{}, 10), make(chan struct{})
	updated := start(func() {
		mustDo(t, h.Update(context.Background(), func(tx store.Tx) error {
			if err := work(tx, "b"); err != nil {
				return err
			}
			inside <- struct{}{}
			<-further
			return work(tx, "a")
		}))
	})
	<-inside
	// Both things are locked now, so that one group waits for both, in the order of their names.
	ended := start(func() { h.Together(a, b) })
	h.awaits(forLock, ended)
	letGo() // the group has a, and waits for b
	close(further)
	<-updated
	<-ended
	mustDo(t, a.Err)
	mustDo(t, b.Err)
	for _, name := range []registry.ThingName{"a", "b"} {
		if got := version(t, h, name); got != 3 {
			t.Errorf("the execution of %s is at version %d, want 3", name, got)
		}
	}
}
