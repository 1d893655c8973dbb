package main

import (
	"crypto"
	"crypto/x509"
	"time"

	"iotjobs/internal/pki"
)

// deviceIssuer lets the service sign the certificates of devices. Their lives follow the real clock, whatever the service's time is.
type deviceIssuer struct{ certs *pki.Current }

func (i deviceIssuer) IssueDevice(key crypto.PublicKey, subject []byte) (*x509.Certificate, error) {
	return i.certs.CA().IssueDevice(time.Now(), key, subject)
}
