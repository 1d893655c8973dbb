package sigv4_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/sigv4"
)

// mutation changes the meaning of a signed request on its way; false = there is nothing to change here. pick(n) chooses one of n.
type mutation struct {
	name  string
	apply func(r *http.Request, body *[]byte, pick func(n int) int) bool
}

// mutations: each changes what the request means, so none may pass.
var mutations = []mutation{
	{"method", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		others := slices.DeleteFunc([]string{"GET", "PUT", "POST", "DELETE", "HEAD", "get"}, func(m string) bool { return m == r.Method })
		r.Method = others[pick(len(others))]
		return true
	}},
	{"path longer", func(r *http.Request, _ *[]byte, _ func(int) int) bool {
		return editTarget(r, func(path, query string) (string, string) { return path + "x", query })
	}},
	{"path character", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		return editTarget(r, func(path, query string) (string, string) { return flipLetter(path, pick), query })
	}},
	{"path escape", func(r *http.Request, _ *[]byte, _ func(int) int) bool { // $next and %24next are one resource, but two requests
		return editTarget(r, func(path, query string) (string, string) { return strings.Replace(path, "$", "%24", 1), query })
	}},
	{"query longer", func(r *http.Request, _ *[]byte, _ func(int) int) bool {
		return editTarget(r, func(path, query string) (string, string) { return path, query + "&executionNumber=4711" })
	}},
	{"query shorter", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		return editParams(r, func(params []string) []string {
			i := pick(len(params))
			if params[i] == "" {
				return params
			}
			return slices.Delete(params, i, i+1)
		})
	}},
	{"query doubled", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		return editParams(r, func(params []string) []string { return append(params, params[pick(len(params))]) })
	}},
	{"query value", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		return editParams(r, func(params []string) []string {
			i := pick(len(params))
			name, value, _ := strings.Cut(params[i], "=")
			if name != "X-Amz-Signature" { // longer is not other: refused below
				params[i] = name + "=" + value + "0"
			}
			return params
		})
	}},
	{"signed header value", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		name := signedHeader(r, pick)
		if name == "" || len(r.Header[name]) == 0 {
			return false
		}
		r.Header[name] = slices.Clone(r.Header[name])
		r.Header[name][0] = "x" + r.Header[name][0]
		return true
	}},
	{"signed header twice", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		name := signedHeader(r, pick)
		if name == "" {
			return false
		}
		r.Header[name] = append(slices.Clone(r.Header[name]), "x")
		return true
	}},
	{"signed header gone", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		name := signedHeader(r, pick)
		delete(r.Header, name)
		return name != ""
	}},
	{"AWS header added", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		added := []string{"X-Amz-Content-Sha256", "X-Amz-Added", "X-Amzn-Principal", "X-Amzn-Iot-Policy", "X-Amz-Security-Token"}
		name := added[pick(len(added))]
		if len(r.Header[name]) > 0 {
			return false
		}
		r.Header.Set(name, hashOf(""))
		return true
	}},
	{"host", func(r *http.Request, _ *[]byte, _ func(int) int) bool { r.Host = "other." + r.Host; return true }},
	{"content length", func(r *http.Request, _ *[]byte, _ func(int) int) bool {
		r.ContentLength++
		return strings.Contains(r.Header.Get("Authorization")+r.RequestURI, "content-length")
	}},
	{"body longer", func(_ *http.Request, body *[]byte, _ func(int) int) bool { *body = append(*body, ' '); return true }},
	{"body byte", func(_ *http.Request, body *[]byte, pick func(int) int) bool {
		if len(*body) == 0 {
			return false
		}
		(*body)[pick(len(*body))] ^= 1
		return true
	}},
	{"body gone", func(_ *http.Request, body *[]byte, _ func(int) int) bool {
		had := len(*body) > 0
		*body = nil
		return had
	}},
	{"date", func(r *http.Request, _ *[]byte, _ func(int) int) bool {
		return replaceEverywhere(r, "T035107Z", "T035108Z")
	}},
	{"day", func(r *http.Request, _ *[]byte, _ func(int) int) bool {
		return replaceEverywhere(r, "20261124", "20261123")
	}},
	{"access key", func(r *http.Request, _ *[]byte, _ func(int) int) bool {
		return replaceEverywhere(r, longTerm, session) || replaceEverywhere(r, session, longTerm)
	}},
	{"service", func(r *http.Request, _ *[]byte, _ func(int) int) bool { return replaceEverywhere(r, device, "iot") }},
	{"region", func(r *http.Request, _ *[]byte, _ func(int) int) bool {
		return replaceEverywhere(r, region, "us-east-1")
	}},
	{"fewer signed headers", func(r *http.Request, _ *[]byte, _ func(int) int) bool {
		return replaceEverywhere(r, "SignedHeaders=content-length;", "SignedHeaders=") ||
			replaceEverywhere(r, "host;x-amz-date", "host") || replaceEverywhere(r, "content-length;host", "host")
	}},
	{"signature", func(r *http.Request, _ *[]byte, pick func(int) int) bool {
		digit := func(text string) string {
			at := strings.Index(text, "Signature=")
			if at < 0 {
				return text
			}
			at += len("Signature=") + pick(64)
			b := []byte(text)
			b[at] ^= 1 // the digits come in pairs: 0/1, 2/3 … a is with '`'
			return string(b)
		}
		r.Header.Set("Authorization", digit(r.Header.Get("Authorization")))
		if r.Header.Get("Authorization") == "" {
			r.Header.Del("Authorization")
		}
		r.RequestURI = digit(r.RequestURI)
		return true
	}},
}

func editTarget(r *http.Request, edit func(path, query string) (string, string)) bool {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	newPath, newQuery := edit(path, query)
	r.RequestURI = newPath
	if newQuery != "" {
		r.RequestURI += "?" + newQuery
	}
	return path != newPath || query != newQuery
}

func editParams(r *http.Request, edit func([]string) []string) bool {
	return editTarget(r, func(path, query string) (string, string) {
		if query == "" {
			return path, query
		}
		return path, strings.Join(edit(strings.Split(query, "&")), "&")
	})
}

func flipLetter(text string, pick func(int) int) string {
	b := []byte(text)
	start := pick(len(b))
	for i := range b {
		at := (start + i) % len(b)
		escaped := at > 0 && b[at-1] == '%' || at > 1 && b[at-2] == '%'
		if c := b[at] | 0x20; 'a' <= c && c <= 'z' && !escaped {
			b[at] ^= 0x20
			break
		}
	}
	return string(b)
}

// signedHeader is one of those in the header map.
func signedHeader(r *http.Request, pick func(int) int) string {
	_, list, found := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders=")
	list, _, _ = strings.Cut(list, ",")
	if !found {
		u, err := url.ParseRequestURI(r.RequestURI)
		if err != nil {
			return ""
		}
		list = u.Query().Get("X-Amz-SignedHeaders")
	}
	names := slices.DeleteFunc(strings.Split(list, ";"), func(name string) bool { return name == "host" || name == "content-length" })
	if len(names) == 0 {
		return ""
	}
	return http.CanonicalHeaderKey(names[pick(len(names))])
}

func replaceEverywhere(r *http.Request, old, replacement string) bool {
	found := strings.Contains(r.RequestURI, old)
	r.RequestURI = strings.ReplaceAll(r.RequestURI, old, replacement)
	for _, name := range []string{"Authorization", "X-Amz-Date"} {
		if value := r.Header.Get(name); strings.Contains(value, old) {
			r.Header.Set(name, strings.ReplaceAll(value, old, replacement))
			found = true
		}
	}
	return found
}

type verifyFunc func(*http.Request, []byte) (sigv4.Identity, error)

// survivors are the mutations that the verifier did not notice.
func survivors(tb testing.TB, o order, verify verifyFunc, pick func(int) int) (survived []string, applied int) {
	tb.Helper()
	for _, m := range mutations {
		r, body := o.signed(tb), []byte(o.body)
		if !m.apply(r, &body, pick) {
			continue
		}
		applied++
		if _, err := verify(r, body); err == nil {
			survived = append(survived, m.name)
		}
	}
	return survived, applied
}

var tampered = order{
	method: "PUT", url: "/things/pump-7/jobs/$next?a=1&b=2", body: `{"statusDetails":{}}`,
	header: http.Header{"Content-Type": {"application/json"}, "X-Other": {"y"}},
}

func TestTamperingIsRefused(t *testing.T) {
	for _, o := range []order{tampered, {url: "/things/pump-7/jobs"}, {url: "/things/p/jobs", id: session, token: token}} {
		for _, o.expires = range []time.Duration{0, time.Minute} {
			for choice := range 16 {
				survived, applied := survivors(t, o, newVerifier().Verify, func(n int) int { return choice % n })
				if len(survived) > 0 || applied < 12 {
					t.Errorf("%s, choice %d: of %d mutations these were not noticed: %v", o.url, choice, applied, survived)
				}
			}
		}
	}
}

// A change that AWS would call a wrong signature is called so here, with AWS's text.
func TestTamperingHasTheRightAnswer(t *testing.T) {
	for _, name := range []string{
		"method", "path longer", "path character", "path escape", "query longer", "query doubled", "query value", "signed header value",
		"host", "content length", "body longer", "body byte", "body gone", "date", "signature",
	} {
		i := slices.IndexFunc(mutations, func(m mutation) bool { return m.name == name })
		r, body := tampered.signed(t), []byte(tampered.body)
		if !mutations[i].apply(r, &body, func(int) int { return 0 }) {
			t.Errorf("%s does not apply", name)
		}
		t.Run(name, func(t *testing.T) {
			_, err := newVerifier().Verify(r, body)
			wantMismatch(t, err)
		})
	}
}

// The checkers of this file and of the property test can fail: verifiers that forget one thing are caught.
func TestForgetfulVerifiersAreCaught(t *testing.T) {
	honest := newVerifier().Verify
	original := tampered.signed(t)
	for name, mutant := range map[string]verifyFunc{
		"body": func(r *http.Request, _ []byte) (sigv4.Identity, error) { return honest(r, []byte(tampered.body)) },
		"host": func(r *http.Request, body []byte) (sigv4.Identity, error) {
			r.Host = original.Host
			return honest(r, body)
		},
		"method": func(r *http.Request, body []byte) (sigv4.Identity, error) {
			r.Method = original.Method
			return honest(r, body)
		},
		"path": func(r *http.Request, body []byte) (sigv4.Identity, error) {
			editTarget(r, func(_, query string) (string, string) { return "/things/pump-7/jobs/$next", query })
			return honest(r, body)
		},
		"query": func(r *http.Request, body []byte) (sigv4.Identity, error) {
			editTarget(r, func(path, _ string) (string, string) { return path, "a=1&b=2" })
			return honest(r, body)
		},
		"header": func(r *http.Request, body []byte) (sigv4.Identity, error) {
			for _, name := range []string{"Content-Type", "X-Other"} {
				r.Header[name] = original.Header[name]
			}
			return honest(r, body)
		},
		"signature": func(r *http.Request, body []byte) (sigv4.Identity, error) {
			r.Header.Set("Authorization", original.Header.Get("Authorization"))
			return honest(r, body)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if survived, _ := survivors(t, tampered, mutant, func(int) int { return 0 }); len(survived) == 0 {
				t.Error("every mutation was refused")
			}
		})
	}
}

func wantMismatch(tb testing.TB, err error) {
	tb.Helper()
	wantRefusal(tb, err, 403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}
