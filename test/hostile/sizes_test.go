package hostile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

const mebibyte = 1 << 20

// A body beyond the plane's limit is refused, whether or not it says its size before; a body of the limit is read.
func TestLargeBodies(t *testing.T) {
	unchanged(t)
	limits := map[string]int{"iot": mebibyte, "iot-jobs-data": 128 << 10}
	for _, write := range writes {
		for _, chunked := range []bool{false, true} {
			most := limits[write.scope]
			for size, exception := range map[int]string{
				most:         "InvalidRequestException", // it is no JSON
				most + 1:     "RequestEntityTooLargeException",
				2 * mebibyte: "RequestEntityTooLargeException",
			} {
				t.Run(fmt.Sprintf("%s %s: %d bytes, chunked %v", write.method, write.path, size, chunked), func(t *testing.T) {
					write.body, write.chunked = strings.Repeat("x", size), chunked
					a, err := under.send(t.Context(), write)
					switch {
					case err != nil && size > most && !timedOut(err): // the server closed the connection while the body was on its way
						return
					case err != nil:
						t.Fatal(err)
					case size > most:
						refused(t, a, http.StatusRequestEntityTooLarge, exception)
					default:
						refused(t, a, http.StatusBadRequest, exception)
					}
				})
			}
		}
	}
}

func timedOut(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// Who announces a large body and asks first is told no before it is sent; who announces it and waits is not waited for.
func TestLargeBodiesAreRefusedBeforeTheyCome(t *testing.T) {
	unchanged(t)
	for _, length := range []string{"2097152", "9223372036854775807"} {
		for _, expect := range []string{"", "Expect: 100-continue\r\n"} {
			head := string(under.raw(t, request{scope: "iot", method: "PUT", path: "/jobs/intruder", body: "{}"}))
			head, _, _ = strings.Cut(strings.Replace(head, "Content-Length: 2\r\n", "Content-Length: "+length+"\r\n"+expect, 1), "\r\n\r\n")
			conn := dial(t)
			if _, err := io.WriteString(conn, head+"\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			a, err := readAnswer(bufio.NewReader(conn))
			if err != nil {
				t.Fatal(err)
			}
			refused(t, a, http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException")
			closed(t, conn)
		}
	}
}

// A refusal is no lever: however much is wrong, it stays short and comes soon.
func TestRefusalsStayShort(t *testing.T) {
	unchanged(t)
	update := request{scope: "iot-jobs-data", method: "POST", path: "/things/lamp/jobs/blink"}
	createJob := request{scope: "iot", method: "PUT", path: "/jobs/intruder"}
	for _, c := range []struct {
		name string
		request
		body      string
		status    int
		exception string
	}{
		{"a long value", update, `{"status":"` + strings.Repeat("x", 100<<10) + `"}`, 400, "InvalidRequestException"},
		{"many pairs", update, `{"status":"SUCCEEDED","statusDetails":{` + nulls(9000) + `}}`, 400, "InvalidRequestException"},
		{"many targets", createJob, `{"document":"{}","targets":[` + many("null") + `]}`, 400, "InvalidRequestException"},
		{"many odd targets", createJob, `{"document":"{}","targets":[` + many(`"x"`) + `]}`, 404, "ResourceNotFoundException"},
		{"many tags", createJob, `{"targets":["x"],"document":"{}","tags":[` + many("{}") + `]}`, 400, "InvalidRequestException"},
		{"a long name", request{scope: "iot", method: "GET", path: "/things/" + strings.Repeat("x", 20<<10)}, "", 400, "InvalidRequestException"},
		{"a long parameter", request{scope: "iot", method: "GET", path: "/jobs?status=" + strings.Repeat("x", 15<<10)}, "", 400, "InvalidRequestException"},
		{"a long query", request{scope: "iot", method: "GET", path: "/jobs?nextToken=" + strings.Repeat("x", 20<<10)}, "", 400, "IncompleteSignatureException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.request.body = c.body
			a, err := under.send(t.Context(), c.request)
			if err != nil {
				t.Fatal(err)
			}
			refused(t, a, c.status, c.exception)
		})
	}
}

// many repeats an item of a list as often as a body has room for it.
func many(item string) string {
	return strings.TrimSuffix(strings.Repeat(item+",", mebibyte/(len(item)+1)-100), ",")
}

func nulls(n int) string { return strings.ReplaceAll(pairs(n), `"v"`, "null") }

// Headers have a bound too; beyond it HTTP itself refuses, and closes the connection.
func TestLargeHeaders(t *testing.T) {
	unchanged(t)
	for name, head := range map[string]string{
		"one long":     "X-Long: " + strings.Repeat("x", 2*mebibyte) + "\r\n",
		"many":         strings.Repeat("X-Many: x\r\n", 100_000),
		"never ending": strings.Repeat("x", 2*mebibyte),
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t)
			// The server may close while this is on its way, so an error is fine.
			_, _ = io.WriteString(conn, "GET /things HTTP/1.1\r\nHost: localhost\r\n"+head+"\r\n")
			a, err := readAnswer(bufio.NewReader(conn))
			if err == nil && a.status != http.StatusRequestHeaderFieldsTooLarge && a.status != http.StatusBadRequest {
				t.Errorf("%d %s", a.status, a.body)
			}
			if errors.Is(err, errSilent) {
				t.Error("neither an answer nor a closed connection")
			}
			closed(t, conn)
		})
	}
	t.Run("a long request line", func(t *testing.T) {
		conn := dial(t)
		_, _ = io.WriteString(conn, "GET /things?"+strings.Repeat("x", 2*mebibyte)+" HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if _, err := readAnswer(bufio.NewReader(conn)); errors.Is(err, errSilent) {
			t.Error("neither an answer nor a closed connection")
		}
		closed(t, conn)
	})
}
