package stshttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"iotjobs/internal/auth"
	"iotjobs/internal/stshttp"
	"iotjobs/internal/wire"
)

func call(t *testing.T, method, target, body string) *httptest.ResponseRecorder {
	t.Helper()
	root := func(auth.Principal) string { return "arn:aws:iam::123456789012:root" }
	p := &stshttp.Plane{Account: "123456789012", ARN: root, UserID: func(who auth.Principal) string { return "of " + who.AccessKeyID }}
	ctx := auth.WithCaller(t.Context(), auth.Principal{AccessKeyID: "AKIATEST"}, "")
	w := httptest.NewRecorder()
	w.Header().Set(wire.RequestIDHeader, "the-id")
	p.Mux().ServeHTTP(w, httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(body)))
	return w
}

func TestGetCallerIdentity(t *testing.T) {
	const want = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
		`<Arn>arn:aws:iam::123456789012:root</Arn><UserId>of AKIATEST</UserId><Account>123456789012</Account></GetCallerIdentityResult>` +
		`<ResponseMetadata><RequestId>the-id</RequestId></ResponseMetadata></GetCallerIdentityResponse>`
	for _, w := range []*httptest.ResponseRecorder{
		call(t, "POST", "/", "Action=GetCallerIdentity&Version=2011-06-15"),
		call(t, "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", ""),
	} {
		if w.Code != http.StatusOK || w.Body.String() != want || w.Header().Get("Content-Type") != "text/xml" {
			t.Errorf("%d %s %s\nwant %s", w.Code, w.Header(), w.Body, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ body, code string }{
		{"Action=AssumeRole", "InvalidAction"},
		{"", "InvalidAction"},
		{"Action=%zz", "MalformedQueryString"},
	} {
		w := call(t, "POST", "/", c.body)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "<Error><Type>Sender</Type><Code>"+c.code+"</Code><Message>") ||
			!strings.Contains(w.Body.String(), "<RequestId>the-id</RequestId></ErrorResponse>") {
			t.Errorf("%s: %d %s, want 400 %s", c.body, w.Code, w.Body, c.code)
		}
	}
	w := httptest.NewRecorder()
	stshttp.Refuse(w, &auth.Refusal{Type: "UnrecognizedClientException", Status: 403, Message: "a < b"})
	if w.Code != 403 || !strings.Contains(w.Body.String(), "<Code>InvalidClientTokenId</Code><Message>a &lt; b</Message>") {
		t.Errorf("%d %s, want STS's own name of the error", w.Code, w.Body)
	}
}
