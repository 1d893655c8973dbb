package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// thingsImport is one import under way.
type thingsImport struct {
	to            thingImporter
	createMissing bool
	refusals      io.Writer // is told of the first of them

	lines, bytes atomic.Int64 // read so far, for the progress bar
	total        service.ImportThingsOutput
	refused      int

	part  []service.ThingImport
	lined []int64 // the line of each thing of the part
}

// run reads lines and hands them over in parts.
func (i *thingsImport) run(ctx context.Context, from io.Reader) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 64<<10), maxImportLine)
	for lines.Scan() {
		i.lines.Add(1)
		i.line(lines.Bytes())
		if len(i.part) == service.MaxImport {
			if err := i.flush(ctx); err != nil {
				return err
			}
		}
		i.bytes.Add(int64(len(lines.Bytes()) + 1))
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", i.lines.Load()+1, err)
	}
	return i.flush(ctx)
}

// line takes one thing into the part. An empty line is passed over.
func (i *thingsImport) line(text []byte) {
	if len(text) == 0 {
		return
	}
	number := i.lines.Load()
	reader, err := wire.NewReader(text)
	if err != nil {
		i.refuse(number, err.Error())
		return
	}
	thing := reader.ImportedThing()
	if err := reader.Err(); err != nil {
		i.refuse(number, err.Error())
		return
	}
	in := service.CreateThingInput{Name: thing.Name, Type: thing.Type, Attributes: thing.Attributes}
	i.part = append(i.part, service.ThingImport{CreateThingInput: in, Groups: thing.Groups})
	i.lined = append(i.lined, number)
}

func (i *thingsImport) flush(ctx context.Context) error {
	if len(i.part) == 0 {
		return nil
	}
	out, err := i.to.ImportThings(ctx, service.ImportThingsInput{Things: i.part, CreateMissing: i.createMissing})
	if err != nil {
		return fmt.Errorf("import lines %d to %d: %w", i.lined[0], i.lined[len(i.lined)-1], err)
	}
	i.total.Imported += out.Imported
	i.total.Unchanged += out.Unchanged
	for _, refusal := range out.Refused {
		i.refuse(i.lined[refusal.Index], refusal.Message)
	}
	i.part, i.lined = i.part[:0], i.lined[:0]
	return nil
}

func (i *thingsImport) refuse(line int64, reason string) {
	switch i.refused++; {
	case i.refused <= refusalsToTell:
		fmt.Fprintf(i.refusals, "line %d: %s\n", line, reason)
	case i.refused == refusalsToTell+1:
		fmt.Fprintln(i.refusals, "further refusals are counted only")
	}
}
