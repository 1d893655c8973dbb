package registry

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// The lengths of RSA keys that a certificate may have (CTRL-3.5.22). AWS names no upper bound; Go's TLS takes no longer ones.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// IDOfCertificate is the certificate's id.
func IDOfCertificate(cert *x509.Certificate) CertificateID {
	sum := sha256.Sum256(cert.Raw)
	return CertificateID(hex.EncodeToString(sum[:]))
}

// EncodeCertificate is a certificate as PEM.
func EncodeCertificate(cert *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: cert.Raw}))
}

const certificateBlock = "CERTIFICATE"

// ParseCertificate reads one certificate from PEM, whose key and signature must be of the kinds that AWS takes (CTRL-3.5.22).
func ParseCertificate(text string) (*x509.Certificate, error) {
	der, err := onlyBlock(text, certificateBlock)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("it is no X.509 certificate: %w", err)
	}
	if err := checkKey(cert.PublicKey); err != nil {
		return nil, err
	}
	return cert, checkSignature(cert.SignatureAlgorithm)
}

// ParseRequest reads one certificate signing request from PEM. Its signature must be that of its own key: a request is the proof that somebody
// has the private key.
func ParseRequest(text string) (*x509.CertificateRequest, error) {
	der, err := onlyBlock(text, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
	if err != nil {
		return nil, err
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fmt.Errorf("it is no certificate signing request: %w", err)
	}
	if err := checkKey(request.PublicKey); err != nil {
		return nil, err
	}
	if err := checkSignature(request.SignatureAlgorithm); err != nil {
		return nil, err
	}
	if request.CheckSignature() != nil {
		return nil, errors.New("its signature is not that of its key")
	}
	return request, nil
}

// SignedBy tells whether a CA signed the certificate. Neither's time is looked at.
func SignedBy(cert, ca *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, ca.RawSubject) && cert.CheckSignatureFrom(ca) == nil
}

// onlyBlock is the one PEM block of a text, which must be of one of the kinds.
func onlyBlock(text string, kinds ...string) ([]byte, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("it is not in PEM format")
	}
	if second, _ := pem.Decode(rest); second != nil {
		return nil, errors.New("it has more than one PEM block; give the certificate alone, without its chain")
	}
	if !slices.Contains(kinds, block.Type) {
		return nil, fmt.Errorf("its PEM block is %q, want %q", block.Type, kinds[0])
	}
	return block.Bytes, nil
}

func checkKey(key crypto.PublicKey) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return fmt.Errorf("its RSA key has %d bits, want %d to %d", bits, minRSABits, maxRSABits)
		}
		return nil
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
	}
	return errors.New("its key is neither RSA nor of one of the curves P-256, P-384 and P-521")
}

var signatures = []x509.SignatureAlgorithm{
	x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA, x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
	x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
}

func checkSignature(algorithm x509.SignatureAlgorithm) error {
	if !slices.Contains(signatures, algorithm) {
		return fmt.Errorf("its signature algorithm %s is not one of RSA and ECDSA with SHA-256, SHA-384 or SHA-512", algorithm)
	}
	return nil
}
