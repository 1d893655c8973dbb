package cluster

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"iotjobs/internal/store/postgres/pgtest"
	"iotjobs/test/process"
)

// TestRevocationClosesConnectionsOfOtherNodes: a device that only listens must not stay either.
func TestRevocationClosesConnectionsOfOtherNodes(t *testing.T) {
	h := newHouse(t)
	url := pgtest.NewURL(t)
	a, b := h.newNode("a", url), h.newNode("b", url, "--https", "127.0.0.1:0")
	h.must(a.Start(t.Context()))
	h.must(b.Start(t.Context()))
	client, err := newAPI(a.Dir)
	h.must(err)
	do := func(method, path string, in, out any) {
		t.Helper()
		h.must(client.call(t.Context(), a.Endpoint(), control, method, path, in, out))
	}
	var made struct {
		CertificateArn, CertificateID, CertificatePem string
		KeyPair                                       struct{ PrivateKey string }
	}
	do(http.MethodPost, "/keys-and-certificate?setAsActive=true", nil, &made)
	do(http.MethodPost, "/things/lamp", map[string]any{}, nil)
	do(http.MethodPost, "/policies/all", map[string]any{
		"policyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iotjobsdata:*","Resource":"*"}]}`,
	}, nil)
	do(http.MethodPut, "/target-policies/all", map[string]any{"target": made.CertificateArn}, nil)

	certificate, err := tls.X509KeyPair([]byte(made.CertificatePem), []byte(made.KeyPair.PrivateKey))
	h.must(err)
	ca, err := os.ReadFile(filepath.Join(b.Dir, "tls", "ca.pem"))
	h.must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}}
	connection, err := dialer.DialContext(t.Context(), "tcp", b.Addresses().HTTPS)
	h.must(err)
	defer connection.Close() //nolint:errcheck // the server is to close it
	h.must(connection.SetDeadline(time.Now().Add(process.Limit)))
	_, err = io.WriteString(connection, "GET /things/lamp/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n")
	h.must(err)
	answers := bufio.NewReader(connection)
	response, err := http.ReadResponse(answers, nil)
	h.must(err)
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	if h.must(err); response.StatusCode != http.StatusOK {
		t.Fatalf("the device is answered %s", response.Status)
	}

	do(http.MethodPut, "/certificates/"+made.CertificateID+"?newStatus=REVOKED", nil, nil)
	revoked := time.Now()
	if _, err := answers.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("reading on gave %v, want the end of the connection", err)
	}
	t.Logf("closed %s after the answer", time.Since(revoked).Round(time.Millisecond))
}
