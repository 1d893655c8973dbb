package sigv4_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/sigv4"
)

// Every refusal: how it comes about, and what the client reads (HTTP-7).
func TestRefusals(t *testing.T) {
	const (
		incomplete = "IncompleteSignatureException"
		invalid    = "InvalidSignatureException"
		unknown    = "UnrecognizedClientException"
		noToken    = "The security token included in the request is invalid."
		pair       = "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): "
	)
	plain := order{url: "/jobs?a=1"}
	presigned := order{url: "/jobs?a=1", expires: time.Minute}
	with := func(o order, change func(o *order)) order { change(&o); return o }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	edit := func(old, replacement string) func(*http.Request) {
		return func(r *http.Request) {
			r.RequestURI = strings.Replace(r.RequestURI, old, replacement, 1)
			if value := r.Header.Get("Authorization"); value != "" {
				r.Header.Set("Authorization", strings.Replace(value, old, replacement, 1))
			}
		}
	}

	for name, c := range map[string]struct {
		order   order
		change  func(r *http.Request)
		status  int
		kind    string
		message string
	}{
		"no signature":       {plain, func(r *http.Request) { r.Header.Del("Authorization") }, 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		"empty header":       {plain, header("Authorization", " "), 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		"two headers":        {plain, func(r *http.Request) { r.Header.Add("Authorization", "x") }, 400, incomplete, "The request has more than one Authorization header."},
		"header and query":   {presigned, header("Authorization", "AWS4-HMAC-SHA256 x"), 400, incomplete, "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified"},
		"unknown key":        {with(plain, func(o *order) { o.id = "AKIDNOBODY" }), nil, 403, unknown, noToken},
		"token missing":      {with(plain, func(o *order) { o.id = session }), nil, 403, unknown, noToken},
		"token wrong":        {with(plain, func(o *order) { o.id, o.token = session, token+"x" }), nil, 403, unknown, noToken},
		"token off by one":   {with(plain, func(o *order) { o.id, o.token = session, token[1:]+"=" }), nil, 403, unknown, noToken},
		"token needless":     {with(plain, func(o *order) { o.token = token }), nil, 403, unknown, noToken},
		"presigned, token":   {with(presigned, func(o *order) { o.id, o.token = session, "x" }), nil, 403, unknown, noToken},
		"token in the wrong": {with(presigned, func(o *order) { o.id, o.header = session, http.Header{"X-Amz-Security-Token": {"x"}} }), nil, 403, unknown, noToken},
		"two tokens": {
			plain, func(r *http.Request) { r.Header["X-Amz-Security-Token"] = []string{"a", "b"} }, 400, incomplete,
			"The request has more than one X-Amz-Security-Token header.",
		},
		"token too long": {with(plain, func(o *order) { o.token = strings.Repeat("t", 16<<10+1) }), nil, 400, incomplete, "The security token is longer than 16384 bytes."},
		"wrong service": {
			with(plain, func(o *order) { o.service = "execute-api" }), nil, 403, invalid,
			"Credential should be scoped to correct service: 'iot', 'iot-jobs-data', 's3', 'iotdevicegateway'.",
		},
		"wrong region": {with(plain, func(o *order) { o.region = "us-east-1" }), nil, 403, invalid, "Credential should be scoped to a valid region, not 'us-east-1'."},
		"very wrong region": {
			with(plain, func(o *order) { o.region = strings.Repeat("x", 65) }), nil, 403, invalid,
			"Credential should be scoped to a valid region, not '" + strings.Repeat("x", 64) + "…'.",
		},
		"presigned, host not signed": {
			presigned, edit("SignedHeaders=host", "SignedHeaders=date"), 403, invalid,
			"'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
		},
		"presigned, signed headers in capitals": {
			presigned, edit("SignedHeaders=host", "SignedHeaders=Host%0A"), 400, incomplete,
			"SignedHeaders must be header names in lower case, separated by ';', got 'Host?'",
		},
		"wrong scope, all of it": {
			plain, edit("20261124/"+region+"/"+device+"/aws4_request", "20261123/a/b/aws3_request"), 403, invalid,
			"Credential should be scoped to a valid region, not 'a'. Credential should be scoped to correct service: 'iot', 'iot-jobs-data', 's3', 'iotdevicegateway'. " +
				"Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3_request'. " +
				"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261123' != '20261124', from '20261124T035107Z'.",
		},
		"too old": {
			with(plain, func(o *order) { o.at = now.Add(-5*time.Minute - time.Second) }), nil, 403, invalid,
			"Signature expired: 20261124T034606Z is now earlier than 20261124T034607Z (20261124T035107Z - 5 min.)",
		},
		"too early": {
			with(plain, func(o *order) { o.at = now.Add(5*time.Minute + time.Second) }), nil, 403, invalid,
			"Signature not yet current: 20261124T035608Z is still later than 20261124T035607Z (20261124T035107Z + 5 min.)",
		},
		"presigned, too old": {
			with(presigned, func(o *order) { o.at = now.Add(-61 * time.Second) }), nil, 403, invalid,
			"Signature expired: 20261124T035006Z is now earlier than 20261124T035007Z (20261124T035107Z - 1 min.)",
		},
		"presigned, too old, seconds": {
			order{expires: 90 * time.Second, at: now.Add(-2 * time.Minute)},
			nil, 403, invalid,
			"Signature expired: 20261124T034907Z is now earlier than 20261124T034937Z (20261124T035107Z - 90 sec.)",
		},
		"presigned, too early": {
			with(presigned, func(o *order) { o.at = now.Add(6 * time.Minute) }), nil, 403, invalid,
			"Signature not yet current: 20261124T035707Z is still later than 20261124T035607Z (20261124T035107Z + 5 min.)",
		},
		"presigned without expiry, too old": {
			order{expires: -1, at: now.Add(-6 * time.Minute)},
			nil, 403, invalid,
			"Signature expired: 20261124T034507Z is now earlier than 20261124T034607Z (20261124T035107Z - 5 min.)",
		},
		"expiry too long": {
			order{expires: 604801 * time.Second},
			nil, 400, incomplete,
			"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
		},
		"expiry zero":         {presigned, edit("Expires=60", "Expires=0"), 400, incomplete, "X-Amz-Expires must be greater than zero"},
		"expiry not a number": {presigned, edit("Expires=60", "Expires=-60"), 400, incomplete, "X-Amz-Expires should be a number"},
		"expiry empty":        {presigned, edit("Expires=60", "Expires="), 400, incomplete, "X-Amz-Expires should be a number"},
		"expired session": {
			with(plain, func(o *order) { o.id, o.token = "ASIAEXPIRED", token }), nil, 403, "ExpiredTokenException",
			"The security token included in the request is expired",
		},
		"expired session, not its owner": {
			with(plain, func(o *order) { o.id, o.token, o.secret = "ASIAEXPIRED", token, "guess" }), nil, 403, invalid,
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
		},
		"nothing in the header": {
			plain, header("Authorization", "AWS4-HMAC-SHA256"), 400, incomplete,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=",
		},
		"no date, no signature": {plain, func(r *http.Request) {
			r.Header.Del("X-Amz-Date")
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a, Signature=, SignedHeaders=host")
		}, 400, incomplete, "Authorization header requires 'Signature' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " +
			"(Hashed with SHA-256 and encoded with Base64) Authorization="},
		"parts missing in the query": {
			plain, func(r *http.Request) { r.Header.Del("Authorization"); r.RequestURI = "/?X-Amz-Algorithm=" }, 400, incomplete,
			"AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include 'X-Amz-Credential'. " +
				"AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. " +
				"AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
		},
		"parameter twice":       {presigned, edit("?", "?X-Amz-Date=x&"), 400, incomplete, "The query string has more than one 'X-Amz-Date' parameter."},
		"part twice":            {plain, edit("Credential=", "Credential=x, Credential="), 400, incomplete, "Authorization header has more than one 'Credential' parameter."},
		"part unknown":          {plain, edit("Credential=", "Password=x, Credential="), 400, incomplete, "Authorization header has an unknown parameter 'Password'."},
		"blank in part":         {plain, edit("Credential=", "Credential= "), 400, incomplete, pair},
		"another scheme":        {plain, header("Authorization", "Bearer eyJhbGciOi"), 400, incomplete, pair},
		"header too long":       {plain, header("Authorization", "AWS4-HMAC-SHA256 "+strings.Repeat(" ", 8<<10)+"x"), 400, incomplete, "The Authorization header is longer than 8192 bytes."},
		"asymmetric":            {plain, edit("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), 400, incomplete, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). "},
		"presigned, asymmetric": {presigned, edit("AWS4-HMAC-SHA256", "%F0AWS4%0A"), 400, incomplete, "Unsupported AWS 'algorithm': '?AWS4?' (only AWS4-HMAC-SHA256 for now). "},
		"credential of six":     {plain, edit(longTerm, "a/b"), 400, incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 6"},
		"credential of one":     {presigned, edit("%2F20261124%2F"+region+"%2F"+device+"%2Faws4_request", ""), 400, incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 1"},
		"credential with an empty part": {
			plain, edit(region, ""), 400, incomplete,
			"Credential must have exactly 5 slash-delimited elements of printable ASCII, e.g. keyid/date/region/service/term; one is empty or has another character",
		},
		"credential with a zero byte": {
			presigned, edit(longTerm, "AKID%00"), 400, incomplete,
			"Credential must have exactly 5 slash-delimited elements of printable ASCII, e.g. keyid/date/region/service/term; one is empty or has another character",
		},
		"credential too long": {plain, edit(longTerm, strings.Repeat("A", 500)), 400, incomplete, "Credential is longer than 512 bytes."},
		"key id too long":     {plain, edit(longTerm, strings.Repeat("A", 129)), 400, incomplete, "The access key id in Credential is longer than 128 bytes."},
		"date in another format": {
			plain, header("X-Amz-Date", "2026-11-24T03:51:07Z"), 400, incomplete,
			"Date must be in ISO-8601 'basic format'. Got '2026-11-24T03:51:07Z'. See http://en.wikipedia.org/wiki/ISO_8601",
		},
		"date with a fraction": {
			plain, header("X-Amz-Date", "20261124T035107.5Z"), 400, incomplete,
			"Date must be in ISO-8601 'basic format'. Got '20261124T035107.5Z'. See http://en.wikipedia.org/wiki/ISO_8601",
		},
		"date in another zone": {
			plain, func(r *http.Request) {
				r.Header.Del("X-Amz-Date")
				r.Header.Set("Date", "Tue, 24 Nov 2026 03:51:07 CET")
			}, 400, incomplete,
			"Date must be in ISO-8601 'basic format'. Got 'Tue, 24 Nov 2026 03:51:07 CET'. See http://en.wikipedia.org/wiki/ISO_8601",
		},
		"presigned, date in another format": {
			presigned, edit("X-Amz-Date=20261124", "X-Amz-Date=2026-11-24"), 400, incomplete,
			"Date must be in ISO-8601 'basic format'. Got '2026-11-24T035107Z'. See http://en.wikipedia.org/wiki/ISO_8601",
		},
		"two dates": {plain, func(r *http.Request) { r.Header.Add("X-Amz-Date", "x") }, 400, incomplete, "The request has more than one X-Amz-Date header."},
		"host not signed": {
			plain, edit("SignedHeaders=host;", "SignedHeaders="), 403, invalid,
			"'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
		},
		"date not signed": {plain, edit("host;x-amz-date", "host"), 403, invalid, "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization."},
		"member not signed": {
			plain, header("X-Amzn-Iot-Principal", "x"), 403, invalid,
			"'X-Amzn-Iot-Principal' must be a 'SignedHeader' in the AWS Authorization.",
		},
		"signed header missing": {
			with(plain, func(o *order) { o.header = http.Header{"X-Other": {"1"}} }), func(r *http.Request) { r.Header.Del("X-Other") }, 403, invalid,
			"The signed header 'x-other' is missing from the request.",
		},
		"signed headers in capitals": {
			plain, edit("SignedHeaders=host", "SignedHeaders=Host"), 400, incomplete,
			"SignedHeaders must be header names in lower case, separated by ';', got 'Host'",
		},
		"signed headers, empty name": {
			plain, edit("SignedHeaders=host", "SignedHeaders=host;"), 400, incomplete,
			"SignedHeaders must be header names in lower case, separated by ';', got ''",
		},
		"signed headers in disorder": {
			plain, edit("host;x-amz-date", "x-amz-date;host"), 400, incomplete,
			"SignedHeaders must be in alphabetical order and hold each name once: 'host' follows 'x-amz-date'",
		},
		"signed headers twice": {
			plain, edit("SignedHeaders=host", "SignedHeaders=host;host"), 400, incomplete,
			"SignedHeaders must be in alphabetical order and hold each name once: 'host' follows 'host'",
		},
		"signed headers, too many": {plain, edit("SignedHeaders=host", "SignedHeaders=host"+strings.Repeat(";x", 63)), 400, incomplete, "SignedHeaders has more than 64 names."},
		"query too long":           {presigned, edit("?", "?"+strings.Repeat("a", 16<<10)+"&"), 400, incomplete, "The query string is longer than 16384 bytes."},
		"query of too many":        {plain, edit("?", "?"+strings.Repeat("a&", 256)), 400, incomplete, "The query string has more than 256 parameters."},
		"query with a broken escape": {
			plain, edit("?", "?a=%2&"), 400, incomplete,
			"The query string must be percent-encoded: it has a broken escape or a bare ';'.",
		},
		"query with a semicolon": {
			presigned, edit("?", "?a;b=1&"), 400, incomplete,
			"The query string must be percent-encoded: it has a broken escape or a bare ';'.",
		},
		"content hash wrong": {
			with(plain, func(o *order) {
				o.header = http.Header{"X-Amz-Content-Sha256": {hashOf("other")}}
				o.hash = hashOf("other")
			}), nil, 403, invalid,
			"The provided 'x-amz-content-sha256' header does not match what was computed.",
		},
		"payload unsigned": {with(plain, func(o *order) {
			o.header = http.Header{"X-Amz-Content-Sha256": {"UNSIGNED-PAYLOAD"}}
			o.hash = "UNSIGNED-PAYLOAD"
		}), nil, 403, invalid, "The payload must be signed: x-amz-content-sha256 UNSIGNED-PAYLOAD is not accepted here."},
		"payload unsigned, presigned": {
			order{service: "s3", expires: time.Minute, hash: "UNSIGNED-PAYLOAD"},
			nil, 403, invalid,
			"The payload must be signed: x-amz-content-sha256 UNSIGNED-PAYLOAD is not accepted here.",
		},
		"payload in chunks": {with(plain, func(o *order) {
			o.header = http.Header{"X-Amz-Content-Sha256": {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}}
			o.hash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
		}), nil, 403, invalid, "The payload must be signed as a whole: x-amz-content-sha256 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' is not accepted here."},
		"content hash twice": {
			with(plain, func(o *order) { o.header = http.Header{"X-Amz-Content-Sha256": {"a", "b"}} }), nil, 400, incomplete,
			"The request has more than one X-Amz-Content-Sha256 header.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.order.signed(t)
			if c.change != nil {
				c.change(r)
			}
			v := newVerifier()
			lookup := v.Lookup
			v.Lookup = func(ctx context.Context, id, sent string) (sigv4.Secret, bool, error) {
				if id == "ASIAEXPIRED" {
					return sigv4.Secret{SecretAccessKey: secret, SessionToken: token, ExpiresAt: now}, true, nil
				}
				return lookup(ctx, id, sent)
			}
			_, err := v.Verify(r, []byte(c.order.body))
			want := c.message
			if prefix, _, found := strings.Cut(want, "Authorization="); found {
				want = prefix + "Authorization=" + base64Hash(r.Header.Get("Authorization"))
			} else if want == pair {
				want += "'" + base64Hash(r.Header.Get("Authorization")) + "'."
			}
			wantRefusal(t, err, c.status, c.kind, want)
			wantNothingSecret(t, err, r)
		})
	}
}

// No message repeats the signature, however malformed the header around it is.
func wantNothingSecret(t *testing.T, err error, r *http.Request) {
	t.Helper()
	for _, text := range []string{r.Header.Get("Authorization"), r.RequestURI} {
		_, value, found := strings.Cut(text, "Signature=")
		if found && len(value) >= 64 && strings.Contains(err.Error(), value[:64]) {
			t.Errorf("the message shows the signature: %v", err)
		}
	}
	if strings.Contains(err.Error(), "eyJhbGciOi") || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), secret) {
		t.Errorf("the message shows a secret: %v", err)
	}
}

func base64Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}
