package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"iotjobs/internal/store/move"
)

// restoreCmd makes a state directory from a backup.
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
	to := embeddedStore(c.Data)
	if err := refuseUsed(c.Data); err != nil {
		return err
	}
	at, sums, err := verifyBackup(file, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	destination, err := to.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, destination.Close()) }()
	var count rowCount
	if err := count.run("restore", sums.Rows(), func() (err error) {
		sums, err = move.Restore(ctx, bufio.NewReaderSize(file, 1<<20), destination, c.File, count.copied)
		return err
	}); err != nil {
		return fmt.Errorf("%w; %s stays unusable: empty it and begin again", err, to.name)
	}
	if err := count.run("compare", sums.Rows(), func() error { return move.Settle(ctx, destination, sums, count.met) }); err != nil {
		return fmt.Errorf("%w; %s stays unusable: empty it and begin again", err, to.name)
	}
	printSums(os.Stdout, sums)
	fmt.Printf("The store was read again and is what was backed up at %s.\n", at.Format(time.RFC3339))
	fmt.Printf("The backup holds no key file: put that of the server that was backed up at %s, or name it with --key-file.\n", to.key)
	return nil
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
