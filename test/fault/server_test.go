package fault

import (
	"context"

	"iotjobs/test/process"
)

// newServer is the server that a campaign works on, each time on new ports.
func newServer(dir string) *process.Server {
	const anyPort = "127.0.0.1:0"
	return &process.Server{Binary: binary, Dir: dir, Flags: []string{
		"--http", anyPort, "--https", "off", "--mqtts", "off", "--admin", anyPort, "--max-rollout-per-minute", "0", "--max-active-jobs", "0",
	}}
}

// operator runs a command of the operator on the server.
func (c *campaign) operator(ctx context.Context, arguments ...string) error {
	_, err := c.server.Operator(ctx, append(arguments, "--data", c.server.Dir)...)
	return err
}
