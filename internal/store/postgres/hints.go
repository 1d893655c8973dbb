package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// maxPayload is how many bytes a notification of PostgreSQL carries (8000 with its end).
const maxPayload = 7900

// Tell sends a hint as few notifications, outside of all transactions that write: a notification inside one makes its commit wait for those of all
// others.
func (s *Store) Tell(ctx context.Context, hint store.Hint) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	for _, payload := range payloads(hint) {
		if _, err := s.writes.Exec(ctx, `SELECT pg_notify($1, $2)`, s.channel(), payload); err != nil {
			return fmt.Errorf("tell other nodes: %w", err)
		}
	}
	return nil
}

// channel is the name of the notifications: stores that share a database have different ones.
func (s *Store) channel() string {
	return "iotjobs " + s.writes.Config().ConnConfig.RuntimeParams["search_path"]
}

// payloads are the texts of a hint: lines, "t" before the name of a thing and "j" before the number of a job.
func payloads(hint store.Hint) []string {
	var all []string
	var text strings.Builder
	add := func(line string) {
		if text.Len()+1+len(line) > maxPayload {
			all = append(all, text.String())
			text.Reset()
		}
		if text.Len() > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(line)
	}
	for _, name := range hint.Things {
		if isText(string(name)) && len(name) < maxPayload {
			add("t" + string(name))
		}
	}
	for _, number := range hint.Jobs {
		add("j" + strconv.FormatUint(uint64(number), 36))
	}
	return append(all, text.String())
}

// parseHint skips what a newer node may say.
func parseHint(payload string) (hint store.Hint) {
	for line := range strings.SplitSeq(payload, "\n") {
		switch {
		case strings.HasPrefix(line, "t"):
			hint.Things = append(hint.Things, registry.ThingName(line[1:]))
		case strings.HasPrefix(line, "j"):
			if n, err := strconv.ParseUint(line[1:], 36, 64); err == nil {
				hint.Jobs = append(hint.Jobs, jobs.JobNumber(n))
			}
		}
	}
	return hint
}

// Pauses between attempts to listen again.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
)

// Hints listens on a connection of its own. When that breaks it makes a new one, and tells that anything may have changed meanwhile.
func (s *Store) Hints(ctx context.Context, fn func(store.Hint)) error {
	if !s.gate.enter() {
		return store.ErrClosed
	}
	s.gate.leave() // Close does not wait for listeners: it ends them
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	pause, again := firstPause, false
	for {
		listening, err := s.listen(ctx, fn, again)
		switch {
		case s.closing.Err() != nil:
			return store.ErrClosed
		case ctx.Err() != nil:
			return nil
		}
		if listening {
			pause = firstPause
		}
		s.logger.Warn("cannot hear other nodes", "error", err, "pause", pause)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		pause, again = min(2*pause, lastPause), again || listening
	}
}

// listen hears hints until the connection breaks; listening tells whether it came so far.
func (s *Store) listen(ctx context.Context, fn func(store.Hint), again bool) (listening bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, s.writes.Config().ConnConfig)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{s.channel()}.Sanitize()); err != nil {
		return false, err
	}
	if again {
		fn(store.Hint{})
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, err
		}
		fn(parseHint(n.Payload))
	}
}
