package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/rogpeppe/go-internal/testscript"

	"iotjobs/internal/fleet"
	"iotjobs/internal/profile"
)

// ready DIR waits until the server that was started on the directory is ready, and sets HTTP, HTTPS and ADMIN to its URLs.
func ready(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 1, "ready DIR")
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		var a addresses
		raw, err := os.ReadFile(addressesPath(ts.MkAbs(args[0])))
		if err == nil && json.Unmarshal(raw, &a) == nil && answers(ctx, "http://"+a.Admin+"/readyz") {
			ts.Setenv("HTTP", "http://"+a.HTTP)
			ts.Setenv("HTTPS", "https://"+a.HTTPS)
			ts.Setenv("ADMIN", "http://"+a.Admin)
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			ts.Fatalf("the server was not ready within %s", readyTimeout)
		}
	}
}

// sigterm asks the servers in the background to stop; wait tells how they did.
func sigterm(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 0, "sigterm")
	for _, command := range ts.BackgroundCmds() {
		ts.Check(command.Process.Signal(syscall.SIGTERM))
	}
}

// httpRequest is: http STATUS METHOD URL ['Header: value'...] [BODY]. The answer's body goes to stdout. It trusts the CA of data/tls/ca.pem.
func httpRequest(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) >= 3, "http STATUS METHOD URL ['Header: value'...] [BODY]")
	var body string
	header := http.Header{}
	for _, arg := range args[3:] {
		if name, value, ok := strings.Cut(arg, ": "); ok && !strings.HasPrefix(arg, "{") {
			header.Set(name, value)
		} else {
			body = arg
		}
	}
	request, err := http.NewRequestWithContext(context.Background(), args[1], args[2], strings.NewReader(body))
	ts.Check(err)
	request.Header, request.Host = header, cmp.Or(header.Get("Host"), request.Host)
	ca := ts.MkAbs("data/tls/ca.pem")
	if request.URL.Scheme == "http" {
		ca = ""
	}
	exchange(ts, args[0], request, ca)
}

// call is a signed request, as an AWS client with the profile of a state directory sends it: call DIR STATUS SERVICE METHOD PATH [BODY].
// The answer's body goes to stdout.
func call(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && (len(args) == 5 || len(args) == 6), "call DIR STATUS SERVICE METHOD PATH [BODY]")
	dir, status, service, method, path := ts.MkAbs(args[0]), args[1], args[2], args[3], args[4]
	p, err := fleet.ReadProfile(filepath.Join(dir, "aws"), profile.Name)
	ts.Check(err)
	body := []byte(strings.Join(args[5:], ""))
	request, err := http.NewRequestWithContext(context.Background(), method, p.Endpoint+path, bytes.NewReader(body))
	ts.Check(err)
	hash := sha256.Sum256(body)
	key := aws.Credentials{AccessKeyID: p.Credentials.AccessKeyID, SecretAccessKey: p.Credentials.SecretAccessKey}
	ts.Check(v4.NewSigner().SignHTTP(context.Background(), key, request, hex.EncodeToString(hash[:]), service, p.Region, time.Now()))
	exchange(ts, status, request, p.CABundle)
}

// exchange sends a request and writes the body of the answer, which must have the status.
func exchange(ts *testscript.TestScript, status string, request *http.Request, ca string) {
	pool, err := readCA(ca)
	ts.Check(err)
	client := &http.Client{Timeout: readyTimeout, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool},
	}}
	response, err := client.Do(request)
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	_, err = fmt.Fprintf(ts.Stdout(), "%s\n", bytes.TrimSuffix(body, []byte("\n")))
	ts.Check(err)
	if got := strconv.Itoa(response.StatusCode); got != status {
		ts.Fatalf("%s %s: status %s, want %s: %s", request.Method, request.URL, got, status, body)
	}
}

// mode is: mode PERMISSIONS FILE...
func mode(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) >= 2, "mode PERMISSIONS FILE...")
	for _, file := range args[1:] {
		info, err := os.Stat(ts.MkAbs(file))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", file, got, args[0])
		}
	}
}

// capture sets a variable to what the parentheses of an expression match in a file: capture NAME EXPRESSION FILE.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 3, "capture NAME EXPRESSION FILE")
	expression, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	found := expression.FindStringSubmatch(ts.ReadFile(args[2]))
	if len(found) != 2 {
		ts.Fatalf("%s does not match %s", args[2], args[1])
	}
	ts.Setenv(args[0], found[1])
}

func want(ts *testscript.TestScript, good bool, usage string) {
	if !good {
		ts.Fatalf("usage: %s", usage)
	}
}
