package hostile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// request is a request that is signed as it should be, whatever it says.
type request struct {
	scope, method, path, body string
	chunked                   bool        // the body comes without its length
	header                    http.Header // more headers, not signed
}

func (r request) String() string {
	return fmt.Sprintf("%s %s %s %s", r.scope, r.method, clip(r.path), clip(r.body))
}

func clip(text string) string {
	if len(text) > 80 {
		return fmt.Sprintf("%q… (%d bytes)", text[:80], len(text))
	}
	return fmt.Sprintf("%q", text)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// client follows no redirect: a signature holds for one address.
var client = &http.Client{
	Timeout:       limit,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (s *server) send(ctx context.Context, r request) (answer, error) {
	q, err := s.signed(ctx, r)
	if err != nil {
		return answer{}, err
	}
	response, err := client.Do(q)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, body}, err
}

func (s *server) signed(ctx context.Context, r request) (*http.Request, error) {
	q, err := http.NewRequestWithContext(ctx, r.method, "http://"+s.HTTP+r.path, strings.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	if r.chunked {
		q.ContentLength = -1
	}
	hash := sha256.Sum256([]byte(r.body))
	key := aws.Credentials{AccessKeyID: s.profile.Credentials.AccessKeyID, SecretAccessKey: s.profile.Credentials.SecretAccessKey}
	if err := v4.NewSigner().SignHTTP(ctx, key, q, hex.EncodeToString(hash[:]), r.scope, s.profile.Region, time.Now()); err != nil {
		return nil, err
	}
	maps.Copy(q.Header, r.header)
	return q, nil
}

// raw is a signed request as bytes, for those who send it in their own way.
func (s *server) raw(t *testing.T, r request) []byte {
	t.Helper()
	q, err := s.signed(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := q.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// refused demands an answer of the given status and type, as AWS clients read it.
func refused(t *testing.T, a answer, status int, exception string) {
	t.Helper()
	if a.status != status || a.header.Get("X-Amzn-Errortype") != exception {
		t.Errorf("got %d %s %s, want %d %s", a.status, a.header.Get("X-Amzn-Errortype"), clip(string(a.body)), status, exception)
	}
	awsShaped(t, a)
}

var (
	exceptionName = regexp.MustCompile(`^[A-Z][A-Za-z]+Exception$`)
	requestID     = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// awsShaped demands what every AWS client needs of a refusal: a type, a request id, and a message that names neither a file nor a line.
func awsShaped(t *testing.T, a answer) {
	t.Helper()
	var document struct{ Message string }
	err := json.Unmarshal(a.body, &document)
	if a.status < 400 || a.status > 499 || !exceptionName.MatchString(a.header.Get("X-Amzn-Errortype")) || !requestID.MatchString(a.header.Get("X-Amzn-Requestid")) ||
		a.header.Get("Content-Type") != "application/json" || err != nil || document.Message == "" || strings.Contains(document.Message, ".go:") {
		t.Errorf("no refusal that an AWS client understands: %d %v %s", a.status, a.header, clip(string(a.body)))
	}
	if len(a.body) > 16<<10 {
		t.Errorf("a refusal of %d bytes: it repeats what was sent", len(a.body))
	}
}

// state is what the API shows of everything the tests attack.
func (s *server) state(ctx context.Context) (string, error) {
	var all strings.Builder
	for _, read := range []string{
		"iot/things", "iot/things/lamp", "iot/jobs", "iot/jobs/blink", "iot/jobs/dim", "iot/jobs/blink/things", "iot/jobs/dim/things", "iot/things/lamp/jobs",
		"iot/things/lamp/jobs/blink", "iot/things/lamp/jobs/dim", "iot-jobs-data/things/lamp/jobs", "iot-jobs-data/things/lamp/jobs/blink",
		"iot-jobs-data/things/lamp/jobs/dim", "iot-jobs-data/things/lamp/jobs/$next",
	} {
		scope, path, _ := strings.Cut(read, "/")
		a, err := s.send(ctx, request{scope: scope, method: "GET", path: "/" + path})
		if err != nil || a.status != http.StatusOK {
			return "", fmt.Errorf("a normal call fails: %s: %d %s, %w", read, a.status, a.body, err)
		}
		fmt.Fprintf(&all, "%s: %s\n", read, a.body)
	}
	return all.String(), nil
}

// unchanged demands that a test leaves everything as it was, and that normal calls are answered when it is over.
func unchanged(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		now, err := under.state(context.WithoutCancel(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		if now != under.before {
			t.Errorf("something has changed; before:\n%snow:\n%s", under.before, now)
		}
	})
}
