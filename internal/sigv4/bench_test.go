package sigv4_test

import (
	"net/http"
	"testing"
)

func BenchmarkVerify(b *testing.B) {
	for name, o := range map[string]order{
		"get":  {url: "/things/pump-7/jobs"},
		"post": {method: "POST", url: "/things/pump-7/jobs/j", body: `{"status":"IN_PROGRESS"}`, header: http.Header{"Content-Type": {"application/json"}}},
	} {
		b.Run(name, func(b *testing.B) {
			r, body, v := o.signed(b), []byte(o.body), newVerifier()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(r, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
