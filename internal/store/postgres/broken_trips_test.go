package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"testing"

	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// wire is the network between a store and its database. It breaks a connection at a trip of choice: before the server gets it, or before its answer comes
// back.
type wire struct {
	listener net.Listener
	server   string

	mu sync.Mutex
	// trips are still to pass until the one that breaks; below zero none does.
	trips    int
	answered bool // it breaks behind the server's answer
	dead     map[*bool]bool
}

func newWire(t *testing.T, database string) (w *wire, through string) {
	t.Helper()
	u, err := url.Parse(database)
	mustDo(t, err)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	mustDo(t, err)
	w = &wire{listener: l, server: u.Host, trips: -1, dead: map[*bool]bool{}}
	go w.serve()
	t.Cleanup(func() { _ = l.Close() }) // it only ends the loop; the connections end with the store
	u.Host = l.Addr().String()
	return w, u.String()
}

func (w *wire) serve() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		go w.pass(client)
	}
}

// pass carries one trip after the other: what the client sends, and all that the server has to say until it is ready for the next one.
func (w *wire) pass(client net.Conn) {
	defer func() { _ = client.Close() }()
	var d net.Dialer
	server, err := d.DialContext(context.Background(), "tcp", w.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	me := new(bool)
	w.mu.Lock()
	w.dead[me] = false
	w.mu.Unlock()
	question := make([]byte, 1<<20)
	for {
		n, err := client.Read(question)
		if err != nil {
			return
		}
		breaks, answered := w.next(me)
		if breaks && !answered {
			return
		}
		if _, err := server.Write(question[:n]); err != nil {
			return
		}
		answer, err := untilReady(server)
		if err != nil || breaks {
			return
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

// untilReady reads until the message ReadyForQuery.
func untilReady(server net.Conn) (answer []byte, err error) {
	part := make([]byte, 1<<16)
	for len(answer) < 6 || !bytes.Equal(answer[len(answer)-6:len(answer)-1], []byte{'Z', 0, 0, 0, 5}) {
		n, err := server.Read(part)
		if err != nil {
			return nil, err
		}
		answer = append(answer, part[:n]...)
	}
	return answer, nil
}

// next tells what happens to a trip.
func (w *wire) next(me *bool) (breaks, answered bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead[me] {
		return true, false
	}
	if w.trips < 0 {
		return false, false
	}
	w.trips--
	return w.trips < 0, w.answered
}

// arm breaks the trip that comes behind this many.
func (w *wire) arm(behind int, answered bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trips, w.answered = behind, answered
}

// disarm tells whether a trip was broken.
func (w *wire) disarm() (broke bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	broke = w.trips < 0
	w.trips = -1
	return broke
}

// kill breaks the next trip on every connection that there is.
func (w *wire) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for me := range w.dead {
		w.dead[me] = true
	}
}

// TestBrokenTrips breaks every trip of a call, one after the other, before and behind the server: what is answered is done once, what is unknown may be
// done, and after any other error nothing is.
func TestBrokenTrips(t *testing.T) {
	w, through := newWire(t, pgtest.NewURL(t))
	s := open(t, through, postgres.Options{})
	defer func() { mustDo(t, s.Close()) }()
	fleet(t, s, "a")
	calls := map[string]struct {
		do   func() error
		made func() int
	}{
		"device call": {
			func() error { _, err := report(t.Context(), s, "a"); return err },
			func() int { return int(version(t, s, "a")) },
		},
		"update": {
			func() error {
				return s.Update(t.Context(), func(tx store.Tx) error {
					n, err := recorded(tx)
					if err != nil {
						return err
					}
					return tx.PutRecord(store.SettingRecord, "n", []byte(strconv.Itoa(n+1)))
				})
			},
			func() (n int) {
				mustDo(t, s.View(t.Context(), func(tx store.ReadTx) (err error) {
					n, err = recorded(tx)
					return err
				}))
				return n
			},
		},
	}
	for what, c := range calls {
		t.Run(what, func(t *testing.T) {
			unknown := map[bool]int{}
			const longest = 20
			for behind := 0; ; behind++ {
				broke := false
				for _, answered := range []bool{false, true} {
					mustDo(t, c.do()) // the connection and its statements are there
					before := c.made()
					w.arm(behind, answered)
					err := c.do()
					broke = w.disarm() || broke
					done := c.made() - before
					where := fmt.Sprintf("behind %d trips, answered %v: the answer is %v, and it was done %d times", behind, answered, err, done)
					t.Log(where)
					switch {
					case err == nil && done == 1, err != nil && done == 0:
					case errors.Is(err, store.ErrUnknown) && done == 1:
					default:
						t.Error(where)
					}
					if errors.Is(err, store.ErrUnknown) {
						unknown[done == 1]++
					}
				}
				if !broke {
					break
				}
				if behind == longest {
					t.Fatal("there is no end of trips")
				}
			}
			if unknown[true] == 0 || unknown[false] == 0 {
				t.Errorf("of the answers that are unknown, %d were done and %d were not", unknown[true], unknown[false])
			}
		})
	}
}

func recorded(tx store.ReadTx) (int, error) {
	value, err := tx.Record(store.SettingRecord, "n")
	if err != nil || value == nil {
		return 0, err
	}
	return strconv.Atoi(string(value))
}

// TestOneBrokenCommitIsEnough: when a server is gone, the first call that notices takes the other connections to it out of use.
func TestOneBrokenCommitIsEnough(t *testing.T) {
	w, through := newWire(t, pgtest.NewURL(t))
	s := open(t, through, postgres.Options{})
	defer func() { mustDo(t, s.Close()) }()
	// While an update has a connection, calls need another one.
	mustDo(t, s.Update(t.Context(), func(store.Tx) error {
		_, err := s.Clock(t.Context())
		return err
	}))
	w.kill()
	if _, err := s.Clock(t.Context()); err == nil {
		t.Error("the first call did not notice")
	}
	_, err := s.Clock(t.Context())
	mustDo(t, err)
}
