// Command iotjobs is AWS IoT Jobs that you run yourself: the server, and the tools to operate it. This package wires the others
// together; it holds no rule.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"iotjobs/internal/config"
)

// cli is the command line. Each command is a struct with a Run method in the file of its name.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Run the server."`
	Users   usersCmd   `cmd:"" help:"Manage users and their policies."`
	Roles   rolesCmd   `cmd:"" help:"Manage the roles of devices with temporary credentials."`
	Keys    keysCmd    `cmd:"" help:"Manage access keys."`
	Things  thingsCmd  `cmd:"" help:"Import things in bulk."`
	Store   storeCmd   `cmd:"" help:"Check the store, or copy it to another place."`
	Backup  backupCmd  `cmd:"" help:"Write everything that a server has stored into a file, while it runs."`
	Restore restoreCmd `cmd:"" help:"Fill a state directory or a database from a backup."`
	Plan    planCmd    `cmd:"" help:"Show what a job would do, before it is made."`
	Why     whyCmd     `cmd:"" help:"Say why a job, or a job on one thing, is where it is."`
	Explain explainCmd `cmd:"" help:"Say whether a principal may do something, and which statement decides."`
	Denials denialsCmd `cmd:"" help:"Show the calls that policies denied lately."`
	Fleet   fleetCmd   `cmd:"" help:"Simulate devices against a server."`
	Demo    demoCmd    `cmd:"" help:"Watch a fleet work through a job, on a server of its own."`
}

func main() { os.Exit(run(os.Args[1:])) }

// run is main for tests: it returns the exit status.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parser, err := newParser(ctx, &c)
	if err != nil {
		panic(err) // the command line is malformed in the code
	}
	command, err := parser.Parse(args)
	if err != nil {
		if wrong, ok := errors.AsType[*kong.ParseError](err); ok {
			_ = wrong.Context.PrintUsage(true) // the error is told in any case
		}
		parser.Errorf("%s", err)
		return 2
	}
	if err := command.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "iotjobs: %v\n", err)
		return 1
	}
	return 0
}

func newParser(ctx context.Context, c *cli) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("iotjobs"),
		kong.Description("AWS IoT Jobs that you run yourself."),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Configuration(configFile),
		kong.Vars{"default_data": config.Default().Data},
	)
}

// configFile resolves flags from the file that --config names, below the command line and the environment.
func configFile(r io.Reader) (kong.Resolver, error) {
	file, err := config.ParseFile(r)
	if err != nil {
		return nil, err
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value, ok := file.Lookup(flag.Name); ok {
			return value, nil
		}
		return nil, nil
	}), nil
}
