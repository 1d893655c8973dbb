package conformance_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mayTakeOnCamera is the policy of a certificate, roleForOwnThing that of the role: whoever takes it on acts for its own thing.
const (
	mayTakeOnCamera = `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "iot:AssumeRoleWithCertificate", "Resource": "arn:aws:iot:` + region + `:` + account + `:rolealias/camera"}]}`
	roleForOwnThing = `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "iotjobsdata:*", "Resource": "arn:aws:iot:*:*:thing/${credentials-iot:ThingName}"}]}`
)

// onlyCertificate is a device that has nothing but its certificate, and a shell with curl.
type onlyCertificate struct {
	server          *server
	certificate, id string // a PEM file, and the certificate's id
	key             string
}

// curl asks the credential provider as AWS's guide does.
func (d onlyCertificate) curl(alias, thing string) (status, body string) {
	t := d.server.t
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	arguments := []string{"--silent", "--show-error", "--cert", d.certificate, "--key", d.key, "--cacert", filepath.Join(d.server.dir, "tls", "ca.pem"), "--write-out", "\n%{http_code}"}
	if thing != "" {
		arguments = append(arguments, "--header", "x-amzn-iot-thingname: "+thing)
	}
	command := exec.CommandContext(ctx, "curl", append(arguments, "https://"+d.server.addresses.HTTPS+"/role-aliases/"+alias+"/credentials")...)
	command.Env = clientEnvironment()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("curl: %v: %s", err, &stderr)
	}
	text := string(out)
	cut := strings.LastIndexByte(text, '\n')
	return text[cut+1:], text[:cut]
}

// credentials demands what AWS answers.
func (d onlyCertificate) credentials(alias, thing string) credentials {
	t := d.server.t
	t.Helper()
	status, body := d.curl(alias, thing)
	var got map[string]any
	if err := decode([]byte(body), &got); status != "200" || err != nil {
		t.Fatalf("credentials: %s %s %v", status, body, err)
	}
	faults := match("", exactly{"credentials": exactly{
		"accessKeyId": textLike(`ASIA[A-Z2-7]{16}`), "secretAccessKey": textLike(`\S{40}`), "sessionToken": textLike(`[A-Za-z0-9+/]+={0,2}`),
		"expiration": textLike(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`),
	}}, got)
	if len(faults) > 0 {
		t.Fatalf("credentials: %s", strings.Join(faults, "\n"))
	}
	text := func(name string) string { return at(got, "credentials."+name).(string) }
	return credentials{AccessKeyID: text("accessKeyId"), SecretAccessKey: text("secretAccessKey"), SessionToken: text("sessionToken")}
}

// provisioned makes a thing, its certificate, and all that the certificate needs to take a role on, with the AWS CLI.
func provisioned(t *testing.T, sh shell) onlyCertificate {
	t.Helper()
	s := sh.server
	file := func(name, content string) string {
		t.Helper()
		path := filepath.Join(s.dir, name)
		if content == "" {
			return path
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	d := onlyCertificate{server: s, certificate: file("device.pem", ""), key: file("device.key", "")}
	sh.aws(t, `aws iot create-thing --thing-name lamp`, Members{"thingArn": thingARN("lamp")})
	sh.aws(t, `aws iot create-thing --thing-name door`, Members{"thingArn": thingARN("door")})
	sh.aws(t, `aws iot create-keys-and-certificate --set-as-active --certificate-pem-outfile `+d.certificate+` --private-key-outfile `+d.key,
		Members{"certificateArn": check("be the ARN of a certificate", func(got any) bool {
			arn, _ := got.(string)
			_, d.id, _ = strings.Cut(arn, ":cert/")
			return len(d.id) == 64
		})})
	arn := "arn:aws:iot:" + region + ":" + account + ":cert/" + d.id
	sh.aws(t, `aws iot attach-thing-principal --thing-name lamp --principal `+arn, exactly{})
	s.runs("roles", "create", "camera-role")
	s.runs("roles", "put-policy", "camera-role", "--policy-name", "jobs", "--file", file("role.json", roleForOwnThing))
	sh.aws(t, `aws iot create-role-alias --role-alias camera --role-arn `+roleARN("camera-role"), exactly{"roleAlias": "camera", "roleAliasArn": cameraARN})
	sh.aws(t, `aws iot create-policy --policy-name take-on --policy-document file://`+file("take-on.json", mayTakeOnCamera), Members{"policyName": "take-on"})
	sh.aws(t, `aws iot attach-policy --policy-name take-on --target `+arn, exactly{})
	return d
}

// TestCredentialProvider: a device with only a certificate gets temporary credentials with curl, every AWS client works with them, and none does any
// more when the certificate is revoked.
func TestCredentialProvider(t *testing.T) {
	t.Parallel()
	sh := shell{startServer(t)}
	device := provisioned(t, sh)
	given := device.credentials("camera", "lamp")
	calls := func(thing string, want *refusal) {
		t.Helper()
		for _, by := range clients {
			ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
			got, err := by.play(ctx, call{
				Service: "iot-jobs-data", Operation: "GetPendingJobExecutions", Input: Members{"thingName": thing}, Endpoint: "http://" + sh.server.addresses.HTTP,
				Region: region, Credentials: given, Attempts: 1,
			})
			cancel()
			switch {
			case err != nil:
				t.Errorf("%s: %v", by.name(), err)
			case want == nil && got.Error != nil:
				t.Errorf("%s: refused: %+v", by.name(), got.Error)
			case want == nil:
				if faults := match("", exactly{"inProgressJobs": List{}, "queuedJobs": List{}}, got.Output); len(faults) > 0 {
					t.Errorf("%s: %s", by.name(), strings.Join(faults, "\n"))
				}
			case got.Error == nil || got.Error.Type != want.Type || got.Error.Message != want.Message:
				t.Errorf("%s: got %+v, must be refused with %+v", by.name(), got.Error, want)
			}
		}
	}
	calls("lamp", nil)
	calls("door", &refusal{Type: "AccessDeniedException", Message: fmt.Sprintf(
		"User: arn:aws:sts::%s:assumed-role/camera-role/%s is not authorized to perform: iotjobsdata:GetPendingJobExecutions on resource: %s", account, device.id, thingARN("door"))})
	sh.aws(t, `AWS_ACCESS_KEY_ID=`+given.AccessKeyID+` AWS_SECRET_ACCESS_KEY=`+given.SecretAccessKey+` AWS_SESSION_TOKEN=`+given.SessionToken+
		` AWS_REGION=`+region+` aws sts get-caller-identity`,
		Members{"Account": account, "Arn": "arn:aws:sts::" + account + ":assumed-role/camera-role/" + device.id})

	for _, c := range []struct{ alias, thing, status, body string }{
		{"camera", "door", "403", `{"message":"Invalid thing name passed"}`},
		{"camera", "nothing", "403", `{"message":"Invalid thing name passed"}`},
		{"other", "lamp", "403", `{"message":"Access Denied"}`},
	} {
		if status, body := device.curl(c.alias, c.thing); status != c.status || body != c.body {
			t.Errorf("alias %s, thing %s: %s %s, want %s %s", c.alias, c.thing, status, body, c.status, c.body)
		}
	}

	sh.aws(t, `aws iot update-certificate --certificate-id `+device.id+` --new-status REVOKED`, exactly{})
	calls("lamp", &refusal{Type: "UnrecognizedClientException", Message: "The security token included in the request is invalid."})
	if status, body := device.curl("camera", "lamp"); status != "403" {
		t.Errorf("a revoked certificate: %s %s", status, body)
	}
}
