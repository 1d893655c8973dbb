package sigv4_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/sigv4"
)

// What botocore 1.43.11 signs (AWS CLI, boto3) is accepted. The vectors are printed by testdata/vectors.py.
func TestVerifyAcceptsBotocore(t *testing.T) {
	v := &sigv4.Verifier{
		Region:               "eu-central-1",
		Services:             []string{"iot", "iot-jobs-data", "s3"},
		Now:                  func() time.Time { return time.Date(2026, 11, 24, 3, 51, 30, 0, time.UTC) },
		AllowUnsignedPayload: func(service string) bool { return service == "s3" },
	}
	for _, c := range botocoreVectors {
		t.Run(c.name, func(t *testing.T) {
			v.Lookup = func(_ context.Context, id, _ string) (sigv4.Secret, bool, error) {
				return sigv4.Secret{SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", SessionToken: c.token}, id == "AKIDBOTOCOREEXAMPLE", nil
			}
			lines := append([]string{c.method + " " + c.target + " HTTP/1.1", "Host: " + c.host}, c.header...)
			r := parse(t, strings.Join(lines, "\r\n")+"\r\n\r\n")
			got, err := v.Verify(r, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if got.AccessKeyID != "AKIDBOTOCOREEXAMPLE" || got.SignedAt != time.Date(2026, 11, 24, 3, 51, 7, 0, time.UTC) {
				t.Errorf("got %+v", got)
			}
			r.RequestURI = strings.Replace(r.RequestURI, "/", "/x", 1)
			_, err = v.Verify(r, []byte(c.body))
			wantMismatch(t, err)
		})
	}
}

const botocoreToken = "FwoGZXIvYXdzEBYaD//session/token+with=signs=="

var botocoreVectors = []struct {
	name, method, target, host string
	header                     []string
	body, token                string
}{
	{
		name: "GetPendingJobExecutions", method: "GET", target: "/things/pump%3A7/jobs", host: "127.0.0.1:8080",
		header: []string{
			"X-Amz-Date: 20261124T035107Z",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot-jobs-data/aws4_request, SignedHeaders=host;x-amz-date, Signature=b672b2b87871505ee86461f35feede6bbae66ea684c9b18c6d893c59651948b1",
		},
	},
	{
		name: "StartNextPendingJobExecution, literal $next", method: "PUT", target: "/things/pump-7/jobs/$next", host: "127.0.0.1:8080",
		header: []string{
			"Content-Type: application/json",
			"X-Amz-Date: 20261124T035107Z",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot-jobs-data/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=f246792edb6e82762350072cba4fc12d1356cb29db30dde9f72d581b0e8ca834",
		},
		body: "{\"statusDetails\":{\"step\":\"grüße\"}}",
	},
	{
		name: "DescribeJobExecution, escaped $next", method: "GET", target: "/things/pump-7/jobs/%24next?includeJobDocument=false&executionNumber=3", host: "127.0.0.1:8080",
		header: []string{
			"X-Amz-Date: 20261124T035107Z",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot-jobs-data/aws4_request, SignedHeaders=host;x-amz-date, Signature=df188bc9643f7f591ead20a490b07f5e7a8d1c31d45ed9d91260df3ce721a9e0",
		},
	},
	{
		name: "UpdateJobExecution, session token", method: "POST", target: "/things/pump-7/jobs/update-1", host: "127.0.0.1:8080",
		header: []string{
			"Content-Type: application/json",
			"User-Agent: Boto3/1.43",
			"X-Amzn-Trace-Id: Root=1-abc",
			"X-Amz-Date: 20261124T035107Z",
			"X-Amz-Security-Token: FwoGZXIvYXdzEBYaD//session/token+with=signs==",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot-jobs-data/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=16e50b60b4001c549eb6a9da94962656b93e92d322904154a4017dd19ccaa487",
		},
		body:  "{\"status\":\"SUCCEEDED\"}",
		token: botocoreToken,
	},
	{
		name: "AttachThingPrincipal", method: "PUT", target: "/things/pump-7/principals", host: "127.0.0.1:8080",
		header: []string{
			"x-amzn-principal: arn:aws:iot:eu-central-1:123456789012:cert/0a1b",
			"X-Amz-Date: 20261124T035107Z",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot/aws4_request, SignedHeaders=host;x-amz-date;x-amzn-principal, Signature=f4bfe516a828ab41008fec6cfb7cebdcb17ced9a9398ee3b2bc819c2648d7ae6",
		},
	},
	{
		name: "ListThings, odd query", method: "GET", target: "/things?attributeName=a%20b%2Bc&attributeValue=%C3%BC~&empty=&maxResults=10&attributeName=a-b", host: "127.0.0.1:8080",
		header: []string{
			"X-Amz-Date: 20261124T035107Z",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot/aws4_request, SignedHeaders=host;x-amz-date, Signature=1561982fff51ffae7aac36fa6a533f1545f4420091e702491cb148d9bcb48814",
		},
	},
	{
		name: "folded header", method: "GET", target: "/jobs", host: "127.0.0.1:8080",
		header: []string{
			"X-Custom:   a   b \t c  ",
			"X-Amz-Date: 20261124T035107Z",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot/aws4_request, SignedHeaders=host;x-amz-date;x-custom, Signature=ce063e0afda56fd867ea672e21316422c81b3784e4a957fe8384120ca673345f",
		},
	},
	{
		name: "Date header instead of X-Amz-Date", method: "GET", target: "/jobs", host: "127.0.0.1:8080",
		header: []string{
			"Date: Tue, 24 Nov 2026 03:51:07 -0000",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot/aws4_request, SignedHeaders=date;host, Signature=b5a29e2a000a5e4be58f087e5c197345a5b138372c16a22bd8efa64b335c520f",
		},
	},
	{
		name: "default port left out", method: "GET", target: "/jobs", host: "iot.example.test",
		header: []string{
			"X-Amz-Date: 20261124T035107Z",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/iot/aws4_request, SignedHeaders=host;x-amz-date, Signature=7309b7eb416cbf65e898b46f70e2fe4e4772dd40303f3604c7371bd106511c6e",
		},
	},
	{
		name: "presigned", method: "GET", target: "/things/pump%3A7/jobs?x=1%202&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDBOTOCOREEXAMPLE%2F20261124%2Feu-central-1%2Fiot-jobs-data%2Faws4_request&X-Amz-Date=20261124T035107Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=ad18db0c8c7eae7b51c6684d4cd48a93aa9b31e8a890b0a658187e03907e5a83", host: "127.0.0.1:8080",
	},
	{
		name: "presigned, session token", method: "GET", target: "/things/pump-7/jobs/%24next?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDBOTOCOREEXAMPLE%2F20261124%2Feu-central-1%2Fiot-jobs-data%2Faws4_request&X-Amz-Date=20261124T035107Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=FwoGZXIvYXdzEBYaD%2F%2Fsession%2Ftoken%2Bwith%3Dsigns%3D%3D&X-Amz-Signature=330e1d2a8616b813b393a1e1c045baeeafad69d5e3f42657e73eac423114559f", host: "127.0.0.1:8080",
		token: botocoreToken,
	},
	{
		name: "S3, single encoding", method: "GET", target: "/bucket/firmware%20v1%2B2.bin", host: "127.0.0.1:8080",
		header: []string{
			"X-Amz-Date: 20261124T035107Z",
			"X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBOTOCOREEXAMPLE/20261124/eu-central-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=1e10dfdf189fc9fd710c89c17e67925229c3a6afc95122aae83c487b542ab2fb",
		},
	},
	{
		name: "S3, presigned", method: "GET", target: "/bucket/firmware%20v1.bin?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDBOTOCOREEXAMPLE%2F20261124%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20261124T035107Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=FwoGZXIvYXdzEBYaD%2F%2Fsession%2Ftoken%2Bwith%3Dsigns%3D%3D&X-Amz-Signature=2ad7e26a6f859e14638610296d6b0f77141408c8019414ff26b2d1d20f626f80", host: "127.0.0.1:8080",
		token: botocoreToken,
	},
}
