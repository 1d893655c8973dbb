package fleet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Client sends signed requests. Set the fields before the first use; then it may be used concurrently.
type Client struct {
	// Endpoint is where the server listens, like http://127.0.0.1:8080.
	Endpoint    string
	Region      string
	Credentials Credentials
	// HTTP sends the requests; NewHTTPClient makes a fitting one.
	HTTP *http.Client
	// Now is the real clock: requests are signed with it and latency is measured with it.
	Now func() time.Time
	// Recorder is told of every attempt; nil if nobody wants to know.
	Recorder *Recorder
	// Attempts bounds how often one call is sent; 0 means 5. Before attempt n+1 the client waits up to Backoff × 2^(n-1), but not longer
	// than MaxBackoff; zero means 50 ms and 2 s.
	Attempts            int
	Backoff, MaxBackoff time.Duration
	// Jitter gives numbers in [0,1) that spread the waits over their second half; nil means that they are not spread. It is called
	// concurrently.
	Jitter func() float64

	signer *v4.Signer // keeps derived keys
}

// Credentials are an access key. SessionToken is empty for one that does not expire.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}

// Complete tells whether requests can be signed with them.
func (c Credentials) Complete() bool { return c.AccessKeyID != "" && c.SecretAccessKey != "" }

// maxAnswer bounds an answer's body.
const maxAnswer = 4 << 20

// NewClient checks the settings.
func NewClient(c Client) (*Client, error) {
	endpoint, err := url.Parse(c.Endpoint)
	switch {
	case err != nil:
		return nil, fmt.Errorf("endpoint: %w", err)
	case endpoint.Scheme != "http" && endpoint.Scheme != "https", endpoint.Host == "", strings.Trim(endpoint.Path, "/") != "", endpoint.RawQuery != "":
		return nil, fmt.Errorf("endpoint %q is not of the form http://HOST:PORT", c.Endpoint)
	case c.Region == "":
		return nil, errors.New("the region is missing")
	case !c.Credentials.Complete():
		return nil, errors.New("the access key is missing")
	case c.HTTP == nil || c.Now == nil:
		return nil, errors.New("the client needs HTTP and Now")
	}
	c.Endpoint = endpoint.Scheme + "://" + endpoint.Host
	c.Attempts = orDefault(c.Attempts, 5)
	c.Backoff = orDefault(c.Backoff, 50*time.Millisecond)
	c.MaxBackoff = orDefault(c.MaxBackoff, 2*time.Second)
	c.signer = v4.NewSigner()
	return &c, nil
}

func orDefault[T int | time.Duration](value, otherwise T) T {
	if value <= 0 {
		return otherwise
	}
	return value
}

// NewHTTPClient makes an HTTP client for a number of concurrent callers: each keeps its connection, nothing waits for ever, and
// redirects are not followed, since a signature holds for one address. With ca nil the system's authorities are trusted.
func NewHTTPClient(callers int, ca *x509.CertPool) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = callers
	transport.MaxIdleConnsPerHost = callers
	transport.MaxConnsPerHost = callers
	transport.ResponseHeaderTimeout = 10 * time.Second
	transport.DisableCompression = true
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: ca}
	return &http.Client{
		Transport:     transport,
		Timeout:       15 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// call is one request, before it is signed.
type call struct {
	operation    Operation
	method, path string // the path as it goes over the wire
	body         any    // nil: none
}

// send sends a call, again if that may help, and decodes the answer. A failure is an *Error, except for one of the caller: a context
// that ended, or a body that cannot be encoded.
func (c *Client) send(ctx context.Context, q call, answer any) error {
	var body []byte
	if q.body != nil {
		var err error
		if body, err = json.Marshal(q.body); err != nil {
			return fmt.Errorf("%s: %w", q.operation, err)
		}
	}
	unsure := false
	for attempt := 1; ; attempt++ {
		failure, err := c.attempt(ctx, q, body, answer)
		if err != nil || failure == nil {
			return err
		}
		c.Recorder.fail(failure)
		failure.Unsure = unsure
		if !failure.passing() || attempt >= c.Attempts {
			return failure
		}
		unsure = unsure || failure.MayHaveHappened()
		if err := pause(ctx, c.wait(attempt)); err != nil {
			return err
		}
		c.Recorder.retry()
	}
}

// attempt sends a call once. A failure is a call that was refused or not answered; err is anything else.
func (c *Client) attempt(ctx context.Context, q call, body []byte, answer any) (failure *Error, err error) {
	request, err := c.signed(ctx, q, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.operation, err)
	}
	start := c.Now()
	status, header, content, err := c.exchange(request)
	took := c.Now().Sub(start)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return &Error{Operation: q.operation, Type: NoAnswer, Message: err.Error(), cause: err}, nil
	}
	c.Recorder.answer(q.operation, took)
	if status != http.StatusOK {
		return refusal(q.operation, status, header, content), nil
	}
	if err := json.Unmarshal(content, answer); err != nil {
		return &Error{Operation: q.operation, Status: status, Type: "UnreadableAnswer", Message: err.Error(), RequestID: header.Get(requestIDHeader), cause: err}, nil
	}
	return nil, nil
}

func (c *Client) exchange(request *http.Request) (status int, header http.Header, content []byte, err error) {
	response, err := c.HTTP.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer response.Body.Close()
	content, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(content) > maxAnswer {
		err = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return response.StatusCode, response.Header, content, err
}

func (c *Client) signed(ctx context.Context, q call, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, q.method, c.Endpoint+q.path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "iotjobs-fleet")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	hash := sha256.Sum256(body)
	credentials := aws.Credentials{
		AccessKeyID: c.Credentials.AccessKeyID, SecretAccessKey: c.Credentials.SecretAccessKey, SessionToken: c.Credentials.SessionToken,
	}
	return request, c.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), q.operation.scope(), c.Region, c.Now())
}

const requestIDHeader = "X-Amzn-Requestid"

// refusal reads the server's error as AWS clients do: its type from the header, else from the body; both may be longer than the name.
func refusal(o Operation, status int, header http.Header, content []byte) *Error {
	var body struct {
		Message        string          `json:"message"`
		Kind           string          `json:"__type"`
		ExecutionState *ExecutionState `json:"executionState"`
	}
	_ = json.Unmarshal(content, &body) // an answer in another form leaves the members empty
	kind := header.Get("X-Amzn-Errortype")
	if kind == "" {
		kind = body.Kind[strings.LastIndexByte(body.Kind, '#')+1:]
	}
	kind, _, _ = strings.Cut(kind, ":")
	if kind == "" {
		kind = fmt.Sprintf("HTTP%d", status)
	}
	return &Error{Operation: o, Status: status, Type: kind, Message: body.Message, RequestID: header.Get(requestIDHeader), State: body.ExecutionState}
}

// wait is how long to wait after a failed attempt: twice as long each time, spread so that callers that failed together come back apart.
func (c *Client) wait(attempt int) time.Duration {
	longest := c.MaxBackoff
	if attempt < 32 {
		longest = min(longest, c.Backoff<<(attempt-1))
	}
	if c.Jitter == nil {
		return longest
	}
	return longest/2 + time.Duration(c.Jitter()*float64(longest/2))
}

// pause waits, or returns the cause for which ctx ended.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 && ctx.Err() == nil {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// escaped is a path parameter as AWS clients write it: everything but letters, digits and -_.~ is escaped.
func escaped[T ~string](parameter T) string {
	return strings.ReplaceAll(url.QueryEscape(string(parameter)), "+", "%20")
}
