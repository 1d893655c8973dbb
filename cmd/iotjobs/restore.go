package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"iotjobs/internal/store"
	"iotjobs/internal/store/move"
)

// restoreCmd fills a state directory, or a database, from a backup.
type restoreCmd struct {
	storePlace

	File string `arg:"" help:"The backup."`
}

// Run reads the whole backup before it touches anything, fills the store, and reads it again.
func (c *restoreCmd) Run(ctx context.Context) (err error) {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it is only read
	to := c.portable()
	if c.Store == "" {
		if err := refuseUsed(c.Data); err != nil {
			return err
		}
	}
	at, sums, err := verifyBackup(file)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	destination, done, err := to.alone(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	var count counted
	if err := count.run("restore", "rows", sums.Rows(), func() (err error) {
		sums, err = move.Restore(ctx, bufio.NewReaderSize(file, 1<<20), destination, c.File, count.copied)
		return err
	}); err != nil {
		return unfinished(err, to.name)
	}
	if err := count.run("compare", "rows", sums.Rows(), func() error { return move.Settle(ctx, destination, sums, count.met) }); err != nil {
		return unfinished(err, to.name)
	}
	printSums(os.Stdout, sums)
	fmt.Printf("The store was read again and is what was backed up at %s.\n", at.Format(time.RFC3339))
	hint := ""
	if to.key != "" {
		hint = "put it at " + to.key + ", or "
	}
	fmt.Printf("The backup holds no key file. The server needs that of the one that was backed up: %sname it with --key-file.\n", hint)
	return nil
}

// unfinished tells what to do with a store that is half filled. One that was refused is as it was.
func unfinished(err error, place string) error {
	if errors.Is(err, store.ErrNotEmpty) || errors.Is(err, move.ErrHalfCopied) {
		return fmt.Errorf("%s: %w", place, err)
	}
	return fmt.Errorf("%w; %s stays unusable: empty it and begin again", err, place)
}

// refuseUsed demands a directory that is absent, or holds nothing but a key file.
func refuseUsed(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() != "key" {
			return fmt.Errorf("%s is not empty (it holds %s): a backup is restored only into an empty directory", dir, entry.Name())
		}
	}
	return nil
}
