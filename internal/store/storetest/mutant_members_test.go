package storetest_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/storetest"
)

// TestForgottenMemberIsCaught shows that no member of a row can be forgotten by an engine unseen, one that is added later included.
func TestForgottenMemberIsCaught(t *testing.T) {
	forgotten(t, "a job reads as it was written", func(tx store.Tx, forget func(jobs.Job) jobs.Job) store.Tx {
		return forgetful{Tx: tx, job: forget}
	})
	forgotten(t, "a thing reads as it was written", func(tx store.Tx, forget func(registry.Thing) registry.Thing) store.Tx {
		return forgetful{Tx: tx, thing: forget}
	})
	forgotten(t, "an event reads as it was written", func(tx store.Tx, forget func(jobs.JobEvent) jobs.JobEvent) store.Tx {
		return forgetful{Tx: tx, jobEvent: forget}
	})
	forgotten(t, "an event reads as it was written", func(tx store.Tx, forget func(jobs.ExecutionEvent) jobs.ExecutionEvent) store.Tx {
		return forgetful{Tx: tx, executionEvent: forget}
	})
	forgotten(t, "a group reads as it was written", func(tx store.Tx, forget func(registry.ThingGroup) registry.ThingGroup) store.Tx {
		return forgetful{Tx: tx, group: forget}
	})
}

// forgotten breaks a promise with every member of a row, one after the other.
func forgotten[T any](t *testing.T, promise string, mutate func(tx store.Tx, forget func(T) T) store.Tx) {
	t.Helper()
	for name, forget := range members(reflect.TypeFor[T]()) {
		t.Run(reflect.TypeFor[T]().Name()+name, func(t *testing.T) {
			engine := kept(writes(func(tx store.Tx) store.Tx {
				return mutate(tx, func(row T) T {
					c := reflect.New(reflect.TypeFor[T]()).Elem()
					copyDeep(c, reflect.ValueOf(row))
					forget(c)
					return c.Interface().(T)
				})
			}))
			if storetest.Broken(t, engine, promise)[promise] == nil {
				t.Error("a store that forgets it passed")
			}
		})
	}
}

// copyDeep makes a copy that shares nothing that forget may change: it follows pointers and lists.
func copyDeep(to, from reflect.Value) {
	to.Set(from)
	switch {
	case from.Type() == reflect.TypeFor[time.Time]():
	case from.Kind() == reflect.Pointer && !from.IsNil():
		to.Set(reflect.New(from.Type().Elem()))
		copyDeep(to.Elem(), from.Elem())
	case from.Kind() == reflect.Struct:
		for i := range from.NumField() {
			copyDeep(to.Field(i), from.Field(i))
		}
	case from.Kind() == reflect.Slice && !from.IsNil():
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			copyDeep(to.Index(i), from.Index(i))
		}
	}
}

// members are ways to forget: one for each member of a struct, and for each member of what is inside.
func members(of reflect.Type) map[string]func(reflect.Value) {
	all := map[string]func(reflect.Value){}
	for i := range of.NumField() {
		field := of.Field(i)
		if field.PkgPath != "" {
			continue // not exported: a time
		}
		all["."+field.Name] = func(v reflect.Value) { v.Field(i).SetZero() }
		inside := field.Type
		for inside.Kind() == reflect.Pointer || inside.Kind() == reflect.Slice {
			inside = inside.Elem()
		}
		if inside.Kind() != reflect.Struct {
			continue
		}
		for name, forget := range members(inside) {
			all["."+field.Name+name] = func(v reflect.Value) { first(v.Field(i), forget) }
		}
	}
	return all
}

// first calls forget with the struct that v is, points at, or has as its first element.
func first(v reflect.Value, forget func(reflect.Value)) {
	switch {
	case v.Kind() == reflect.Struct:
		forget(v)
	case v.Kind() == reflect.Pointer && !v.IsNil():
		first(v.Elem(), forget)
	case v.Kind() == reflect.Slice && v.Len() > 0:
		first(v.Index(0), forget)
	}
}

// forgetful changes rows on their way in.
type forgetful struct {
	store.Tx
	job   func(jobs.Job) jobs.Job
	thing func(registry.Thing) registry.Thing
	group func(registry.ThingGroup) registry.ThingGroup

	jobEvent       func(jobs.JobEvent) jobs.JobEvent
	executionEvent func(jobs.ExecutionEvent) jobs.ExecutionEvent
}

func (f forgetful) AppendEvents(events ...jobs.Event) error {
	events = slices.Clone(events)
	for i, e := range events {
		if e.Job != nil && f.jobEvent != nil {
			job := f.jobEvent(*e.Job)
			events[i].Job = &job
		}
		if e.Execution != nil && f.executionEvent != nil {
			execution := f.executionEvent(*e.Execution)
			events[i].Execution = &execution
		}
	}
	return f.Tx.AppendEvents(events...)
}

func (f forgetful) PutJob(j *jobs.Job) error {
	c := *j
	if f.job != nil {
		c = f.job(c)
	}
	return f.Tx.PutJob(&c)
}

func (f forgetful) PutThing(t *registry.Thing) error {
	c := *t
	if f.thing != nil {
		c = f.thing(c)
	}
	return f.Tx.PutThing(&c)
}

func (f forgetful) PutGroup(g *registry.ThingGroup) error {
	c := *g
	if f.group != nil {
		c = f.group(c)
	}
	return f.Tx.PutGroup(&c)
}
