package conformance_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"time"
)

// factory is the certificate authority of somebody who makes devices.
type factory struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newFactory makes an authority of this name, with a key of its own. It is made where tables are, so it panics.
func newFactory(name string) factory { return newFactoryWith(name, newKey()) }

// newFactoryWith makes another certificate for a key that there is already.
func newFactoryWith(name string, key *ecdsa.PrivateKey) factory {
	f := factory{key: key}
	template := certificate(name)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	f.cert = f.sign(template, key)
	return f
}

func certificate(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		panic(err)
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func (f factory) sign(template *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	parent := f.cert
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), f.key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return cert
}

// pem is the authority's certificate.
func (f factory) pem() string { return pemOf(f.cert) }

// device is a new certificate of this common name. A registration code as the name makes it a verification certificate.
func (f factory) device(name string) string { return pemOf(f.sign(certificate(name), newKey())) }

// verification makes the certificate that proves to the server that whoever registers the authority has its key.
func (f factory) verification(code Kept) made {
	return made{code, func(text string) any { return f.device(text) }}
}

func pemOf(cert *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
}

// idOf is the id of a certificate (CTRL-3.5.6).
func idOf(text string) string {
	block, _ := pem.Decode([]byte(text))
	sum := sha256.Sum256(block.Bytes)
	return hex.EncodeToString(sum[:])
}

// signingRequest is one for a new key.
func signingRequest(name string) string {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, newKey())
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func certARN(id string) string { return "arn:aws:iot:" + region + ":" + account + ":cert/" + id }

func caARN(id string) string { return "arn:aws:iot:" + region + ":" + account + ":cacert/" + id }

func policyARN(name string) string {
	return "arn:aws:iot:" + region + ":" + account + ":policy/" + name
}

// Two ids that no certificate has, one well formed and one not; and a principal of another account.
const (
	noID       = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	badID      = "xyzzy233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	foreignARN = "arn:aws:iot:" + region + ":999999999999:cert/" + noID
)

// issued is a certificate of the server that is ACTIVE; its id and ARN are kept.
func issued() []Step {
	return []Step{control("CreateKeysAndCertificate", Members{"setAsActive": true}).keeps("id", "certificateId").keeps("arn", "certificateArn")}
}

// ownThing lets a device act for the thing that it is attached to.
const ownThing = `{"Version":"2012-10-17","Statement":[{"Sid":"own","Effect":"Allow","Action":["iotjobsdata:*","iot:Connect"],` +
	`"Resource":["arn:aws:iot:` + region + `:` + account + `:thing/${iot:Connection.Thing.ThingName}",` +
	`"arn:aws:iot:` + region + `:` + account + `:client/${iot:Connection.Thing.ThingName}"]}]}`

// policyNamed is a policy that allows everything.
func policyNamed(names ...string) (steps []Step) {
	for _, name := range names {
		steps = append(steps, control("CreatePolicy", Members{"policyName": name, "policyDocument": allowEverything}))
	}
	return steps
}

const (
	allowEverything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	denyPublish     = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iot:Publish","Resource":"*"}]}`
)
