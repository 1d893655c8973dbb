package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"iotjobs/internal/service"
)

// thingsCmd manages things in bulk.
type thingsCmd struct {
	Import importThingsCmd `cmd:"" help:"Register things from a file of JSON lines."`
}

// importThingsCmd registers things. It speaks to a running server over its socket, else opens the data directory itself.
type importThingsCmd struct {
	place

	File          string `arg:"" help:"A thing per line: {\"thingName\": …, \"thingTypeName\": …, \"attributes\": {…}, \"thingGroupNames\": […]}. \"-\" reads standard input."`
	CreateMissing bool   `help:"Make thing types and thing groups that do not exist; a group becomes a root."`
}

// thingImporter is a running server or an opened directory.
type thingImporter interface {
	ImportThings(context.Context, service.ImportThingsInput) (service.ImportThingsOutput, error)
}

// Limits of what an import reads and tells.
const (
	maxImportLine  = 1 << 20 // bytes
	refusalsToTell = 20
)

// Run imports the file part by part. Things that are there already are passed over, so an import that was interrupted is started again.
func (c *importThingsCmd) Run(ctx context.Context) error {
	file, size, err := c.open()
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	return c.with(ctx, func(to operator) error {
		i := &thingsImport{to: to, createMissing: c.CreateMissing, refusals: os.Stderr}
		done := func() int { return int(i.bytes.Load()) }
		things := func() int { return int(i.lines.Load()) }
		err := newProgress(os.Stderr).run(phase{name: "import", unit: "things", total: size, done: done, rated: things}, func() error {
			return i.run(ctx, file)
		})
		fmt.Printf("%s imported, %s unchanged, %s refused\n", grouped(i.total.Imported), grouped(i.total.Unchanged), grouped(i.refused))
		if err == nil && i.refused > 0 {
			err = fmt.Errorf("%d of %d things were refused", i.refused, things())
		}
		return err
	})
}

// open tells the size of a file, and zero for what has none.
func (c *importThingsCmd) open() (file *os.File, size int, err error) {
	if c.File == "-" {
		return os.Stdin, 0, nil
	}
	if file, err = os.Open(c.File); err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, int(info.Size()), nil
}
