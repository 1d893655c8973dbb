package load

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"time"

	"iotjobs/internal/fleet"
)

// realm of the server under test: its defaults.
const (
	region  = "us-east-1"
	account = "123456789012"
)

// The credential scopes of the two planes.
const (
	deviceScope  = "iot-jobs-data"
	controlScope = "iot"
)

// request is one call before it is signed. The path and the query need no escapes; the query is in canonical order.
type request struct {
	scope, method, path, query string
	body                       []byte
}

// signer writes signed requests as bytes for the wire. It keeps the derived key, so that a signature costs less than a tenth of what the
// server does to verify it: the load must not take the machine away from what it measures. One goroutine uses it.
type signer struct {
	host  string
	key   fleet.Credentials
	scope string // of the derived key: "20060102/region/service/aws4_request"

	second      int64
	stamp, date string
	signing     hash.Hash
	canonical   []byte
	hexed       [2 * sha256.Size]byte
}

const signedHeaders = "content-type;host;x-amz-date"

// appendRequest appends the whole request, signed for now.
func (s *signer) appendRequest(buf []byte, r request, now time.Time) []byte {
	s.at(r.scope, now)
	signature := s.sign(r)
	buf = append(append(buf, r.method...), ' ')
	buf = append(buf, r.path...)
	if r.query != "" {
		buf = append(append(buf, '?'), r.query...)
	}
	buf = append(append(buf, " HTTP/1.1\r\nHost: "...), s.host...)
	buf = append(buf, "\r\nUser-Agent: load\r\nContent-Type: application/json\r\nX-Amz-Date: "...)
	buf = append(buf, s.stamp...)
	buf = append(append(buf, "\r\nAuthorization: AWS4-HMAC-SHA256 Credential="...), s.key.AccessKeyID...)
	buf = append(append(buf, '/'), s.scope...)
	buf = append(buf, ", SignedHeaders="+signedHeaders+", Signature="...)
	buf = append(buf, signature...)
	buf = append(buf, "\r\nContent-Length: "...)
	buf = strconv.AppendInt(buf, int64(len(r.body)), 10)
	buf = append(buf, "\r\n\r\n"...)
	return append(buf, r.body...)
}

// at makes time and key fit.
func (s *signer) at(service string, now time.Time) {
	if second := now.Unix(); second != s.second {
		s.second = second
		s.stamp = now.UTC().Format("20060102T150405Z")
		s.date = s.stamp[:8]
	}
	if scope := s.date + "/" + region + "/" + service + "/aws4_request"; scope != s.scope {
		key := []byte("AWS4" + s.key.SecretAccessKey)
		for _, part := range []string{s.date, region, service, "aws4_request"} {
			h := hmac.New(sha256.New, key)
			h.Write([]byte(part))
			key = h.Sum(nil)
		}
		s.scope, s.signing = scope, hmac.New(sha256.New, key)
	}
}

func (s *signer) sign(r request) []byte {
	c := append(append(s.canonical[:0], r.method...), '\n')
	c = append(append(c, r.path...), '\n')
	c = append(append(c, r.query...), '\n')
	c = append(append(c, "content-type:application/json\nhost:"...), s.host...)
	c = append(append(c, "\nx-amz-date:"...), s.stamp...)
	c = append(c, "\n\n"+signedHeaders+"\n"...)
	payload := sha256.Sum256(r.body)
	c = hex.AppendEncode(c, payload[:])
	sum := sha256.Sum256(c)
	c = append(append(c[:0], "AWS4-HMAC-SHA256\n"...), s.stamp...)
	c = append(append(append(c, '\n'), s.scope...), '\n')
	s.canonical = hex.AppendEncode(c, sum[:])
	s.signing.Reset()
	s.signing.Write(s.canonical)
	var signature [sha256.Size]byte
	hex.Encode(s.hexed[:], s.signing.Sum(signature[:0]))
	return s.hexed[:]
}
