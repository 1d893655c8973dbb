package conformance_test

import (
	"testing"
)

func TestCACertificates(t *testing.T) { play(t, caCertificateCases) }

// registeredCA is an authority whose certificates the server takes, registered without a verification certificate.
func registeredCA(f factory) []Step {
	return []Step{control("RegisterCACertificate", Members{"caCertificate": f.pem(), "certificateMode": "SNI_ONLY", "setAsActive": true})}
}

// namesakes are as many authorities with one subject as may be registered.
func namesakes(n int) (steps []Step) {
	for range n {
		steps = append(steps, registeredCA(newFactory("namesake"))...)
	}
	return steps
}

var caCertificateCases = []Case{
	{
		Name: "an authority is registered with a verification certificate, described, changed and deleted",
		Steps: []Step{
			control("GetRegistrationCode", Members{}).
				gives(exactly{"registrationCode": textLike("[0-9a-f]{64}")}).
				keeps("code", "registrationCode"),
			control("RegisterCACertificate", Members{
				"caCertificate": makers.pem(), "verificationCertificate": makers.verification("code"), "setAsActive": true, "allowAutoRegistration": true,
			}).gives(exactly{"certificateArn": caARN(idOf(makers.pem())), "certificateId": idOf(makers.pem())}),
			control("DescribeCACertificate", Members{"certificateId": idOf(makers.pem())}).
				gives(exactly{"certificateDescription": exactly{
					"certificateArn": caARN(idOf(makers.pem())), "certificateId": idOf(makers.pem()), "status": "ACTIVE", "certificatePem": makers.pem(),
					"ownedBy": account, "creationDate": today, "lastModifiedDate": today, "customerVersion": 1, "generationId": some,
					"autoRegistrationStatus": "ENABLE", "certificateMode": "DEFAULT",
					"validity": Members{"notBefore": check("be a date", isDate), "notAfter": check("be a date", isDate)},
				}}),
			control("ListCACertificates", Members{}).
				gives(exactly{"certificates": List{exactly{
					"certificateArn": caARN(idOf(makers.pem())), "certificateId": idOf(makers.pem()), "status": "ACTIVE", "creationDate": today,
				}}}),
			control("DeleteCACertificate", Members{"certificateId": idOf(makers.pem())}).
				fails(406, "CertificateStateException", containing("must be deactivated")),
			control("UpdateCACertificate", Members{"certificateId": idOf(makers.pem()), "newStatus": "INACTIVE", "newAutoRegistrationStatus": "DISABLE"}).
				gives(exactly{}),
			control("DescribeCACertificate", Members{"certificateId": idOf(makers.pem())}).sdks().
				gives(Members{"certificateDescription": Members{"status": "INACTIVE", "autoRegistrationStatus": "DISABLE", "customerVersion": 2}}),
			control("DeleteCACertificate", Members{"certificateId": idOf(makers.pem())}).
				gives(exactly{}),
			control("DeleteRegistrationCode", Members{}).gives(exactly{}),
			control("DeleteRegistrationCode", Members{}).sdks().fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:  "whoever has not the key of an authority does not register it",
		Given: []Step{control("GetRegistrationCode", Members{}).keeps("code", "registrationCode")},
		Steps: []Step{
			control("RegisterCACertificate", Members{"caCertificate": makers.pem(), "verificationCertificate": makers.device("another code")}).
				fails(400, "RegistrationCodeValidationException", containing("not the registration code")),
			control("RegisterCACertificate", Members{"caCertificate": makers.pem(), "verificationCertificate": newFactory("thieves").verification("code")}).
				fails(400, "CertificateValidationException", containing("not signed by the CA")),
			control("RegisterCACertificate", Members{"caCertificate": lone, "certificateMode": "SNI_ONLY"}).sdks().
				fails(400, "CertificateValidationException", containing("may not sign others")),
			control("RegisterCACertificate", Members{"caCertificate": makers.pem()}).sdks().
				fails(400, "InvalidRequestException", containing("verificationCertificate must not be empty")),
			control("ListCACertificates", Members{}).sdks().gives(exactly{"certificates": List{}}),
		},
	},
	{
		Name:  "an authority is registered once, and no more than ten of one name",
		Given: given(registeredCA(makers), namesakes(10)),
		Steps: []Step{
			control("RegisterCACertificate", Members{"caCertificate": makers.pem(), "certificateMode": "SNI_ONLY"}).
				fails(409, "ResourceAlreadyExistsException", nil).
				naming(Members{"resourceId": idOf(makers.pem()), "resourceArn": caARN(idOf(makers.pem()))}),
			control("RegisterCACertificate", Members{"caCertificate": newFactory("namesake").pem(), "certificateMode": "SNI_ONLY"}).
				fails(410, "LimitExceededException", nil),
		},
	},
	{
		Name:  "certificates of an authority are registered and listed",
		Given: registeredCA(makers),
		Steps: []Step{
			control("RegisterCertificate", Members{"certificatePem": factoryMade, "caCertificatePem": makers.pem(), "status": "ACTIVE"}).
				gives(exactly{"certificateArn": certARN(idOf(factoryMade)), "certificateId": idOf(factoryMade)}),
			control("DescribeCertificate", Members{"certificateId": idOf(factoryMade)}).sdks().
				gives(Members{"certificateDescription": Members{"status": "ACTIVE", "caCertificateId": idOf(makers.pem()), "certificateMode": "SNI_ONLY"}}),
			control("ListCertificatesByCA", Members{"caCertificateId": idOf(makers.pem())}).
				gives(exactly{"certificates": List{Members{"certificateId": idOf(factoryMade)}}}),
			control("RegisterCertificate", Members{"certificatePem": factoryMade}).sdks().
				fails(409, "ResourceAlreadyExistsException", nil).
				naming(Members{"resourceId": idOf(factoryMade), "resourceArn": certARN(idOf(factoryMade))}),
			control("RegisterCertificate", Members{"certificatePem": lone}).sdks().
				fails(400, "CertificateValidationException", containing("signed the certificate")),
			control("RegisterCertificate", Members{"certificatePem": factoryMade, "status": "BAD"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("BAD", "status", certStates)),
			control("UpdateCACertificate", Members{"certificateId": idOf(makers.pem()), "newStatus": "INACTIVE"}),
			control("RegisterCertificate", Members{"certificatePem": makers.device("door")}).
				fails(406, "CertificateStateException", containing("not ACTIVE")),
		},
	},
	{
		Name:  "one key with two registered certificates of one name leaves open whose device it is",
		Given: given(registeredCA(twins[0]), registeredCA(twins[1])),
		Steps: []Step{
			control("RegisterCertificate", Members{"certificatePem": twins[0].device("lamp")}).
				fails(409, "CertificateConflictException", nil),
			control("RegisterCertificate", Members{"certificatePem": twins[0].device("lamp"), "caCertificatePem": twins[1].pem()}).sdks().
				gives(Members{"certificateId": some}),
		},
	},
	{
		Name: "malformed requests on authorities, and on those that are not there",
		Steps: []Step{
			control("DescribeCACertificate", Members{"certificateId": badID}).sdks().
				fails(400, "InvalidRequestException", oneViolation(badID, "certificateId", hexPattern)),
			control("UpdateCACertificate", Members{"certificateId": noID, "newStatus": "REVOKED"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("REVOKED", "newStatus", "satisfy enum value set: [ACTIVE, INACTIVE]")),
			control("DeleteCACertificate", Members{"certificateId": badID}).sdks().
				fails(400, "InvalidRequestException", oneViolation(badID, "certificateId", hexPattern)),
			control("ListCACertificates", Members{"pageSize": 251}).sdks().
				fails(400, "InvalidRequestException", oneViolation("251", "pageSize", pagePattern)),
			control("DescribeCACertificate", Members{"certificateId": noID}).fails(404, "ResourceNotFoundException", containing(noID)),
			control("UpdateCACertificate", Members{"certificateId": noID, "newStatus": "ACTIVE"}).sdks().fails(404, "ResourceNotFoundException", containing(noID)),
			control("DeleteCACertificate", Members{"certificateId": noID}).sdks().fails(404, "ResourceNotFoundException", containing(noID)),
		},
	},
}

// twins are two certificates for one key and one name.
var twins = func() [2]factory {
	key := newKey()
	return [2]factory{newFactoryWith("twins", key), newFactoryWith("twins", key)}
}()
