package policy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/policy"
)

// The values of a certificate like the one on IoT Core's page "Using X.509 certificate policy variables", with the keys of that page.
func TestCertificateContext(t *testing.T) {
	context := policy.CertificateContext(exampleCertificate(t))
	for name, want := range map[string][]string{
		"SerialNumber":                                      {"10525622389124227206"},
		"Subject.Country":                                   {"US"},
		"Subject.Organization":                              {"IoT Devices"},
		"Subject.OrganizationalUnit":                        {"LightBulb"},
		"Subject.State":                                     {"NY"},
		"Subject.CommonName":                                {"LightBulb Device Cert"},
		"Subject.GivenName":                                 {"Bulb"},
		"Subject.Initials":                                  {"ZZ"},
		"Subject.DistinguishedNameQualifier":                {"Bulb001"},
		"Subject.Surname":                                   {"Multi Color"},
		"Subject.Title":                                     {"RGB"},
		"Subject.Pseudonym":                                 {"RGB Device"},
		"Subject.GenerationQualifier":                       {"4"},
		"Subject.SerialNumber":                              {"123"},
		"Issuer.CommonName":                                 {"LightBulb Device Cert"},
		"Subject.AlternativeName.DNSName":                   {"example.com"},
		"Subject.AlternativeName.IPAddress":                 {"1.2.3.4"},
		"Subject.AlternativeName.UniformResourceIdentifier": {"ResourceIdentifier001"},
		"Subject.AlternativeName.RFC822Name":                {"device1@example.com"},
		"Subject.AlternativeName.DirectoryName":             {`C\=US O\=IoT CN\=LightBulbCert`},
		"Issuer.AlternativeName.DNSName":                    {"issuer.com"},
		"Issuer.AlternativeName.IPAddress":                  {"2001:db8::1"},
		"Issuer.AlternativeName.RFC822Name":                 nil,
		// The first of several, one by its index, all; and no more than five.
		"Issuer.AlternativeName.UniformResourceIdentifier":      {"urn:0"},
		"Issuer.AlternativeName.UniformResourceIdentifier.1":    {"urn:1"},
		"Issuer.AlternativeName.UniformResourceIdentifier.4":    {"urn:4"},
		"Issuer.AlternativeName.UniformResourceIdentifier.5":    nil,
		"Issuer.AlternativeName.UniformResourceIdentifier.List": {"urn:0", "urn:1", "urn:2", "urn:3", "urn:4"},
		"Subject.Country.List":                                  {"US"},
		"Subject.Country.0":                                     {"US"},
	} {
		if got := context[policy.ContextKey("iot:Certificate."+name)]; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	available := context[policy.ContextKey("iot:Certificate.AvailableKeys")]
	for name, want := range map[string]bool{
		"iot:Certificate.Subject.CommonName": true, "iot:Certificate.SerialNumber": true, "iot:Certificate.Issuer.AlternativeName.RFC822Name": false,
	} {
		if got := slices.Contains(available, name); got != want {
			t.Errorf("AvailableKeys has %s: got %v, want %v", name, got, want)
		}
	}
}

func TestCertificateWithoutAttributes(t *testing.T) {
	context := policy.CertificateContext(&x509.Certificate{
		Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte("no ASN.1")}},
	})
	if len(context) != 1 || len(context["iot:certificate.availablekeys"]) != 0 {
		t.Errorf("got %v, want no values", context)
	}
}

// A name with the characters that AWS lists is written with backslashes, here and in policies.
func TestCertificateValuesAreEscaped(t *testing.T) {
	name := pkix.Name{Names: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 10}, Value: `A, B; "C" <D>\E=F`}}}
	context := policy.CertificateContext(&x509.Certificate{Subject: name})
	const want = `A\, B\; \"C\" \<D\>\\E\=F`
	if got := context[policy.ContextKey("iot:Certificate.Subject.Organization")]; !slices.Equal(got, one(want)) {
		t.Errorf("got %s, want %s", got, want)
	}
	policies := attach(t, policyOf(allow("*", arn("topic/${iot:Certificate.Subject.Organization}"))), policy.IoTCore)
	request := policy.Request{Action: "iot:Publish", Resource: arn("topic/" + want), Context: func(key string) []string { return context[key] }}
	if d := policy.Evaluate(policies, request); !d.Allowed {
		t.Error(d.Reason())
	}
}

func exampleCertificate(t *testing.T) *x509.Certificate {
	t.Helper()
	serial, _ := new(big.Int).SetString("921285cbb7a5e086", 16)
	attribute := func(id int, value string) pkix.AttributeTypeAndValue {
		return pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, id}, Value: value}
	}
	directory := pkix.RDNSequence{{attribute(6, "US")}, {attribute(10, "IoT")}, {attribute(3, "LightBulbCert")}}
	issuer := []asn1.RawValue{general(2, []byte("issuer.com")), general(7, net.ParseIP("2001:db8::1"))}
	for _, uri := range []string{"urn:0", "urn:1", "urn:2", "urn:3", "urn:4", "urn:5"} {
		issuer = append(issuer, general(6, []byte(uri)))
	}
	template := &x509.Certificate{
		SerialNumber: serial, NotAfter: time.Now().Add(time.Hour),
		Subject: pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{
			attribute(6, "US"), attribute(10, "IoT Devices"), attribute(11, "LightBulb"), attribute(8, "NY"), attribute(3, "LightBulb Device Cert"),
			attribute(42, "Bulb"), attribute(43, "ZZ"), attribute(46, "Bulb001"), attribute(4, "Multi Color"), attribute(12, "RGB"),
			attribute(65, "RGB Device"), attribute(44, "4"), attribute(5, "123"),
		}},
		ExtraExtensions: []pkix.Extension{
			{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: encode(t, []asn1.RawValue{
				general(2, []byte("example.com")), general(7, net.ParseIP("1.2.3.4").To4()), general(6, []byte("ResourceIdentifier001")),
				general(1, []byte("device1@example.com")), explicit(4, encode(t, directory)),
			})},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 18}, Value: encode(t, issuer)},
		},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// general is a GeneralName of RFC 5280.
func general(tag int, content []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, Bytes: content}
}

func explicit(tag int, content []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: content}
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
