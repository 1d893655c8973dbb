package hostile

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Paths that some server would clean up, and then serve another resource than the one that was signed for.
func TestUncleanPaths(t *testing.T) {
	unchanged(t)
	for _, path := range []string{
		"//things/lamp", "/things//lamp", "/things/lamp//jobs", "/things/lamp/jobs//", "///", "/./things/lamp", "/things/./lamp", "/things/lamp/.",
		"/things/../things/lamp", "/things/lamp/..", "/../things/lamp", "/..", "/things/%2e%2e/things/lamp", "/things/%2E%2e/things/lamp", "/things/.%2e/things/lamp",
		"/things/%2e/lamp", "/things/lamp/%2e%2e", "/%2e%2e/%2e%2e/etc/passwd", "/things/a%2f%2e%2e%2flamp", "/things/%2F%2Flamp", "/things/lamp%2F..",
	} {
		for _, method := range []string{"GET", "DELETE"} {
			t.Run(method+" "+path, func(t *testing.T) {
				refused(t, plain(t, request{scope: "iot", method: method, path: path}), http.StatusBadRequest, "InvalidRequestException")
			})
		}
	}
}

// plain sends a signed request as it is: Go's client would not send every path.
func plain(t *testing.T, r request) answer {
	t.Helper()
	// Signed for a path that can be written, which is as good as any: nothing is served here.
	raw := string(under.raw(t, request{scope: r.scope, method: r.method, path: "/signed"}))
	conn := dial(t)
	if _, err := io.WriteString(conn, strings.Replace(raw, " /signed ", " "+r.path+" ", 1)); err != nil {
		t.Fatal(err)
	}
	a, err := readAnswer(bufio.NewReader(conn))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Names are literal: an escaped slash is part of a name, not a border between two, and what no name may have is refused.
func TestOddNames(t *testing.T) {
	unchanged(t)
	for _, name := range []string{
		"lamp/jobs", "lamp/jobs/blink", "x\ntime=now level=ERROR msg=forged", "/", "a b", "a\x00", "lamp\n", "a\r\nX-Injected: 1", "\x1b[31m", "\u202e", "lämp", "ｌａｍｐ", "\xff\xfe", "*", "+", "#", "$next", "%6camp", "lamp?x=1", "lamp;x",
		"${iot:ClientId}", "'; DROP TABLE things; --", "../../etc/passwd x", "<script>alert(1)</script>", strings.Repeat("x", 129), strings.Repeat("ä", 128), ".lamp", "lamp.",
	} {
		escaped := strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
		for _, r := range []request{
			{scope: "iot", method: "GET", path: "/things/" + escaped},
			{scope: "iot", method: "POST", path: "/things/" + escaped, body: "{}"},
			{scope: "iot", method: "DELETE", path: "/things/" + escaped},
			{scope: "iot", method: "GET", path: "/things/" + escaped + "/jobs"},
			{scope: "iot-jobs-data", method: "GET", path: "/things/" + escaped + "/jobs"},
			{scope: "iot-jobs-data", method: "PUT", path: "/things/" + escaped + "/jobs/$next", body: "{}"},
			{scope: "iot-jobs-data", method: "POST", path: "/things/" + escaped + "/jobs/blink", body: `{"status":"SUCCEEDED"}`},
			{scope: "iot", method: "PUT", path: "/jobs/" + escaped, body: `{"targets":["arn:aws:iot:us-east-1:123456789012:thing/lamp"],"document":"{}"}`},
			{scope: "iot", method: "PUT", path: "/jobs/" + escaped + "/cancel", body: `{}`},
			{scope: "iot", method: "DELETE", path: "/jobs/" + escaped},
		} {
			t.Run(r.method+" "+clip(r.path), func(t *testing.T) {
				a, err := under.send(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				refused(t, a, http.StatusBadRequest, "InvalidRequestException")
			})
		}
	}
}

// Query members are checked as those of bodies are.
func TestOddQueries(t *testing.T) {
	unchanged(t)
	for _, path := range []string{
		"/things?maxResults=0", "/things?maxResults=-1", "/things?maxResults=251", "/things?maxResults=ten", "/things?maxResults=99999999999999999999", "/things?maxResults=1e2",
		"/things?nextToken=garbage", "/things?nextToken=%00", "/things?nextToken=" + url.QueryEscape("../../lamp"), "/things?attributeName=a%20b&attributeValue=c",
		"/jobs?status=in_progress", "/jobs?status=", "/jobs?targetSelection=NONE", "/jobs?nextToken=AAAA", "/jobs/blink/things?status=DONE", "/jobs/blink/things?nextToken=%ff",
		"/things/lamp/jobs?status=DONE", "/things/lamp/jobs?nextToken=x", "/things/lamp/jobs/blink?executionNumber=0", "/things/lamp/jobs/blink?executionNumber=-1",
		"/things/lamp/jobs/blink?executionNumber=one", "/things/lamp/jobs/blink?executionNumber=9223372036854775808",
	} {
		t.Run(path, func(t *testing.T) {
			a, err := under.send(t.Context(), request{scope: "iot", method: "GET", path: path})
			if err != nil {
				t.Fatal(err)
			}
			refused(t, a, http.StatusBadRequest, "InvalidRequestException")
		})
	}
	for _, path := range []string{"/things/lamp?expectedVersion=x", "/jobs/blink?force=perhaps", "/jobs/blink", "/things/lamp/jobs/blink/executionNumber/1?force=2"} {
		t.Run("DELETE "+path, func(t *testing.T) {
			a, err := under.send(t.Context(), request{scope: "iot", method: "DELETE", path: path})
			if err != nil {
				t.Fatal(err)
			}
			awsShaped(t, a)
		})
	}
}

// Methods that no operation has.
func TestOddMethods(t *testing.T) {
	unchanged(t)
	for _, method := range []string{"OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "get", "DELETE", "X"} {
		for _, scope := range []string{"iot", "iot-jobs-data"} {
			for _, path := range []string{"/", "/jobs", "/things/lamp/jobs", "/nothing/here", "/things/lamp/jobs/blink/"} {
				t.Run(method+" "+path+" "+scope, func(t *testing.T) {
					a, err := under.send(t.Context(), request{scope: scope, method: method, path: path})
					if err != nil {
						t.Fatal(err)
					}
					refused(t, a, http.StatusNotFound, "UnknownOperationException")
				})
			}
		}
	}
	// An answer to HEAD has no body, but all the rest.
	for _, path := range []string{"/things", "/things/lamp", "/jobs/blink"} {
		a, err := under.send(t.Context(), request{scope: "iot", method: "HEAD", path: path})
		if err != nil {
			t.Fatal(err)
		}
		if a.status != http.StatusNotFound || a.header.Get("X-Amzn-Errortype") != "UnknownOperationException" || len(a.body) > 0 {
			t.Errorf("HEAD %s: %d %v %q", path, a.status, a.header, a.body)
		}
	}
	// The server as a whole is no operation, and no proxy.
	for _, line := range []string{"OPTIONS *", "GET *", "CONNECT localhost:22", "GET http://169.254.169.254/latest/meta-data/"} {
		conn := dial(t)
		if _, err := io.WriteString(conn, line+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		a, err := readAnswer(bufio.NewReader(conn))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(line, func(t *testing.T) { awsShaped(t, a) })
	}
}

// Signatures that are none, or of somebody else.
func TestOddSignatures(t *testing.T) {
	unchanged(t)
	for name, header := range map[string]http.Header{
		"none":            {"Authorization": nil},
		"empty":           {"Authorization": {""}},
		"two":             {"Authorization": {"AWS4-HMAC-SHA256 x", "AWS4-HMAC-SHA256 y"}},
		"another scheme":  {"Authorization": {"Basic aW90am9iczppb3Rqb2Jz"}},
		"no members":      {"Authorization": {"AWS4-HMAC-SHA256"}},
		"long":            {"Authorization": {"AWS4-HMAC-SHA256 Credential=" + strings.Repeat("a/", 10_000)}},
		"unknown key":     {"Authorization": {"AWS4-HMAC-SHA256 Credential=AKIDNOBODY/20260101/us-east-1/iot/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + strings.Repeat("0", 64)}},
		"not hexadecimal": {"Authorization": {"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature=zz"}},
		"odd date":        {"X-Amz-Date": {"yesterday"}},
		"unsigned amz":    {"X-Amz-Meta": {"x"}},
		"foreign token":   {"X-Amz-Security-Token": {strings.Repeat("t", 10_000)}},
		"another host":    {"X-Forwarded-Host": {"evil.example"}, "X-Amz-Content-Sha256": {"UNSIGNED-PAYLOAD"}},
		"a tab":           {"Authorization": {"AWS4-HMAC-SHA256\tCredential=a"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := under.send(t.Context(), request{scope: "iot", method: "DELETE", path: "/things/lamp", header: header})
			if err != nil {
				t.Fatal(err)
			}
			awsShaped(t, a)
			if a.status != http.StatusForbidden && a.status != http.StatusBadRequest {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
}
