package conformance_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
)

// somebodyOnTheWay hands requests on to the server after changing them, and answers back as they are. It returns its address. What it does not
// change arrives as the client has signed it, the Host header included.
func somebodyOnTheWay(t *testing.T, serverHost string, change func(*http.Request)) (host string) {
	t.Helper()
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.Header.Del("X-Forwarded-For")
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", serverHost, r.In.Host
		change(r.Out)
	}})
	t.Cleanup(proxy.Close)
	return strings.TrimPrefix(proxy.URL, "http://")
}

// nothing is the control of the others: a request that is only handed on.
func nothing(*http.Request) {}

func otherPath(from, to string) func(*http.Request) {
	return func(r *http.Request) {
		r.URL.Path, r.URL.RawPath = strings.Replace(r.URL.Path, from, to, 1), ""
	}
}

func otherQuery(query string) func(*http.Request) {
	return func(r *http.Request) { r.URL.RawQuery = query }
}

func otherHeader(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// otherBody changes a piece of the body to one that is as long.
func otherBody(from, to string) func(*http.Request) {
	return func(r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what cannot be read is missing, and Content-Length tells
		r.Body = io.NopCloser(bytes.NewReader(bytes.Replace(body, []byte(from), []byte(to), 1)))
	}
}
