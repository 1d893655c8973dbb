package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// commandLine is the AWS CLI: each call is a process, as an operator would start it.
type commandLine struct {
	said   string // of its version: aws-cli/1.45.11 Python/3.11.7 …
	config string // the AWS configuration file of all calls
}

// newCommandLine finds out whether the AWS CLI is there and new enough. dir is for its configuration.
func newCommandLine(ctx context.Context, dir string) (*commandLine, error) {
	command := exec.CommandContext(ctx, "aws", "--version")
	command.Env = clientEnvironment(noAWSFiles()...)
	out, err := command.CombinedOutput() // the first version 1 wrote it to stderr
	if err != nil {
		return nil, fmt.Errorf("aws --version: %w: %s", err, out)
	}
	c := &commandLine{said: strings.TrimSpace(string(out)), config: filepath.Join(dir, "aws-config")}
	// Version 1 prints dates as they come over the wire unless it is told to parse them.
	return c, os.WriteFile(c.config, []byte("[default]\ncli_timestamp_format = iso8601\n"), 0o600)
}

func (c *commandLine) name() string    { return awsCLI }
func (c *commandLine) version() string { return c.said }

func (c *commandLine) play(ctx context.Context, q call) (answer, error) {
	arguments, err := c.arguments(q)
	if err != nil {
		return answer{}, err
	}
	command := exec.CommandContext(ctx, "aws", arguments...)
	command.WaitDelay = time.Second
	command.Env = clientEnvironment(
		"AWS_CONFIG_FILE="+c.config, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_MAX_ATTEMPTS="+strconv.Itoa(q.Attempts),
		"AWS_ACCESS_KEY_ID="+q.Credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+q.Credentials.SecretAccessKey, "AWS_SESSION_TOKEN="+q.Credentials.SessionToken,
	)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	if refusal := readRefusal(stderr.String()); err != nil && refusal != nil {
		return answer{Error: refusal}, nil
	}
	if err != nil {
		return answer{}, fmt.Errorf("aws %s: %w: %s", strings.Join(arguments, " "), err, &stderr)
	}
	return readOutput(stdout.Bytes())
}

// arguments are those of `aws iot create-thing --cli-input-json …`. Version 1 takes the members of paging only as flags.
func (c *commandLine) arguments(q call) ([]string, error) {
	arguments := []string{q.Service, commandOf(q.Operation), "--endpoint-url", q.Endpoint, "--region", q.Region, "--output", "json"}
	input := maps.Clone(q.Input)
	for _, paging := range []struct{ member, flag string }{{"maxResults", "--max-results"}, {"nextToken", "--next-token"}} {
		if value, ok := input[paging.member]; ok {
			arguments = append(arguments, paging.flag, fmt.Sprint(value))
			delete(input, paging.member)
		}
	}
	if q.PageSize > 0 {
		arguments = append(arguments, "--page-size", strconv.Itoa(q.PageSize))
	}
	if q.CA != "" {
		arguments = append(arguments, "--ca-bundle", q.CA)
	}
	if q.Unsigned {
		arguments = append(arguments, "--no-sign-request")
	}
	if q.ClockOffset != 0 || q.SigningName != "" {
		return nil, errors.New("the AWS CLI signs in its own way only")
	}
	raw, err := json.Marshal(input)
	return append(arguments, "--cli-input-json", string(raw)), err
}

// commandOf is the CLI's name of an operation: CreateOTAUpdate is create-ota-update.
func commandOf(operation string) string {
	name := wordStart.ReplaceAllString(operation, "$1-$2")
	return strings.ToLower(wordEnd.ReplaceAllString(name, "$1-$2"))
}

var (
	wordStart = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	wordEnd   = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	// The last line; newer versions begin it with "aws: [ERROR]: " and may add members of the exception after an empty line.
	refusalLine = regexp.MustCompile(`(?s)An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*?)(?:\n\n.*)?\n?$`)
)

// readRefusal finds the exception in what the CLI says; nil if there is none.
func readRefusal(stderr string) *refusal {
	m := refusalLine.FindStringSubmatch(stderr)
	if m == nil {
		return nil
	}
	return &refusal{Type: m[1], Message: m[2]}
}

// readOutput reads what the CLI prints: nothing for an operation without an output.
func readOutput(stdout []byte) (answer, error) {
	a := answer{Output: map[string]any{}}
	if len(bytes.TrimSpace(stdout)) == 0 {
		return a, nil
	}
	if err := decode(stdout, &a.Output); err != nil {
		return a, err
	}
	a.Output = withDateTexts(a.Output).(map[string]any)
	return a, nil
}

// withDateTexts turns texts that are dates into dates: the CLI prints only those as such that it has parsed.
func withDateTexts(value any) any {
	switch value := value.(type) {
	case string:
		if t, err := time.Parse(time.RFC3339, value); err == nil {
			return date{t}
		}
	case map[string]any:
		for name := range value {
			value[name] = withDateTexts(value[name])
		}
	case []any:
		for i := range value {
			value[i] = withDateTexts(value[i])
		}
	}
	return value
}

// cliVersion is a major and a minor version.
type cliVersion [2]int

// atLeast compares within version 1 and within version 2, which are developed side by side.
func (c *commandLine) atLeast(one, two cliVersion) bool {
	var have cliVersion
	if _, err := fmt.Sscanf(c.said, "aws-cli/%d.%d", &have[0], &have[1]); err != nil {
		return false
	}
	want := two
	if have[0] == one[0] {
		want = one
	}
	return have[0] > want[0] || have[0] == want[0] && have[1] >= want[1]
}
