package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// othersFlags are flags in the documents that are not ours, by the program that they belong to.
var othersFlags = map[string][]string{
	"aws":       {"--endpoint-url", "--document", "--job-id", "--policy-document", "--policy-name", "--role-alias", "--role-arn", "--status", "--target", "--targets", "--thing-name"},
	"curl":      {"--cacert", "--cert", "--key"},
	"docker":    {"--chown"},
	"podman":    {"--stop-timeout"},
	"useradd":   {"--home-dir", "--shell", "--system"},
	"systemctl": {"--now"},
}

var (
	flagInText     = regexp.MustCompile(`(^|[^-\w])(--[a-z][a-z-]*)`)
	variableInText = regexp.MustCompile(`\bIOTJOBS_[A-Z_]*[A-Z]\b`)
)

// TestDocumentsNameFlagsThatExist keeps what operators copy from deploy/ and the documents true: every flag is one of a command, every variable one of a flag.
func TestDocumentsNameFlagsThatExist(t *testing.T) {
	flags, variables := commandLine(t)
	for _, path := range documents(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range unknownIn(string(text), flags, variables) {
			t.Errorf("%s: there is no %s", path, name)
		}
	}
}

func TestMutantUnknownFlagIsReported(t *testing.T) {
	flags, variables := commandLine(t)
	got := unknownIn("serve --data DIR --dater DIR, IOTJOBS_HTTP=off IOTJOBS_HTTTP=off IOTJOBS_…, a-dash --", flags, variables)
	if !slices.Equal(got, []string{"flag --dater", "variable IOTJOBS_HTTTP"}) {
		t.Errorf("unknown: %q", got)
	}
}

func unknownIn(text string, flags, variables map[string]bool) (unknown []string) {
	for _, m := range flagInText.FindAllStringSubmatch(text, -1) {
		// "--max-…" stands for several.
		if !strings.HasSuffix(m[2], "-") && !flags[m[2]] {
			unknown = append(unknown, "flag "+m[2])
		}
	}
	for _, name := range variableInText.FindAllString(text, -1) {
		if !variables[name] {
			unknown = append(unknown, "variable "+name)
		}
	}
	return unknown
}

// commandLine is what the commands understand, and othersFlags.
func commandLine(t *testing.T) (flags, variables map[string]bool) {
	t.Helper()
	parser, err := newParser(t.Context(), &cli{})
	if err != nil {
		t.Fatal(err)
	}
	flags, variables = map[string]bool{}, map[string]bool{}
	for _, list := range othersFlags {
		for _, flag := range list {
			flags[flag] = true
		}
	}
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			flags["--"+flag.Name] = true
			for _, name := range flag.Envs {
				variables[name] = true
			}
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	return flags, variables
}

func documents(t *testing.T) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"deploy/*", "docs/*.md", "README.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		paths = append(paths, found...)
	}
	return paths
}

// TestContainerCopiesWhatThereIs: what the container file copies into its build is in the repository.
func TestContainerCopiesWhatThereIs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "Containerfile"))
	if err != nil {
		t.Fatal(err)
	}
	copied := 0
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "COPY" || strings.HasPrefix(words[1], "--from") {
			continue
		}
		for _, path := range words[1 : len(words)-1] {
			if _, err := os.Stat(filepath.Join("..", "..", path)); err != nil {
				t.Error(err)
			}
			copied++
		}
	}
	if copied == 0 {
		t.Error("nothing is copied")
	}
}
