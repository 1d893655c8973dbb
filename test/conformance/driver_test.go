package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// driver is an SDK in a process of its own, which plays one call after the other: a JSON object per line each way. It says hello first, since
// loading an SDK is what takes long, and what fails where it is not installed.
type driver struct {
	client string
	hello  string // what it said first: its name and version

	turn    sync.Mutex // held while a call is played
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	stderr  *bytes.Buffer // read it only when the process has ended
	command *exec.Cmd
}

// reply is a line of a driver: one of its members is set.
type reply struct {
	answer

	Hello      string      `json:"hello"`
	Operations []operation `json:"operations"`
	Broken     string      `json:"broken"` // why there is no answer
}

// startDriver runs a script. It is given up when ctx ends.
func startDriver(ctx context.Context, client, program, script string) (*driver, error) {
	command := exec.CommandContext(ctx, program, script)
	command.Env = clientEnvironment(noAWSFiles()...)
	command.WaitDelay = time.Second
	d := &driver{client: client, command: command, stderr: new(bytes.Buffer)}
	command.Stderr = d.stderr
	var err error
	if d.stdin, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.stdout = bufio.NewReader(stdout)
	if err := command.Start(); err != nil {
		return nil, err
	}
	r, err := d.read()
	if err != nil {
		return nil, err
	}
	d.hello = r.Hello
	return d, nil
}

func (d *driver) name() string    { return d.client }
func (d *driver) version() string { return d.hello }

func (d *driver) play(_ context.Context, c call) (answer, error) {
	r, err := d.ask(c)
	if err == nil && r.Error != nil {
		r.Error.Members = withDates(r.Error.Members).(map[string]any)
	}
	if err == nil && r.Output != nil {
		r.Output = withDates(r.Output).(map[string]any)
	}
	return r.answer, err
}

// operations are those of a service in the model that the SDK has.
func (d *driver) operations(service string) ([]operation, error) {
	r, err := d.ask(map[string]any{"describe": true, "service": service})
	return r.Operations, err
}

func (d *driver) ask(question any) (reply, error) {
	line, err := json.Marshal(question)
	if err != nil {
		return reply{}, err
	}
	d.turn.Lock()
	defer d.turn.Unlock()
	timer := time.AfterFunc(callTimeout, func() { _ = d.command.Process.Kill() }) // an SDK that hangs, such as over pages that never end
	defer timer.Stop()
	if _, err := d.stdin.Write(append(line, '\n')); err != nil {
		return reply{}, d.ended(err)
	}
	return d.read()
}

func (d *driver) read() (reply, error) {
	line, err := d.stdout.ReadBytes('\n')
	if err != nil {
		return reply{}, d.ended(err)
	}
	var r reply
	if err := decode(line, &r); err != nil {
		return r, err
	}
	if r.Broken != "" {
		return r, errors.New(r.Broken)
	}
	return r, nil
}

// ended says why the process is gone.
func (d *driver) ended(err error) error {
	return fmt.Errorf("%s: the driver has ended: %w", d.client, errors.Join(err, d.command.Wait(), errors.New(strings.TrimSpace(d.stderr.String()))))
}

// stop ends the driver, which ends by itself when nobody asks any more.
func (d *driver) stop() error {
	return errors.Join(d.stdin.Close(), d.command.Wait())
}

// withDates turns {"$date": …} into dates.
func withDates(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if text, ok := value["$date"].(string); ok && len(value) == 1 {
			if t, err := time.Parse(time.RFC3339, text); err == nil {
				return date{t}
			}
		}
		for name := range value {
			value[name] = withDates(value[name])
		}
	case []any:
		for i := range value {
			value[i] = withDates(value[i])
		}
	}
	return value
}
