package sigv4_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever request a client signs is accepted, however its query is spelled on the wire; after any mutation it is not.
func TestSignedMeansUntouched(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := drawOrder(rt)
		r := o.signed(t)
		respellQuery(rt, r)
		v := newVerifier()
		if _, err := v.Verify(r, []byte(o.body)); err != nil {
			rt.Fatalf("%s %s: %v", r.Method, r.RequestURI, err)
		}
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "pick") }
		if survived, _ := survivors(t, o, v.Verify, pick); len(survived) > 0 {
			rt.Errorf("%s %s: not noticed: %v", r.Method, r.RequestURI, survived)
		}
	})
}

func drawOrder(rt *rapid.T) order {
	text := rapid.StringOf(rapid.SampledFrom([]rune("aZ09-_.~:$%&=+;/?#@!'()*, \"üñ日\x00")))
	o := order{
		method:  rapid.SampledFrom([]string{"GET", "PUT", "POST", "PATCH", "DELETE"}).Draw(rt, "method"),
		service: rapid.SampledFrom([]string{"iot", device}).Draw(rt, "service"),
		expires: rapid.SampledFrom([]time.Duration{0, -1, time.Minute}).Draw(rt, "expires"),
		body:    rapid.String().Draw(rt, "body"),
		header:  http.Header{},
	}
	if rapid.Bool().Draw(rt, "session") {
		o.id, o.token = session, token
	}
	var path strings.Builder
	for _, segment := range rapid.SliceOfN(text, 1, 5).Draw(rt, "segments") {
		path.WriteString("/s" + spell(rt, segment, ""))
	}
	query := url.Values{}
	for _, name := range rapid.SliceOfN(text, 0, 5).Draw(rt, "names") {
		query.Add(name, text.Draw(rt, "value"))
	}
	o.url = path.String()
	if len(query) > 0 {
		o.url += "?" + query.Encode()
	}
	value := rapid.StringOf(rapid.SampledFrom([]rune("ab:;=,/  \"")))
	for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"Content-Type", "X-Amz-Meta-A", "X-Other", "Accept", "Range"}), rapid.ID).Draw(rt, "headers") {
		o.header[name] = rapid.SliceOfN(value, 1, 3).Draw(rt, name)
	}
	return o
}

// spell writes text percent-encoded, characters in literal sometimes as they are, in hexadecimal of either case.
func spell(rt *rapid.T, text, literal string) string {
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		const plain = "aZ09-_.~"
		switch style := rapid.IntRange(0, 2).Draw(rt, "style"); {
		case style == 0 && strings.IndexByte(plain+literal, c) >= 0:
			out.WriteByte(c)
		case style == 1:
			out.WriteString(strings.ToLower(escape(c)))
		default:
			out.WriteString(escape(c))
		}
	}
	return out.String()
}

func escape(c byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{'%', digits[c>>4], digits[c&15]})
}

// respellQuery reorders the parameters and encodes them in another way.
func respellQuery(rt *rapid.T, r *http.Request) {
	path, query, found := strings.Cut(r.RequestURI, "?")
	if !found {
		return
	}
	var pieces []string
	for _, piece := range rapid.Permutation(strings.Split(query, "&")).Draw(rt, "order") {
		name, value, _ := strings.Cut(piece, "=")
		for _, part := range []*string{&name, &value} {
			plain, err := url.QueryUnescape(*part)
			if err != nil {
				rt.Fatal(err)
			}
			*part = spell(rt, plain, ":$=/?@!'()*,")
			*part = strings.ReplaceAll(*part, "%20", rapid.SampledFrom([]string{"%20", "+"}).Draw(rt, "space"))
		}
		if strings.Contains(name, "=") {
			name = strings.ReplaceAll(name, "=", "%3D")
		}
		pieces = append(pieces, name+"="+value)
	}
	r.RequestURI = path + "?" + strings.Join(pieces, "&")
}
