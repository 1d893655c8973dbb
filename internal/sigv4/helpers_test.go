package sigv4_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iotjobs/internal/sigv4"
)

const (
	region   = "eu-central-1"
	device   = "iot-jobs-data"
	longTerm = "AKIDLONGTERMEXAMPLE"
	session  = "ASIASESSIONEXAMPLE"
	token    = "FwoGZXIvYXdzEBYaD//session/token+with=signs=="
	secret   = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

// now is the same for clients and verifier, unless a test says otherwise. The fraction shows that only whole seconds count.
var now = time.Date(2026, 11, 24, 3, 51, 7, 987_654_321, time.UTC)

// newVerifier knows one long-term key and one of a session.
func newVerifier() *sigv4.Verifier {
	return &sigv4.Verifier{
		Region:   region,
		Services: []string{"iot", device, "s3", "iotdevicegateway"},
		Now:      func() time.Time { return now },
		Lookup: func(_ context.Context, id, _ string) (sigv4.Secret, bool, error) {
			switch id {
			case longTerm:
				return sigv4.Secret{SecretAccessKey: secret}, true, nil
			case session:
				return sigv4.Secret{SecretAccessKey: secret, SessionToken: token, ExpiresAt: now.Add(time.Hour)}, true, nil
			default:
				return sigv4.Secret{}, false, nil
			}
		},
	}
}

// order is a request that a client is about to sign.
type order struct {
	method  string // empty = GET
	url     string // without scheme and host
	header  http.Header
	body    string
	service string // empty = iot-jobs-data
	id      string // empty = longTerm
	secret  string // empty = secret
	token   string
	at      time.Time     // zero = now
	expires time.Duration // zero = the header form
	hash    string        // empty = that of the body
	region  string        // empty = region
	signer  func(*v4.SignerOptions)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// signed is the order signed by the AWS SDK for Go, sent, and received by net/http.
func (o order) signed(tb testing.TB) *http.Request {
	tb.Helper()
	// The body type makes http.NewRequest set the length.
	r, err := http.NewRequestWithContext(tb.Context(), or(o.method, "GET"), "http://127.0.0.1:8080"+o.url, strings.NewReader(o.body))
	if err != nil {
		tb.Fatal(err)
	}
	maps.Copy(r.Header, o.header)
	at := o.at
	if at.IsZero() {
		at = now
	}
	hash := o.hash
	if hash == "" {
		hash = hashOf(o.body)
	}
	options := func(*v4.SignerOptions) {}
	if o.signer != nil {
		options = o.signer
	}
	credentials := aws.Credentials{AccessKeyID: or(o.id, longTerm), SecretAccessKey: or(o.secret, secret), SessionToken: o.token}
	if o.expires == 0 {
		err = v4.NewSigner().SignHTTP(tb.Context(), credentials, r, hash, or(o.service, device), or(o.region, region), at, options)
		if err != nil {
			tb.Fatal(err)
		}
		return receive(tb, r)
	}
	if o.expires > 0 { // negative: presigned without X-Amz-Expires
		query := r.URL.Query()
		query.Set("X-Amz-Expires", strconv.Itoa(int(o.expires/time.Second)))
		r.URL.RawQuery = query.Encode()
	}
	url, header, err := v4.NewSigner().PresignHTTP(tb.Context(), credentials, r, hash, or(o.service, device), or(o.region, region), at, options)
	if err != nil {
		tb.Fatal(err)
	}
	presigned, err := http.NewRequestWithContext(tb.Context(), r.Method, url, strings.NewReader(o.body))
	if err != nil {
		tb.Fatal(err)
	}
	presigned.Header = header
	return receive(tb, presigned)
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// receive sends the client's request over the wire format and reads it as a server does.
func receive(tb testing.TB, client *http.Request) *http.Request {
	tb.Helper()
	var wire bytes.Buffer
	if err := client.Write(&wire); err != nil {
		tb.Fatal(err)
	}
	return parse(tb, wire.String())
}

func parse(tb testing.TB, wire string) *http.Request {
	tb.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		tb.Fatal(err)
	}
	return r.WithContext(tb.Context())
}

// wantRefusal fails unless err is a refusal of exactly this kind.
func wantRefusal(tb testing.TB, err error, status int, kind, message string) {
	tb.Helper()
	var got *sigv4.Error
	if !errors.As(err, &got) {
		tb.Fatalf("got error %v, want %s", err, kind)
	}
	if got.Type != kind || got.Status != status {
		tb.Errorf("got %d %s (%s), want %d %s", got.Status, got.Type, got.Message, status, kind)
	}
	if got.Message != message {
		tb.Errorf("message\n got %q\nwant %q", got.Message, message)
	}
}
