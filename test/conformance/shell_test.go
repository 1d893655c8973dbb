package conformance_test

import (
	"bytes"
	"context"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// shell is the terminal of somebody who has read what the server printed, and nothing else.
type shell struct {
	server *server
}

// exports is the line to paste before the first command, and endpointFlag what to add to each command of an old AWS CLI.
var (
	exports      = regexp.MustCompile(`(?m)^ *(export AWS_CONFIG_FILE=.*)$`)
	endpointFlag = regexp.MustCompile(`(?m)add to each command: (--endpoint-url .*)$`)
)

// Versions of the AWS CLI from which on it reads the endpoint in a profile.
var (
	endpointInProfile1 = cliVersion{1, 29}
	endpointInProfile2 = cliVersion{2, 13}
)

// aws runs a command line and matches its output.
func (s shell) aws(t *testing.T, line string, want any) {
	t.Helper()
	stdout := s.run(t, line)
	got, err := readOutput([]byte(stdout))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if faults := match("", want, got.Output); len(faults) > 0 {
		t.Errorf("%s:\n  %s", line, strings.Join(faults, "\n  "))
	}
}

// run runs a command line of the AWS CLI and returns what it prints.
func (s shell) run(t *testing.T, line string) string {
	t.Helper()
	printed := s.server.printed()
	export := exports.FindStringSubmatch(printed)
	flag := endpointFlag.FindStringSubmatch(printed)
	if export == nil || flag == nil {
		t.Fatalf("the server does not say how to use the AWS CLI: %s", printed)
	}
	if !cli.atLeast(endpointInProfile1, endpointInProfile2) {
		line += " " + flag[1]
	}
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-c", export[1]+"\n"+line)
	command.WaitDelay = time.Second
	command.Env = clientEnvironment()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("%s: %v: %s", line, err, &stderr)
	}
	return stdout.String()
}
