package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// curler is a device that has only a certificate, and calls with curl.
type curler struct {
	t         *testing.T
	server    *server
	cert, key string // files
}

// call demands the status and the error type, which is empty for success, and returns the body.
func (c curler) call(request, body string, status int, errorType string) string {
	c.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	arguments := []string{
		"--silent", "--show-error", "--cacert", filepath.Join(c.server.dir, "tls", "ca.pem"), "--request", method,
		"--write-out", "\n%{http_code} %header{x-amzn-errortype}",
	}
	if c.cert != "" {
		arguments = append(arguments, "--cert", c.cert, "--key", c.key)
	}
	if body != "" {
		arguments = append(arguments, "--data", body)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), callTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "curl", append(arguments, "https://"+c.server.addresses.HTTPS+path)...)
	command.Env = clientEnvironment()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		c.t.Fatalf("curl %s: %v: %s", request, err, &stderr)
	}
	text := strings.TrimRight(string(out), " \n")
	cut := strings.LastIndexByte(text, '\n')
	if got, want := strings.TrimSpace(text[cut+1:]), strings.TrimSpace(fmt.Sprint(status, " ", errorType)); got != want {
		c.t.Fatalf("curl %s: got %s, want %s: %s", request, got, want, text[:cut])
	}
	return strings.TrimSpace(text[:cut])
}

// mustAnswer demands an answer that has members.
func (c curler) mustAnswer(request, body string, want any) {
	c.t.Helper()
	text := c.call(request, body, http.StatusOK, "")
	var got map[string]any
	if err := decode([]byte(text), &got); err != nil {
		c.t.Fatal(err)
	}
	if faults := match("", want, got); len(faults) > 0 {
		c.t.Errorf("curl %s:\n  %s", request, strings.Join(faults, "\n  "))
	}
}

// openConnection is a connection of a device that stays open: openssl holds it, whatever is sent over it.
type openConnection struct {
	stdin  io.WriteCloser
	stdout *bufio.Reader
	ended  chan struct{}
}

func (c curler) open() *openConnection {
	c.t.Helper()
	command := exec.CommandContext(context.WithoutCancel(c.t.Context()), "openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile",
		filepath.Join(c.server.dir, "tls", "ca.pem"), "-cert", c.cert, "-key", c.key, "-connect", c.server.addresses.HTTPS)
	command.Env = clientEnvironment()
	stdin, err := command.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	stdout, writer := io.Pipe()
	command.Stdout = writer
	if err := command.Start(); err != nil {
		c.t.Fatal(err)
	}
	o := &openConnection{stdin: stdin, stdout: bufio.NewReader(stdout), ended: make(chan struct{})}
	go func() {
		_ = command.Wait() // how it ends is its own affair: it was killed, or the server closed the connection
		_ = writer.Close() // never fails
		close(o.ended)
	}()
	c.t.Cleanup(func() {
		_ = stdin.Close()
		_ = stdout.Close()
		_ = command.Process.Kill() // it may have ended
		<-o.ended
	})
	return o
}

// get returns the status of the answer.
func (o *openConnection) get(t *testing.T, path string) int {
	t.Helper()
	if _, err := fmt.Fprintf(o.stdin, "GET %s HTTP/1.1\r\nHost: iotjobs\r\n\r\n", path); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(o.stdout, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

// mustEnd waits until the server has closed the connection.
func (o *openConnection) mustEnd(t *testing.T) {
	t.Helper()
	rest := make(chan error, 1)
	go func() {
		_, err := o.stdout.ReadByte()
		rest <- err
	}()
	select {
	case err := <-rest:
		if !errors.Is(err, io.EOF) {
			t.Errorf("after the last answer: %v, want the end", err)
		}
	case <-time.After(callTimeout):
		t.Error("the connection is still open")
	}
}

// TestMutualTLS is the life of a device that has only a certificate, as somebody plays it in a shell: keys, policy, attachment, jobs; then it is
// revoked, and neither its next call nor its open connection goes on.
func TestMutualTLS(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	sh := shell{s}
	lamp := curler{t, s, filepath.Join(s.dir, "lamp.pem"), filepath.Join(s.dir, "lamp.key")}

	sh.aws(t, `aws iot create-thing --thing-name lamp`, Members{})
	sh.aws(t, `aws iot create-thing --thing-name door`, Members{})
	made := strings.Fields(sh.run(t, `aws iot create-keys-and-certificate --set-as-active --certificate-pem-outfile `+lamp.cert+
		` --private-key-outfile `+lamp.key+` --query '[certificateId,certificateArn]' --output text`))
	if len(made) != 2 {
		t.Fatalf("create-keys-and-certificate printed %q", made)
	}
	id, arn := made[0], made[1]
	lamp.call("GET /things/lamp/jobs", "", 403, "AccessDeniedException") // no policy yet
	document := filepath.Join(s.dir, "policy.json")
	if err := os.WriteFile(document, []byte(ownThing), 0o600); err != nil {
		t.Fatal(err)
	}
	sh.aws(t, `aws iot create-policy --policy-name own-thing --policy-document file://`+document, Members{"policyVersionId": "1"})
	sh.aws(t, `aws iot attach-policy --policy-name own-thing --target `+arn, exactly{})
	lamp.call("GET /things/lamp/jobs", "", 403, "AccessDeniedException") // the thing is not the certificate's
	sh.aws(t, `aws iot attach-thing-principal --thing-name lamp --principal `+arn, exactly{})
	sh.aws(t, `aws iot create-job --job-id update --targets `+thingARN("lamp")+` --document '{"version":"2.4.1"}'`, Members{})

	lamp.mustAnswer("GET /things/lamp/jobs", "", exactly{"inProgressJobs": List{}, "queuedJobs": List{Members{"jobId": "update"}}})
	lamp.mustAnswer("PUT /things/lamp/jobs/$next", "{}", Members{"execution": Members{"jobId": "update", "status": "IN_PROGRESS"}})
	lamp.mustAnswer("GET /things/lamp/jobs/update?includeJobDocument=true", "", Members{"execution": Members{"jobDocument": `{"version":"2.4.1"}`}})
	lamp.mustAnswer("POST /things/lamp/jobs/update", `{"status":"SUCCEEDED"}`, Members{})

	// Another thing is none of its business, and the operator finds the reason.
	denied := lamp.call("GET /things/door/jobs", "", 403, "AccessDeniedException")
	if !strings.Contains(denied, "cert/"+id) || !strings.Contains(denied, "iotjobsdata:GetPendingJobExecutions") || !strings.Contains(denied, thingARN("door")) {
		t.Errorf("the denial says %s", denied)
	}
	for thing, want := range map[string]string{"lamp": `allowed by Statement[0] (Sid "own") of policy "own-thing"`, "door": "no statement allows it"} {
		got := s.operator(t, "explain", "--principal", arn, "--action", "iotjobsdata:GetPendingJobExecutions", "--resource", thingARN(thing))
		if !strings.Contains(got, want) {
			t.Errorf("explain for %s says %q, want %q in it", thing, got, want)
		}
	}

	connection := lamp.open()
	if status := connection.get(t, "/things/lamp/jobs"); status != http.StatusOK {
		t.Fatalf("over the open connection: %d", status)
	}
	sh.aws(t, `aws iot update-certificate --certificate-id `+id+` --new-status REVOKED`, exactly{})
	connection.mustEnd(t)
	if text := lamp.call("GET /things/lamp/jobs", "", 403, "ForbiddenException"); !strings.Contains(text, "is REVOKED, not ACTIVE") {
		t.Errorf("the revoked certificate reads %s", text)
	}
	curler{t, s, "", ""}.call("GET /things/lamp/jobs", "", 403, "MissingAuthenticationTokenException")
}

// operator runs a command of the operator on the server's directory.
func (s *server) operator(t *testing.T, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, binary, append(arguments, "--data", s.dir)...)
	command.Env = withoutOurs(os.Environ())
	out, err := command.CombinedOutput()
	if err != nil {
		t.Logf("%v: %v", arguments, err) // explain of a denied call may end so
	}
	return string(out)
}

// openssl makes what an operator's own PKI would, in a folder.
func openssl(t *testing.T, dir string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "openssl", arguments...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v: %s", strings.Join(arguments, " "), err, out)
	}
}

// TestOwnPKI has a site with certificates of its own, made with openssl: the server shows its server certificate and signs devices with its CA, its
// makers' CA is registered with a verification certificate, and a device of it connects by itself.
func TestOwnPKI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority := func(name string) {
		openssl(t, dir, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN="+name,
			"-keyout", name+".key", "-out", name+".pem", "-addext", "keyUsage=critical,keyCertSign")
	}
	signed := func(by, name, subject, extensions string) {
		openssl(t, dir, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN="+subject, "-keyout", name+".key", "-out", name+".csr")
		if err := os.WriteFile(filepath.Join(dir, name+".ext"), []byte(extensions), 0o600); err != nil {
			t.Fatal(err)
		}
		openssl(t, dir, "x509", "-req", "-in", name+".csr", "-CA", by+".pem", "-CAkey", by+".key", "-CAcreateserial", "-days", "7",
			"-out", name+".pem", "-extfile", name+".ext")
	}
	authority("site")
	authority("makers")
	signed("site", "server", "jobs", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
	file := func(name string) string { return filepath.Join(dir, name) }
	s := startServer(t, "--tls-cert", file("server.pem"), "--tls-key", file("server.key"), "--ca-cert", file("site.pem"), "--ca-key", file("site.key"))
	sh := shell{s}
	if trusted, err := os.ReadFile(filepath.Join(s.dir, "tls", "ca.pem")); err != nil || !bytes.Equal(bytes.TrimSpace(trusted), bytes.TrimSpace(read(t, file("site.pem")))) {
		t.Errorf("tls/ca.pem is not the site's root: %v", err)
	}

	sh.aws(t, `aws iot create-thing --thing-name lamp`, Members{})
	sh.aws(t, `aws iot create-policy --policy-name all --policy-document '`+allowEverything+`'`, Members{})
	lamp := curler{t, s, file("lamp.pem"), file("lamp.key")}
	arn := strings.TrimSpace(sh.run(t, `aws iot create-keys-and-certificate --set-as-active --certificate-pem-outfile `+lamp.cert+
		` --private-key-outfile `+lamp.key+` --query certificateArn --output text`))
	sh.aws(t, `aws iot attach-policy --policy-name all --target `+arn, exactly{})
	lamp.mustAnswer("GET /things/lamp/jobs", "", exactly{"inProgressJobs": List{}, "queuedJobs": List{}})
	openssl(t, dir, "verify", "-CAfile", "site.pem", "lamp.pem")

	openssl(t, dir, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=window", "-keyout", "window.key", "-out", "window.csr")
	sh.run(t, `aws iot create-certificate-from-csr --certificate-signing-request file://`+file("window.csr")+` --set-as-active --certificate-pem-outfile `+file("window.pem"))
	openssl(t, dir, "verify", "-CAfile", "site.pem", "window.pem")
	window := curler{t, s, file("window.pem"), file("window.key")}
	window.call("GET /things/lamp/jobs", "", 403, "AccessDeniedException") // known and ACTIVE, and no policy

	code := strings.TrimSpace(sh.run(t, `aws iot get-registration-code --query registrationCode --output text`))
	signed("makers", "verification", code, "")
	sh.aws(t, `aws iot register-ca-certificate --ca-certificate file://`+file("makers.pem")+` --verification-certificate file://`+file("verification.pem")+
		` --set-as-active --allow-auto-registration`, Members{"certificateId": some})
	signed("makers", "door", "door", "extendedKeyUsage=clientAuth\n")
	door := curler{t, s, file("door.pem"), file("door.key")}
	if text := door.call("GET /things/lamp/jobs", "", 403, "ForbiddenException"); !strings.Contains(text, "PENDING_ACTIVATION") {
		t.Errorf("at its first call the device reads %s", text)
	}
	id := idOf(string(read(t, door.cert)))
	sh.aws(t, `aws iot update-certificate --certificate-id `+id+` --new-status ACTIVE`, exactly{})
	sh.aws(t, `aws iot attach-policy --policy-name all --target `+certARN(id), exactly{})
	door.mustAnswer("GET /things/lamp/jobs", "", Members{})
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
