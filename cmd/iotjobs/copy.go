package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"iotjobs/internal/store/move"
)

// copyStoreCmd moves a server to another store. Both are stopped.
type copyStoreCmd struct {
	From string `required:"" placeholder:"DIR|URL" help:"The source: the state directory of a stopped server, or the URL of a database whose nodes are all stopped."`
	To   string `required:"" placeholder:"DIR|URL" help:"The destination, which must be empty, or half filled by this copy when it was interrupted."`
}

// Run copies, compares and says what else is needed.
func (c *copyStoreCmd) Run(ctx context.Context) (err error) {
	from, to := parseStore(c.From), parseStore(c.To)
	if there, err := from.exists(); err != nil || !there {
		return errors.Join(err, fmt.Errorf("--from: there is no store in %s", from.name))
	}
	source, done, err := from.alone(ctx)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	defer func() { err = errors.Join(err, done()) }()
	destination, leave, err := to.alone(ctx)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	defer func() { err = errors.Join(err, leave()) }()

	var count counted
	moving := move.Copy{From: source, To: destination, Source: from.name, Copied: count.copied}
	var before, rows int64
	if err := count.run("copy", "rows", 0, func() (err error) {
		before, rows, err = moving.Fill(ctx)
		return err
	}); err != nil {
		return err
	}
	if before > 0 {
		fmt.Printf("went on behind the %s rows that an earlier run has copied\n", grouped(int(before)))
	}
	var sums move.Sums
	if err := count.run("compare", "rows", 2*rows, func() (err error) {
		sums, err = moving.Compare(ctx, count.met)
		return err
	}); err != nil {
		return differs(err, to.name)
	}
	printSums(os.Stdout, sums)
	fmt.Printf("Both stores were read again and are equal. %s is as it was: do not serve both.\n", from.name)
	tellKey(from, to)
	return nil
}

// differs tells what to do when a comparison found a difference.
func differs(err error, place string) error {
	if errors.Is(err, move.ErrDiffers) {
		return fmt.Errorf("%w; was the source changed meanwhile? %s stays unusable: empty it and begin again", err, place)
	}
	return err
}

// tellKey says that secrets stay sealed.
func tellKey(from, to portableStore) {
	hint := ""
	if from.key != "" && to.key != "" {
		hint = fmt.Sprintf(" (%s, unless --key-file says otherwise; copy it to %s)", from.key, to.key)
	}
	fmt.Printf("The secrets are still sealed: the server of %s needs the key file of %s%s.\n", to.name, from.name, hint)
}

// counted counts what is done, for the progress.
type counted struct{ n atomic.Int64 }

func (c *counted) copied(rows, _ int64) { c.n.Add(rows) }

func (c *counted) met() { c.n.Add(1) }

// Write counts bytes that are written beside.
func (c *counted) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}

// run does the work of a phase and shows how far it is. Total is 0 if nobody knows.
func (c *counted) run(name, unit string, total int64, work func() error) error {
	c.n.Store(0)
	done := func() int { return int(c.n.Load()) }
	return newProgress(os.Stderr).run(phase{name: name, unit: unit, total: int(total), done: done, rated: done}, work)
}
