package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"iotjobs/internal/fleet"
	"iotjobs/internal/profile"
)

// demoCmd shows the main job: a fleet works through an update, over the signed HTTP API of a server that is started for it.
type demoCmd struct {
	devices

	Things  int           `default:"1000" placeholder:"N" help:"How many things get an execution each (default ${default})."`
	Data    string        `placeholder:"DIR" help:"State directory of the server. Default: a new one among the temporary files, which is left there."`
	Keep    bool          `help:"Let the server run on until Ctrl-C."`
	Timeout time.Duration `default:"10m" help:"Give up after this time (default ${default})."`

	Stdout io.Writer `kong:"-"`
}

// demoDocument is what the devices are told to do.
const demoDocument = `{"operation":"install-firmware","version":"2.4.1","steps":["download","install"]}`

// Run starts a server, lets the fleet work, and ends with a summary. The error says what did not go as it must.
func (c *demoCmd) Run(ctx context.Context) error {
	if err := errors.Join(c.check(), checkThings(c.Things)); err != nil {
		return err
	}
	dir, err := c.directory()
	if err != nil {
		return err
	}
	out := cmp.Or[io.Writer](c.Stdout, os.Stdout)
	fmt.Fprintf(out, "A fleet of %s things installs a firmware; %d devices work at the same time.\n\n", grouped(c.Things), c.Workers)
	server, err := startChild(ctx, dir)
	if err != nil {
		return fmt.Errorf("%w\nThe data is in %s, the server's log in %s", err, dir, logPath(dir))
	}
	d := &demo{demoCmd: c, out: out, show: newProgress(out), dir: dir, server: server}
	err = d.run(ctx)
	if err == nil && c.Keep {
		d.printByHand()
		err = d.wait(ctx)
	}
	if err = errors.Join(err, server.stop()); err != nil {
		return fmt.Errorf("%w\nThe data is in %s, the server's log in %s", err, dir, logPath(dir))
	}
	if !c.Keep {
		d.printByHand()
	}
	return nil
}

// directory is made if it is not there; its path is absolute, since it is told to people.
func (c *demoCmd) directory() (string, error) {
	if c.Data == "" {
		return os.MkdirTemp("", "iotjobs-demo-")
	}
	dir, err := filepath.Abs(c.Data)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o700)
}

// demo is one run against a server that is ready.
type demo struct {
	*demoCmd

	out      io.Writer
	show     *progress
	dir      string
	server   *child
	recorder fleet.Recorder
	client   *fleet.Client
	fleet    *fleet.Fleet
	things   []fleet.Thing
	jobs     []fleet.JobID
}

func (d *demo) run(ctx context.Context) error {
	ctx, cancel := d.server.watched(ctx)
	defer cancel()
	ctx, cancel = context.WithTimeoutCause(ctx, d.Timeout, fmt.Errorf("not done within %s (--timeout)", d.Timeout))
	defer cancel()
	var err error
	if d.client, err = d.newClient(); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "  %-8s %s, data in %s\n", "server", d.client.Endpoint, d.dir)
	start := time.Now()
	if d.things, err = registerThings(ctx, d.show, d.client, d.Workers, fleet.NumberedThings("thing-", d.Things)); err != nil {
		return err
	}
	if err := d.createJobs(ctx, "demo-"+start.UTC().Format("20060102-150405")); err != nil {
		return err
	}
	if err := d.work(ctx); err != nil {
		return err
	}
	elapsed := time.Since(start)
	return d.summary(ctx, elapsed)
}

func (d *demo) newClient() (*fleet.Client, error) {
	p, err := fleet.ReadProfile(filepath.Join(d.dir, "aws"), profile.Name)
	if err != nil {
		return nil, err
	}
	return newFleetClient(fleet.Client{
		Endpoint: "http://" + d.server.addresses.HTTP, Region: p.Region, Credentials: p.Credentials,
		HTTP: fleet.NewHTTPClient(d.Workers, nil), Recorder: &d.recorder,
	})
}

// createJobs makes jobs over all things. A job names at most fleet.MaxTargets of them.
func (d *demo) createJobs(ctx context.Context, name string) error {
	targets := make([]string, len(d.things))
	for i, thing := range d.things {
		targets[i] = thing.ARN
	}
	var made atomic.Int64
	count := func() int { return int(made.Load()) }
	maker := &fleet.JobMaker{Client: d.client, Document: demoDocument, Description: "Firmware 2.4.1, made by iotjobs demo"}
	return d.show.run(phase{
		name: "jobs", unit: "calls", total: (len(targets) + fleet.MaxTargets - 1) / fleet.MaxTargets, done: count, rated: count,
	}, func() (err error) {
		d.jobs, err = maker.Make(ctx, name, targets, func(fleet.JobID) { made.Add(1) })
		return err
	})
}

// work lets the fleet work until the jobs have ended.
func (d *demo) work(ctx context.Context) error {
	names := make([]fleet.ThingName, len(d.things))
	for i, thing := range d.things {
		names[i] = thing.Name
	}
	d.fleet = &fleet.Fleet{
		Client: d.client, Things: names, Workers: d.Workers, Behaviour: d.behaviour(), Idle: 200 * time.Millisecond,
		Ended: d.ended(),
	}
	before := d.recorder.Calls()
	return d.show.run(phase{
		name: "fleet", unit: "calls", total: len(names),
		done:  func() int { return d.fleet.Counts(d.jobs...).Total() },
		rated: func() int { return d.recorder.Calls() - before },
	}, func() error { return d.fleet.Run(ctx) })
}

// ended asks for the jobs. When the devices are through, it asks again for a while before they are sent on another round: the server
// completes a job in a step of its own, soon after the last execution.
func (d *demo) ended() func(context.Context) (bool, error) {
	jobsEnded := fleet.JobsEnded(d.client, d.jobs...)
	return func(ctx context.Context) (bool, error) {
		for range 100 {
			ended, err := jobsEnded(ctx)
			if counts := d.fleet.Counts(d.jobs...); err != nil || ended || counts.Total()+counts.Dropped < len(d.things) {
				return ended, err
			}
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				return false, context.Cause(ctx)
			}
		}
		return false, nil
	}
}

// summary shows what the server says of the jobs and compares it with what the devices did.
func (d *demo) summary(ctx context.Context, elapsed time.Duration) error {
	executions, statuses := map[fleet.Status]int{}, map[fleet.JobStatus]int{}
	calls := d.recorder.Calls()
	for _, id := range d.jobs {
		job, err := d.client.DescribeJob(ctx, id)
		if err != nil {
			return err
		}
		statuses[job.Status]++
		for status, n := range job.Executions {
			executions[status] += n
		}
	}
	fmt.Fprintln(d.out)
	fmt.Fprintln(d.out, "Executions, as the jobs count them")
	printCounts(d.out, executions)
	fmt.Fprintln(d.out, "Jobs")
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		fmt.Fprintf(d.out, "  %-30s %9s\n", status, grouped(statuses[status]))
	}
	fmt.Fprintln(d.out)
	printCalls(d.out, &d.recorder, calls, elapsed)
	fmt.Fprintf(d.out, "  Every accepted update is on disk before its answer; %s of data. The devices share this machine\n  with the server, so part of each latency is their own.\n\n", byteSize(d.onDisk()))
	return d.verdict(executions, statuses)
}

// verdict is nil if every thing's execution ended as its device ended it, and every job is complete.
func (d *demo) verdict(executions map[fleet.Status]int, statuses map[fleet.JobStatus]int) error {
	did := d.fleet.Counts(d.jobs...)
	if did.Total() == len(d.things) && maps.Equal(executions, did.Ended) && statuses[fleet.JobCompleted] == len(d.jobs) {
		return nil
	}
	return fmt.Errorf("the demo failed: %d executions should have ended, the devices ended %v and found %d changed by somebody else, the jobs count %v and are %v",
		len(d.things), did.Ended, did.Dropped, executions, statuses)
}

func (d *demo) onDisk() (size int64) {
	// A file that vanishes meanwhile is not there any more, which is its right size.
	_ = filepath.WalkDir(d.dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	return size
}

// printByHand says how to go on.
func (d *demo) printByHand() {
	out, p := d.out, profile.Profile{Dir: d.dir}
	if d.Keep {
		fmt.Fprintf(out, "The server runs on; Ctrl-C stops it. To go on by hand, in another shell:\n\n")
	} else {
		fmt.Fprintf(out, "To go on by hand, start the server again:\n\n  %s serve --data %s\n\nand in another shell:\n\n", shellWord(os.Args[0]), shellWord(d.dir))
	}
	fmt.Fprintf(out, "  export AWS_CONFIG_FILE=%s\n", shellWord(p.ConfigPath()))
	fmt.Fprintf(out, "  export AWS_SHARED_CREDENTIALS_FILE=%s\n", shellWord(p.CredentialsPath()))
	fmt.Fprintf(out, "  export AWS_PROFILE=%s AWS_PAGER=\n\n", profile.Name)
	thing := d.things[0]
	fmt.Fprintf(out, `  aws iot list-jobs
  aws iot describe-job --job-id %s
  aws iot create-job --job-id blink --document '{"operation":"blink"}' \
      --targets %s
  aws iot-jobs-data start-next-pending-job-execution --thing-name %s
  aws iot-jobs-data update-job-execution --thing-name %s --job-id blink --status SUCCEEDED

AWS CLIs older than 1.29/2.13 need --endpoint-url as well.`, d.jobs[0], thing.ARN, thing.Name, thing.Name)
	if d.Data == "" {
		fmt.Fprintf(out, " When done: rm -r %s", shellWord(d.dir))
	}
	fmt.Fprintln(out)
}

// wait is for --keep: it ends with Ctrl-C, or with the server, which is an error.
func (d *demo) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-d.server.ended:
		return d.server.failure()
	}
}

// shellWord makes text one word of a POSIX shell.
func shellWord(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !strings.ContainsRune("/._-+@%,:0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", r)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
