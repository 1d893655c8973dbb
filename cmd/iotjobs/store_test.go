package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
)

// The check says the same of a running server and of a stopped one, and its exit status tells whether there are faults.
func TestStoreCheck(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	const whole = "1 things, 0 groups, 0 memberships, 0 jobs, 0 executions, 0 timers, 0 faults\n"
	c := serveForTest(t, dir)
	things := service.ImportThingsInput{Things: []service.ThingImport{{CreateThingInput: service.CreateThingInput{Name: "lamp"}}}}
	if _, err := newSocketClient(dir).ImportThings(t.Context(), things); err != nil {
		t.Fatal(err)
	}
	wantCheck(t, dir, 0, whole, "")
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	wantCheck(t, dir, 0, whole, "")

	putIntoNoGroup(t, dir)
	const broken = "thing lamp is in group 999, which is gone\n" +
		"thing lamp is in groups [{999 true}], and those that it was put into are below others: []\n" +
		"1 things, 0 groups, 1 memberships, 0 jobs, 0 executions, 0 timers, 2 faults\n"
	wantCheck(t, dir, 1, broken, "iotjobs: the store has faults\n")
	c = serveForTest(t, dir)
	wantCheck(t, dir, 1, broken, "iotjobs: the store has faults\n")
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
}

// putIntoNoGroup breaks the store of a stopped server: no engine knows which groups there are.
func putIntoNoGroup(t *testing.T, dir string) {
	t.Helper()
	s, err := pebble.Open(filepath.Join(dir, "store"), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx store.Tx) error {
		view, err := tx.Thing("lamp")
		if err != nil {
			return err
		}
		thing := view.Thing.Clone()
		thing.Groups = []registry.Membership{{Group: 999, Direct: true}}
		return tx.PutThing(thing)
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

func wantCheck(t *testing.T, dir string, status int, stdout, stderr string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "iotjobs", "store", "check", "--data", dir)
	command.Env = withoutOurs(os.Environ())
	var out, problems strings.Builder
	command.Stdout, command.Stderr = &out, &problems
	err := command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	} else if ok && exit.ExitCode() != status || !ok && status != 0 {
		t.Errorf("exit status %v, want %d", err, status)
	}
	if out.String() != stdout || problems.String() != stderr {
		t.Errorf("printed %q and %q, want %q and %q", out.String(), problems.String(), stdout, stderr)
	}
}

// serveForTest starts a server of its own process on a data directory. It is stopped when the test ends, if not before.
func serveForTest(t *testing.T, dir string) *child {
	t.Helper()
	const any = "127.0.0.1:0"
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "iotjobs", "serve", "--data", dir, "--http", any, "--https", "off", "--admin", any)
	command.Env = withoutOurs(os.Environ())
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{process: command.Process, ended: make(chan struct{})}
	go func() {
		c.err = command.Wait()
		close(c.ended)
	}()
	t.Cleanup(func() {
		if err := c.stop(); err != nil {
			t.Error(err)
		}
	})
	if err := c.ready(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// A check that breaks off must not pass for one that found nothing.
func TestStoreCheckBreaksOff(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   string
	}{
		"server that ends":  {`{"fault":"one"}` + "\n", "unexpected EOF"},
		"store that ends":   {`{"fault":"one"}` + "\n" + `{"error":"the store is closed"}` + "\n", "the store is closed"},
		"answer in between": {`{"fault":"one"}` + "\n" + `{"fau`, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l, err := listenSocket(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, c.answer)
			})}
			go func() { _ = server.Serve(l) }()
			t.Cleanup(func() { _ = server.Close() })

			var faults []string
			_, err = newSocketClient(dir).CheckStore(t.Context(), func(fault string) { faults = append(faults, fault) })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if !slices.Equal(faults, []string{"one"}) {
				t.Errorf("faults %q", faults)
			}
		})
	}
}
