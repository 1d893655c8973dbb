package service_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
)

func TestCreateKeysAndCertificate(t *testing.T) {
	w, _ := newIdentityWorld(t)
	created, err := w.CreateKeysAndCertificate(t.Context(), service.CreateKeysAndCertificateInput{Active: true})
	w.must(err)
	cert := created.Certificate
	if cert.Status != registry.CertificateActive || cert.Mode != registry.CertificateModeDefault || cert.Version != 1 {
		t.Errorf("got %+v", cert)
	}
	if !strings.HasPrefix(created.PrivateKey, "-----BEGIN RSA PRIVATE KEY-----") || !strings.HasPrefix(created.PublicKey, "-----BEGIN PUBLIC KEY-----") {
		t.Errorf("the keys are not in AWS's formats: %.40s, %.40s", created.PrivateKey, created.PublicKey)
	}
	pair, err := tls.X509KeyPair([]byte(cert.PEM), []byte(created.PrivateKey))
	w.must(err)
	sum := sha256.Sum256(pair.Leaf.Raw)
	if want := hex.EncodeToString(sum[:]); string(cert.ID) != want {
		t.Errorf("the id is %s, want %s", cert.ID, want)
	}
	if bits := pair.Leaf.PublicKey.(*rsa.PublicKey).N.BitLen(); bits != 2048 {
		t.Errorf("the key has %d bits", bits)
	}
	if !w.nowhere(t, strings.Split(created.PrivateKey, "\n")[1]) {
		t.Error("the private key was stored")
	}
	inactive, err := w.CreateKeysAndCertificate(t.Context(), service.CreateKeysAndCertificateInput{})
	w.must(err)
	if inactive.Certificate.Status != registry.CertificateInactive {
		t.Errorf("without setAsActive it is %s", inactive.Certificate.Status)
	}
}

// nowhere tells that no record has the text in it.
func (w *world) nowhere(t *testing.T, text string) bool {
	t.Helper()
	found := false
	w.must(w.Store.View(t.Context(), func(tx store.ReadTx) error {
		for _, kind := range []store.RecordKind{store.CertificateRecord, store.CertificatePEMRecord, store.SettingRecord, store.CreationOrderRecord} {
			records, err := tx.Records(kind, "", 1000)
			if err != nil {
				return err
			}
			found = found || slices.ContainsFunc(records, func(r store.Record) bool { return strings.Contains(string(r.Value), text) })
		}
		return nil
	}))
	return !found
}

func TestCreateCertificateFromCsr(t *testing.T) {
	w, _ := newIdentityWorld(t)
	for name, key := range map[string]crypto.Signer{
		"RSA": rsaKey(), "P-256": ecKey(), "P-384": must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)), "P-521": must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
	} {
		request := requestPEM(t, key, "lamp "+name)
		first, err := w.CreateCertificateFromCsr(t.Context(), service.CreateCertificateFromCsrInput{Request: request})
		w.must(err)
		cert, err := registry.ParseCertificate(first.PEM)
		w.must(err)
		if cert.Subject.CommonName != "lamp "+name || !cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }).Equal(key.Public()) {
			t.Errorf("%s: another subject %s or another key", name, cert.Subject)
		}
		again, err := w.CreateCertificateFromCsr(t.Context(), service.CreateCertificateFromCsrInput{Request: request})
		w.must(err)
		if again.ID == first.ID {
			t.Errorf("%s: the same request gave the same certificate", name)
		}
	}

	tampered, _ := pem.Decode([]byte(requestPEM(t, ecKey(), "lamp")))
	tampered.Bytes[len(tampered.Bytes)-1] ^= 1
	short := must(rsa.GenerateKey(rand.Reader, 1024))
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	for message, request := range map[string]string{
		"The certificate signing request is invalid: it is not in PEM format.":                                                       "hello",
		"The certificate signing request is invalid: its PEM block is \"CERTIFICATE\", want \"CERTIFICATE REQUEST\".":                registry.EncodeCertificate(newTestCA(t, "x", ecKey()).cert),
		"The certificate signing request is invalid: its signature is not that of its key.":                                          string(pem.EncodeToMemory(tampered)),
		"The certificate signing request is invalid: its RSA key has 1024 bits, want 2048 to 8192.":                                  requestPEM(t, short, "x"),
		"The certificate signing request is invalid: its key is neither RSA nor of one of the curves P-256, P-384 and P-521.":        requestPEM(t, edwards, "x"),
		"The certificate signing request is invalid: it has more than one PEM block; give the certificate alone, without its chain.": requestPEM(t, ecKey(), "x") + requestPEM(t, ecKey(), "y"),
	} {
		_, err := w.CreateCertificateFromCsr(t.Context(), service.CreateCertificateFromCsrInput{Request: request})
		refused(t, err, jobs.InvalidRequest, message)
	}
}

func TestRegisterCertificate(t *testing.T) {
	w, _ := newIdentityWorld(t)
	for name, ca := range map[string]testCA{"ECDSA": newTestCA(t, "ec ca", ecKey()), "RSA": newTestCA(t, "rsa ca", rsaKey())} {
		registered := w.registerCA(ca, false)
		device := ca.device(t, "lamp")
		c, err := w.RegisterCertificate(t.Context(), service.RegisterCertificateInput{PEM: registry.EncodeCertificate(device), Status: registry.CertificateActive})
		w.must(err)
		if c.CA != registered.ID || c.Status != registry.CertificateActive || c.Mode != registry.CertificateModeDefault || !c.NotAfter.Equal(device.NotAfter) {
			t.Errorf("%s: got %+v", name, c)
		}
		_, err = w.RegisterCertificate(t.Context(), service.RegisterCertificateInput{PEM: registry.EncodeCertificate(device)})
		refused(t, err, jobs.ResourceAlreadyExists, "The certificate is already registered.")
		list, err := w.ListCertificates(t.Context(), service.ListCertificatesInput{CA: registered.ID})
		w.must(err)
		if len(list.Certificates) != 1 || list.Certificates[0].ID != c.ID {
			t.Errorf("%s: the CA has %d certificates", name, len(list.Certificates))
		}
	}
}

func TestRegisterCertificateRefusals(t *testing.T) {
	w, _ := newIdentityWorld(t)
	ca, stranger, twin := newTestCA(t, "ca", ecKey()), newTestCA(t, "stranger", ecKey()), newTestCA(t, "ca", ecKey())
	registered := w.registerCA(ca, false)
	impostor := newTestCA(t, "ca", must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))) // the name of ca, another key
	register := func(cert *x509.Certificate, named string, status registry.CertificateStatus) error {
		_, err := w.RegisterCertificate(t.Context(), service.RegisterCertificateInput{PEM: registry.EncodeCertificate(cert), CA: named, Status: status})
		return err
	}
	const unsigned = "No registered CA certificate, or not the one that was named, signed the certificate."
	refused(t, register(stranger.device(t, "x"), "", ""), jobs.CertificateValidation, unsigned)
	refused(t, register(impostor.device(t, "x"), "", ""), jobs.CertificateValidation, unsigned)
	refused(t, register(ca.device(t, "x"), registry.EncodeCertificate(stranger.cert), ""), jobs.CertificateValidation, unsigned)
	refused(t, register(ca.device(t, "x"), "hello", ""), jobs.CertificateValidation, "The CA certificate is invalid: it is not in PEM format.")
	refused(t, register(ca.device(t, "x"), "", "PENDING_ACTIVATION"), jobs.InvalidRequest,
		"A certificate cannot be given the status PENDING_ACTIVATION; it may be ACTIVE, INACTIVE or REVOKED.")
	_, err := w.RegisterCertificate(t.Context(), service.RegisterCertificateInput{PEM: "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"})
	wantCode(t, err, jobs.CertificateValidation)

	// Two registered CAs with one name and one key: the request must say which.
	w.registerCA(twin, false)
	refused(t, register(ca.device(t, "x"), "", ""), jobs.CertificateConflict,
		"More than one registered CA certificate with the same subject and key signed the certificate: name one as caCertificatePem.")
	w.must(register(ca.device(t, "x"), registry.EncodeCertificate(twin.cert), ""))

	off := false
	w.must(w.UpdateCACertificate(t.Context(), service.UpdateCACertificateInput{ID: registered.ID, Active: &off}))
	refused(t, register(ca.device(t, "x"), registry.EncodeCertificate(ca.cert), ""), jobs.CertificateState, "The CA certificate "+string(registered.ID)+" is not ACTIVE.")
}

func TestRegisterCertificateWithoutCA(t *testing.T) {
	w, _ := newIdentityWorld(t)
	cert := newTestCA(t, "self-signed, as openssl makes them", ecKey()).cert
	c, err := w.RegisterCertificateWithoutCA(t.Context(), service.RegisterCertificateWithoutCAInput{PEM: registry.EncodeCertificate(cert)})
	w.must(err)
	if c.CA != "" || c.Mode != registry.CertificateModeSNIOnly || c.Status != registry.CertificateInactive {
		t.Errorf("got %+v", c)
	}
	_, err = w.RegisterCertificateWithoutCA(t.Context(), service.RegisterCertificateWithoutCAInput{PEM: registry.EncodeCertificate(cert)})
	refused(t, err, jobs.ResourceAlreadyExists, "The certificate is already registered.")
	_, err = w.RegisterCertificateWithoutCA(t.Context(), service.RegisterCertificateWithoutCAInput{PEM: "x"})
	refused(t, err, jobs.CertificateValidation, "The certificate is invalid: it is not in PEM format.")

	short := must(rsa.GenerateKey(rand.Reader, 1024))
	weak := sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "weak"}}, newTestCA(t, "ca", ecKey()).cert, short.Public(), ecKey())
	_, err = w.RegisterCertificateWithoutCA(t.Context(), service.RegisterCertificateWithoutCAInput{PEM: registry.EncodeCertificate(weak)})
	refused(t, err, jobs.CertificateValidation, "The certificate is invalid: its RSA key has 1024 bits, want 2048 to 8192.")
}

func TestCertificateStates(t *testing.T) {
	w, _ := newIdentityWorld(t)
	id := w.issued()
	for i, status := range []registry.CertificateStatus{
		registry.CertificateInactive, registry.CertificateRevoked, registry.CertificateRevoked, registry.CertificateActive,
	} {
		w.setStatus(id, status)
		c, err := w.DescribeCertificate(t.Context(), id)
		w.must(err)
		if want := []int{2, 3, 3, 4}[i]; c.Status != status || c.Version != want {
			t.Errorf("got %s version %d, want %s version %d", c.Status, c.Version, status, want)
		}
	}
	for _, status := range []registry.CertificateStatus{"PENDING_TRANSFER", "REGISTER_INACTIVE", registry.CertificatePendingActivation} {
		err := w.UpdateCertificate(t.Context(), service.UpdateCertificateInput{ID: id, Status: status})
		refused(t, err, jobs.InvalidRequest, "A certificate cannot be given the status "+string(status)+"; it may be ACTIVE, INACTIVE or REVOKED.")
	}
	err := w.UpdateCertificate(t.Context(), service.UpdateCertificateInput{ID: "none", Status: registry.CertificateActive})
	refused(t, err, jobs.ResourceNotFound, "Certificate none cannot be found.")
	_, err = w.DescribeCertificate(t.Context(), "none")
	refused(t, err, jobs.ResourceNotFound, "Certificate none cannot be found.")
}

func TestDeleteCertificate(t *testing.T) {
	w, _ := newIdentityWorld(t)
	w.things("a")
	w.policy("p", allowAll)
	id := w.issued()
	w.attachThing("a", id)
	w.attach("p", onCertificate(id))
	remove := func(force bool) error {
		return w.DeleteCertificate(t.Context(), service.DeleteCertificateInput{ID: id, Force: force})
	}
	refused(t, remove(true), jobs.CertificateState, "Certificate must be deactivated (not ACTIVE) before deletion.")
	w.setStatus(id, registry.CertificateInactive)
	refused(t, remove(true), jobs.DeleteConflict, "Things must be detached before deletion (certificate: "+string(id)+")")
	w.must(w.DetachThingPrincipal(t.Context(), service.ThingPrincipalInput{Thing: "a", Certificate: id}))
	refused(t, remove(false), jobs.DeleteConflict, "Certificate policies must be detached before deletion (certificate: "+string(id)+")")
	w.must(remove(true))
	refused(t, remove(true), jobs.ResourceNotFound, "Certificate "+string(id)+" cannot be found.")
	w.must(w.DeletePolicy(t.Context(), "p")) // nothing is attached to it any more
	list, err := w.ListCertificates(t.Context(), service.ListCertificatesInput{})
	w.must(err)
	if len(list.Certificates) != 0 {
		t.Errorf("%d certificates are left", len(list.Certificates))
	}
}

func TestListCertificates(t *testing.T) {
	w, _ := newIdentityWorld(t)
	var made []registry.CertificateID
	for range 5 {
		made = append(made, w.issued())
	}
	list := func(ascending bool) (ids []registry.CertificateID) {
		page := service.OrderedPage{Page: service.Page{MaxResults: 2}, Ascending: ascending}
		for {
			out, err := w.ListCertificates(t.Context(), service.ListCertificatesInput{Page: page})
			w.must(err)
			for _, c := range out.Certificates {
				ids = append(ids, c.ID)
			}
			if page.NextToken = out.NextToken; out.NextToken == "" || len(ids) > 10 {
				return ids
			}
		}
	}
	if got := list(true); !slices.Equal(got, made) {
		t.Errorf("ascending: got %q, want %q", got, made)
	}
	slices.Reverse(made)
	if got := list(false); !slices.Equal(got, made) {
		t.Errorf("descending: got %q, want %q", got, made)
	}
	_, err := w.ListCertificates(t.Context(), service.ListCertificatesInput{Page: service.OrderedPage{Page: service.Page{NextToken: "garbage!"}}})
	refused(t, err, jobs.InvalidRequest, "Next token is invalid.")
}
