package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"iotjobs/internal/store"
	"iotjobs/internal/store/move"
)

// backupCmd writes a backup, of a running server too: over its socket or from its database, else from the directory of a stopped one.
type backupCmd struct {
	storePlace

	File string `arg:"" help:"The backup, which must not exist yet."`
}

// Run writes beside the file, reads what was written, and only then gives it its name.
func (c *backupCmd) Run(ctx context.Context) error {
	if _, err := os.Lstat(c.File); !errors.Is(err, os.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s exists already", c.File))
	}
	part := c.File + ".incomplete"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it is synced, or of no use
	var count counted
	if err := count.run("backup", "bytes", 0, func() error { return c.write(ctx, file, &count) }); err != nil {
		return errors.Join(fmt.Errorf("%s is of no use: %w", part, err), os.Remove(part))
	}
	at, sums, err := verifyBackup(file)
	if err != nil {
		return fmt.Errorf("read %s again: %w", part, err)
	}
	if err := os.Rename(part, c.File); err != nil {
		return err
	}
	if err := syncDirectory(filepath.Dir(c.File)); err != nil {
		return err
	}
	printSums(os.Stdout, sums)
	fmt.Printf("%s holds the store as it was at %s.\n", c.File, at.Format(time.RFC3339))
	fmt.Println("The key file is not in it, and without the key file its secrets cannot be read: keep a copy of the key file elsewhere.")
	return nil
}

// write writes the backup and forces it to the disk.
func (c *backupCmd) write(ctx context.Context, file *os.File, count io.Writer) (err error) {
	out := bufio.NewWriterSize(io.MultiWriter(file, count), 1<<20)
	client, alive, err := c.running(ctx)
	if err != nil {
		return err
	}
	if alive {
		err = client.Backup(ctx, out)
	} else {
		err = c.with(ctx, func(from store.Portable) error {
			_, err := move.Backup(ctx, from, out, time.Now())
			return err
		})
	}
	return errors.Join(err, out.Flush(), file.Sync())
}

// verifyBackup reads a backup from its beginning to its end.
func verifyBackup(file *os.File) (at time.Time, sums move.Sums, err error) {
	info, err := file.Stat()
	if err != nil {
		return at, sums, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return at, sums, err
	}
	var count counted
	err = count.run("verify", "bytes", info.Size(), func() (err error) {
		at, sums, err = move.Verify(bufio.NewReaderSize(io.TeeReader(file, &count), 1<<20))
		return err
	})
	return at, sums, err
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// backup answers with a backup of the store as it is now. What cannot be answered any more stands in the backup, which then has no end.
func (s *server) backup(w http.ResponseWriter, r *http.Request) {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
		answer(w, s.log, nil, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	out := bufio.NewWriterSize(w, 1<<20)
	_, err := move.Backup(r.Context(), s.dir.store, out, time.Now())
	if err := errors.Join(err, out.Flush()); err != nil {
		s.log.ErrorContext(r.Context(), "backup failed", "error", err)
	}
}

// Backup copies the answer of a running server; whether it is whole stands in it.
func (c *socketClient) Backup(ctx context.Context, out io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://iotjobs/store/backup", nil)
	if err != nil {
		return err
	}
	patient := http.Client{Transport: c.http.Transport}
	response, err := patient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered %s", response.Status)
	}
	_, err = io.Copy(out, response.Body)
	return err
}
