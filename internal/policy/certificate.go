package policy

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"slices"
	"strconv"
	"strings"
)

// CertificateContext is what a client certificate says to policies: the values of the keys iot:Certificate.…, by their ContextKey
// (IoT Core, "X.509 certificate AWS IoT Core policy variables"). It is made once for a connection; the caller may keep it, but not change it.
//
// Each attribute gives three kinds of keys: its own name holds the first value, name.0 to name.4 one each, name.List all of at most five.
// An attribute that the certificate does not have gives no key, so that a policy that names it does not match.
func CertificateContext(cert *x509.Certificate) map[string][]string {
	values := certificateValues{}
	values.addName("Issuer", cert.Issuer)
	values.addName("Subject", cert.Subject)
	for _, extension := range cert.Extensions {
		switch {
		case extension.Id.Equal(oidIssuerAltName):
			values.addAlternativeNames("Issuer", extension.Value)
		case extension.Id.Equal(oidSubjectAltName):
			values.addAlternativeNames("Subject", extension.Value)
		}
	}
	if cert.SerialNumber != nil {
		values.add("SerialNumber", cert.SerialNumber.String()) // decimal, as AWS has it
	}
	return values.context()
}

// certificateValues are the values of the attributes, by their name after iot:Certificate.
type certificateValues map[string][]string

// maxAttributeValues: AWS ignores further ones.
const maxAttributeValues = 5

func (v certificateValues) add(name, value string) {
	if value != "" && len(v[name]) < maxAttributeValues {
		v[name] = append(v[name], escapeAttribute(value))
	}
}

func (v certificateValues) context() map[string][]string {
	context := map[string][]string{}
	var available []string
	for name, values := range v {
		name = "iot:Certificate." + name
		available = append(available, name)
		key := ContextKey(name)
		context[key] = values[:1]
		context[key+".list"] = values
		for i := range values {
			context[key+"."+strconv.Itoa(i)] = values[i : i+1]
		}
	}
	slices.Sort(available)
	context["iot:certificate.availablekeys"] = available
	return context
}

// escapeAttribute puts a backslash before the characters that AWS's page lists under "Special Characters".
func escapeAttribute(value string) string {
	return attributeEscapes.Replace(value)
}

var attributeEscapes = strings.NewReplacer(`,`, `\,`, `"`, `\"`, `\`, `\\`, `+`, `\+`, `=`, `\=`, `<`, `\<`, `>`, `\>`, `;`, `\;`)

var (
	oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidIssuerAltName  = asn1.ObjectIdentifier{2, 5, 29, 18}
)

// nameAttributes are the attributes of a name that AWS makes variables of, by object identifier.
var nameAttributes = map[string]string{
	"2.5.4.3":  "CommonName",
	"2.5.4.4":  "Surname",
	"2.5.4.5":  "SerialNumber",
	"2.5.4.6":  "Country",
	"2.5.4.8":  "State",
	"2.5.4.10": "Organization",
	"2.5.4.11": "OrganizationalUnit",
	"2.5.4.12": "Title",
	"2.5.4.42": "GivenName",
	"2.5.4.43": "Initials",
	"2.5.4.44": "GenerationQualifier",
	"2.5.4.46": "DistinguishedNameQualifier",
	"2.5.4.65": "Pseudonym",
}

func (v certificateValues) addName(owner string, name pkix.Name) {
	for _, attribute := range name.Names {
		value, isString := attribute.Value.(string)
		if variable, ok := nameAttributes[attribute.Type.String()]; ok && isString {
			v.add(owner+"."+variable, value)
		}
	}
}

// addAlternativeNames reads the extension itself: crypto/x509 knows neither the issuer's nor directory names. What cannot be read gives no values.
func (v certificateValues) addAlternativeNames(owner string, extension []byte) {
	var names []asn1.RawValue
	if rest, err := asn1.Unmarshal(extension, &names); err != nil || len(rest) > 0 {
		return
	}
	prefix := owner + ".AlternativeName."
	for _, name := range names {
		if name.Class != asn1.ClassContextSpecific {
			continue
		}
		switch name.Tag { // RFC 5280, GeneralName
		case 1:
			v.add(prefix+"RFC822Name", string(name.Bytes))
		case 2:
			v.add(prefix+"DNSName", string(name.Bytes))
		case 4:
			v.add(prefix+"DirectoryName", directoryName(name.Bytes))
		case 6:
			v.add(prefix+"UniformResourceIdentifier", string(name.Bytes))
		case 7:
			if len(name.Bytes) == net.IPv4len || len(name.Bytes) == net.IPv6len {
				v.add(prefix+"IPAddress", net.IP(name.Bytes).String())
			}
		}
	}
}

// directoryName spells a name as AWS's one example does: O=Amazon.com Inc. L=Seattle, in the order of the certificate.
func directoryName(der []byte) string {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &sequence); err != nil || len(rest) > 0 {
		return ""
	}
	var parts []string
	for _, set := range sequence {
		for _, attribute := range set {
			if value, ok := attribute.Value.(string); ok {
				parts = append(parts, shortName(attribute.Type)+"="+value)
			}
		}
	}
	return strings.Join(parts, " ")
}

func shortName(id asn1.ObjectIdentifier) string {
	names := map[string]string{"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU"}
	if name, ok := names[id.String()]; ok {
		return name
	}
	return id.String()
}
