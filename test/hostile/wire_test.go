package hostile

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// errSilent means that a connection was neither answered nor closed.
var errSilent = errors.New("no answer within the limit")

// dial opens a connection to the plain listener, which nobody waits for longer than the limit.
func dial(t *testing.T) net.Conn {
	t.Helper()
	return dialTo(t, under.HTTP)
}

func dialTo(t *testing.T, address string) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // most are closed by then
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func readAnswer(r *bufio.Reader) (answer, error) {
	response, err := http.ReadResponse(r, nil)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return answer{}, errSilent
	}
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, body}, err
}

// closed demands that the server closes the connection; what it still sends before is of no interest.
func closed(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}

// What is no HTTP is answered with 400, or not at all, and the connection is closed.
func TestWhatIsNoHTTP(t *testing.T) {
	unchanged(t)
	for name, bytes := range map[string]string{
		"garbage":              "\x00\xff\x13\x37\r\n\r\n",
		"another protocol":     "SSH-2.0-OpenSSH_9.2p1\r\n\r\n",
		"MQTT CONNECT":         "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00\r\n\r\n",
		"TLS":                  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("a", 64) + "\r\n\r\n",
		"HTTP/2":               "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"HTTP/3.0":             "GET /things HTTP/3.0\r\nHost: localhost\r\n\r\n",
		"no host":              "GET /things HTTP/1.1\r\n\r\n",
		"two hosts":            "GET /things HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"odd host":             "GET /things HTTP/1.1\r\nHost: a b\r\n\r\n",
		"no path":              "GET  HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"no slash":             "GET things HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"control characters":   "GET /things\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"bad escape":           "GET /things/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"header without colon": "GET /things HTTP/1.1\r\nHost: localhost\r\nAuthorization\r\n\r\n",
		"zero in a header":     "GET /things HTTP/1.1\r\nHost: localhost\r\nX-Zero: a\x00b\r\n\r\n",
		"space before colon":   "GET /things HTTP/1.1\r\nHost: localhost\r\nContent-Length : 5\r\n\r\nhello",
		"folded header":        "GET /things HTTP/1.1\r\nHost: localhost\r\n Folded: x\r\n\r\n",
		"negative length":      "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
		"two lengths":          "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"odd length":           "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x2\r\n\r\n{}",
		"unknown coding":       "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n{}",
		"two codings":          "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t)
			if _, err := io.WriteString(conn, bytes); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(conn)
			a, err := readAnswer(r)
			if errors.Is(err, errSilent) {
				t.Fatal(err)
			}
			if err == nil && (a.status < 400 || a.status > 505) {
				t.Errorf("%d %s", a.status, a.body)
			}
			if err == nil && a.status != http.StatusForbidden { // a sound request for the server, which nobody signed
				closed(t, conn)
			}
		})
	}
}

// What is no TLS is told so on the TLS listener; old versions of TLS find nobody there.
func TestWhatIsNoTLS(t *testing.T) {
	unchanged(t)
	conn := dialTo(t, under.HTTPS)
	if _, err := io.WriteString(conn, "GET /things HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if a, err := readAnswer(bufio.NewReader(conn)); err == nil && a.status != http.StatusBadRequest {
		t.Errorf("%d %s", a.status, a.body)
	}
	closed(t, conn)

	old := under.tlsConfig()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 //nolint:gosec // it must be refused
	if err := tls.Client(dialTo(t, under.HTTPS), old).HandshakeContext(t.Context()); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	stranger := &tls.Config{MinVersion: tls.VersionTLS12}
	if err := tls.Client(dialTo(t, under.HTTPS), stranger).HandshakeContext(t.Context()); err == nil {
		t.Error("a client that does not trust the CA went on")
	}
}

// smuggled is what an attacker hides behind a request in the hope that somebody takes it for one of its own.
const smuggled = "DELETE /things/lamp HTTP/1.1\r\nHost: localhost\r\n\r\n"

// A request whose length can be read in two ways is never two requests: the hidden one, signed by nobody, is not served as part of the first.
func TestHiddenRequests(t *testing.T) {
	unchanged(t)
	for name, bytes := range map[string]string{
		"length and chunks":  "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"behind a GET":       "GET /things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" + smuggled,
		"in a refused body":  "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2097152\r\n\r\n" + smuggled,
		"bad chunk":          "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + smuggled,
		"chunk too long":     "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + smuggled,
		"chunk without end":  "POST /things/intruder HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}" + smuggled,
		"bare line feeds":    "POST /things/intruder HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n" + smuggled,
		"upgrade that fails": "GET /things HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + smuggled,
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t)
			if _, err := io.WriteString(conn, bytes); err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			for r := bufio.NewReader(conn); ; {
				a, err := readAnswer(r)
				if errors.Is(err, errSilent) {
					t.Fatal(err)
				}
				if err != nil {
					return
				}
				if a.status < 400 || a.status > 499 {
					t.Errorf("%d %s", a.status, a.body)
				}
			}
		})
	}
}

// A request that stops in the middle has no effect, wherever it stops, though its signature is good.
func TestHalfSentRequests(t *testing.T) {
	unchanged(t)
	for _, r := range []request{
		{scope: "iot", method: "POST", path: "/things/intruder", body: `{"attributePayload":{"attributes":{"room":"cellar"}}}`},
		{scope: "iot-jobs-data", method: "POST", path: "/things/lamp/jobs/blink", body: `{"status":"SUCCEEDED"}`},
		{scope: "iot-jobs-data", method: "POST", path: "/things/lamp/jobs/blink", body: `{"status":"SUCCEEDED"}`, chunked: true},
	} {
		whole := under.raw(t, r)
		for cut := 1; cut < len(whole); cut += 7 {
			conn := dial(t)
			if _, err := conn.Write(whole[:cut]); err != nil {
				t.Fatal(err)
			}
			if cut%2 == 0 { // hang up, or wait for what comes
				if err := conn.Close(); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if a, err := readAnswer(bufio.NewReader(conn)); errors.Is(err, errSilent) || err == nil && a.status < 400 {
				t.Errorf("%s, cut after %d of %d bytes: %d %s, %v", r, cut, len(whole), a.status, a.body, err)
			}
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Clients that send nothing, or next to nothing, are hung up on when the time for headers is over; others are served meanwhile.
func TestSilentClients(t *testing.T) {
	unchanged(t)
	start := time.Now()
	silent := []net.Conn{dial(t), dial(t), dialTo(t, under.HTTPS), dialTo(t, under.Admin)}
	if _, err := io.WriteString(silent[1], "GET /things HTTP/1.1\r\nHost: localhost\r\nX-"); err != nil {
		t.Fatal(err)
	}
	if _, err := under.state(t.Context()); err != nil {
		t.Error(err)
	}
	for i, conn := range silent {
		closed(t, conn)
		if took := time.Since(start); took < 5*time.Second {
			t.Errorf("connection %d was closed after %s already: a slow device is no attacker", i, took)
		}
	}
}
