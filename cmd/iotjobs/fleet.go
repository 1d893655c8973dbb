package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"iotjobs/internal/config"
	"iotjobs/internal/fleet"
	"iotjobs/internal/profile"
)

// fleetCmd lets simulated devices work against any server, over the real signed HTTP API.
type fleetCmd struct {
	devices

	ProfileDir string        `name:"profile-dir" placeholder:"DIR" help:"State directory of the server: its AWS profile has the endpoint, the region and an access key. Default: ./iotjobs-data, or the key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY if set."`
	Endpoint   string        `placeholder:"URL" help:"Where the server listens. Default: what the profile says."`
	Region     string        `placeholder:"REGION" help:"Region to sign for. Default: what the profile says, or AWS_REGION."`
	CAFile     string        `name:"ca-file" placeholder:"FILE" help:"Certificates to trust for https. Default: what the profile says, or those of this machine."`
	Things     int           `default:"1000" placeholder:"N" help:"How many things work: PREFIX000001 to PREFIX and N (default ${default})."`
	Prefix     string        `default:"thing-" help:"How their names begin (default ${default})."`
	Register   bool          `help:"Create the things first; those that exist are left as they are."`
	JobID      string        `name:"job-id" placeholder:"ID" help:"Go on until this job has ended. Default: until no device has work."`
	Rounds     int           `default:"0" placeholder:"N" help:"Visit every device at most so often; 0 is no bound."`
	Idle       time.Duration `default:"1s" help:"Pause when no device had work (default ${default})."`

	Stdout io.Writer `kong:"-"`
}

// devices are the flags that say how simulated devices work.
type devices struct {
	Workers      int           `default:"64" placeholder:"N" help:"How many devices work at the same time (default ${default})."`
	Seed         uint64        `default:"1" help:"Which executions fail; the same seed gives the same ones (default ${default})."`
	FailureShare float64       `name:"failure-share" default:"0" placeholder:"0..1" help:"Share of the executions that end as FAILED (default ${default})."`
	RejectShare  float64       `name:"reject-share" default:"0" placeholder:"0..1" help:"Share of the executions that end as REJECTED (default ${default})."`
	StepTime     time.Duration `name:"step-time" default:"0s" help:"How long a device works before each report (default ${default})."`
}

func (d *devices) check() error {
	switch {
	case d.Workers < 1 || d.Workers > 10_000:
		return fmt.Errorf("--workers: %d is not within 1 and 10000", d.Workers)
	case !(d.FailureShare >= 0 && d.RejectShare >= 0 && d.FailureShare+d.RejectShare <= 1): // not a number is refused too
		return fmt.Errorf("--failure-share and --reject-share: %g and %g are not two parts of 1", d.FailureShare, d.RejectShare)
	case d.StepTime < 0:
		return fmt.Errorf("--step-time: %s is negative", d.StepTime)
	}
	return nil
}

func (d *devices) behaviour() fleet.Behaviour {
	return fleet.Behaviour{
		FailureShare: d.FailureShare, RejectShare: d.RejectShare, Steps: []string{"download", "install"}, StepTime: d.StepTime, Seed: d.Seed,
	}
}

const maxThings = 1_000_000

func checkThings(n int) error {
	if n < 1 || n > maxThings {
		return fmt.Errorf("--things: %d is not within 1 and %d", n, maxThings)
	}
	return nil
}

// Run lets the devices work, and shows what they met.
func (c *fleetCmd) Run(ctx context.Context) error {
	if err := errors.Join(c.check(), checkThings(c.Things)); err != nil {
		return err
	}
	recorder := &fleet.Recorder{}
	client, err := c.client(recorder)
	if err != nil {
		return err
	}
	out := cmp.Or[io.Writer](c.Stdout, os.Stdout)
	show := newProgress(out)
	names := fleet.NumberedThings(c.Prefix, c.Things)
	if c.Register {
		if _, err := registerThings(ctx, show, client, c.Workers, names); err != nil {
			return err
		}
	}
	f := &fleet.Fleet{Client: client, Things: names, Workers: c.Workers, Behaviour: c.behaviour(), Rounds: c.Rounds, Idle: c.Idle}
	if c.JobID != "" {
		f.Ended = fleet.JobsEnded(client, fleet.JobID(c.JobID))
	}
	start, before := time.Now(), recorder.Calls()
	calls := func() int { return recorder.Calls() - before }
	err = show.run(phase{
		name: "fleet", unit: "calls", done: func() int { return f.Counts().Total() }, rated: calls,
	}, func() error { return f.Run(ctx) })
	elapsed := time.Since(start)
	fmt.Fprintln(out)
	printEnds(out, f.Counts())
	printCalls(out, recorder, calls(), elapsed)
	return err
}

// client joins what the flags, the environment and the profile say, in this order; a profile that is named goes before the environment.
func (c *fleetCmd) client(recorder *fleet.Recorder) (*fleet.Client, error) {
	key := fleet.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	}
	var p fleet.Profile
	if c.ProfileDir != "" || !key.Complete() {
		var err error
		if p, err = fleet.ReadProfile(filepath.Join(cmp.Or(c.ProfileDir, config.Default().Data), "aws"), profile.Name); err != nil {
			return nil, fmt.Errorf("%w; name the server's state directory with --profile-dir, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", err)
		}
		key = p.Credentials
	}
	ca, err := readCA(cmp.Or(c.CAFile, p.CABundle))
	if err != nil {
		return nil, err
	}
	defaults := config.Default()
	return newFleetClient(fleet.Client{
		Endpoint:    cmp.Or(c.Endpoint, p.Endpoint, "http://"+defaults.HTTP),
		Region:      cmp.Or(c.Region, p.Region, os.Getenv("AWS_REGION"), defaults.Region),
		Credentials: key, HTTP: fleet.NewHTTPClient(c.Workers, ca), Recorder: recorder,
	})
}

// newFleetClient gives a client the real clock and chance.
func newFleetClient(c fleet.Client) (*fleet.Client, error) {
	c.Now, c.Jitter = time.Now, rand.Float64
	return fleet.NewClient(c)
}

// readCA reads certificates to trust; no file means those of the machine.
func readCA(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate in it", file)
	}
	return pool, nil
}

func registerThings(ctx context.Context, show *progress, client *fleet.Client, workers int, names []fleet.ThingName) (things []fleet.Thing, err error) {
	registrar := &fleet.Registrar{Client: client, Workers: workers}
	err = show.run(phase{
		name: "things", unit: "calls", total: len(names), done: registrar.Registered, rated: registrar.Registered,
	}, func() (err error) {
		things, err = registrar.Register(ctx, names)
		return err
	})
	return things, err
}
