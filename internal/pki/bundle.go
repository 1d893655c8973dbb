package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// minRSABits is what TLS clients and AWS ask for at least.
const minRSABits = 2048

// certificates reads a PEM file of certificates, each followed by the one that signed it. Blocks of other kinds are passed over: some tools put a
// key and parameters into the same file.
func certificates(pemText []byte) (chain []*x509.Certificate, err error) {
	for block, rest := pem.Decode(pemText); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(chain)+1, err)
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return nil, errors.New("there is no PEM block CERTIFICATE")
	}
	for i, cert := range chain[1:] {
		if !signed(cert, chain[i]) {
			return nil, fmt.Errorf("certificate %d (%s) did not sign certificate %d (%s); give them in the order from the first one to the root", i+2, cert.Subject, i+1, chain[i].Subject)
		}
	}
	return chain, nil
}

// signed looks at names and the signature, not at what the issuer may sign: a self-signed server certificate is no authority, and yet its own root.
func signed(issuer, cert *x509.Certificate) bool {
	return bytes.Equal(issuer.RawSubject, cert.RawIssuer) && issuer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// privateKey reads the first private key of a PEM file, in any of the three common encodings. What it says never quotes the file.
func privateKey(pemText []byte) (crypto.Signer, error) {
	for block, rest := pem.Decode(pemText); block != nil; block, rest = pem.Decode(rest) {
		var key any
		var err error
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, errors.New("the private key is encrypted; give it without a passphrase, in a file that only the server may read")
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("the PEM block %s cannot be read", block.Type)
		}
		switch key := key.(type) {
		case *ecdsa.PrivateKey:
			return key, nil
		case *rsa.PrivateKey:
			if bits := key.N.BitLen(); bits < minRSABits {
				return nil, fmt.Errorf("the RSA key has %d bits; want at least %d", bits, minRSABits)
			}
			return key, nil
		default:
			return nil, fmt.Errorf("the private key is %T; want RSA or ECDSA, which every device knows", key)
		}
	}
	return nil, errors.New("there is no PEM block PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY")
}

// belongs refuses a key of another certificate.
func belongs(cert *x509.Certificate, key crypto.Signer) error {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(cert.PublicKey) {
		return fmt.Errorf("the private key does not belong to the certificate of %q", cert.Subject)
	}
	return nil
}

// isRoot reports whether a certificate signed itself.
func isRoot(cert *x509.Certificate) bool { return signed(cert, cert) }

// raw is the chain as TLS sends it.
func raw(chain []*x509.Certificate) (der [][]byte) {
	for _, cert := range chain {
		der = append(der, cert.Raw)
	}
	return der
}
