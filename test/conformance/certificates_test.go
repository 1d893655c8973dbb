package conformance_test

import (
	"testing"
)

func TestCertificates(t *testing.T) { play(t, certificateCases) }

const (
	hexPattern    = "satisfy regular expression pattern: (0x)?[a-fA-F0-9]+"
	certStates    = "satisfy enum value set: [ACTIVE, INACTIVE, REVOKED, PENDING_TRANSFER, REGISTER_INACTIVE, PENDING_ACTIVATION]"
	pagePattern   = "have value less than or equal to 250"
	notCert       = "not a certificate"
	certPEMLike   = `-----BEGIN CERTIFICATE-----\n(?s).+\n-----END CERTIFICATE-----\n`
	privateKey    = `-----BEGIN RSA PRIVATE KEY-----\n(?s).+\n-----END RSA PRIVATE KEY-----\n`
	publicKey     = `-----BEGIN PUBLIC KEY-----\n(?s).+\n-----END PUBLIC KEY-----\n`
	serverOfCerts = "arn:aws:iot:" + region + ":" + account + ":cert/"
)

var (
	makers = newFactory("makers")
	// lone is a certificate without an authority, factoryMade one of makers.
	lone        = newFactory("nobody").device("lone")
	factoryMade = makers.device("lamp")
)

var certificateCases = []Case{
	{
		Name: "keys and a certificate are made, described, changed and deleted",
		Steps: []Step{
			control("CreateKeysAndCertificate", Members{"setAsActive": true}).
				gives(exactly{
					"certificateArn": textLike(serverOfCerts + "[0-9a-f]{64}"), "certificateId": textLike("[0-9a-f]{64}"), "certificatePem": textLike(certPEMLike),
					"keyPair": exactly{"PublicKey": textLike(publicKey), "PrivateKey": textLike(privateKey)},
				}).
				keeps("id", "certificateId").keeps("arn", "certificateArn").keeps("pem", "certificatePem"),
			control("DescribeCertificate", Members{"certificateId": Kept("id")}).
				gives(exactly{"certificateDescription": exactly{
					"certificateArn": Kept("arn"), "certificateId": Kept("id"), "status": "ACTIVE", "certificatePem": Kept("pem"), "ownedBy": account,
					"creationDate": today, "lastModifiedDate": today, "customerVersion": 1, "generationId": some, "certificateMode": "DEFAULT", "transferData": exactly{},
					"validity": Members{"notBefore": check("be a date", isDate), "notAfter": check("be a date", isDate)},
				}}),
			control("ListCertificates", Members{}).
				gives(exactly{"certificates": List{exactly{
					"certificateArn": Kept("arn"), "certificateId": Kept("id"), "status": "ACTIVE", "certificateMode": "DEFAULT", "creationDate": today,
				}}}),
			control("DeleteCertificate", Members{"certificateId": Kept("id")}).
				fails(406, "CertificateStateException", containing("must be deactivated")),
			control("UpdateCertificate", Members{"certificateId": Kept("id"), "newStatus": "REVOKED"}).
				gives(exactly{}),
			control("DescribeCertificate", Members{"certificateId": Kept("id")}).sdks().
				gives(Members{"certificateDescription": Members{"status": "REVOKED", "customerVersion": 2}}),
			control("DeleteCertificate", Members{"certificateId": Kept("id")}).
				gives(exactly{}),
			control("DescribeCertificate", Members{"certificateId": Kept("id")}).
				fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name: "a certificate is made for a signing request",
		Steps: []Step{
			control("CreateCertificateFromCsr", Members{"certificateSigningRequest": signingRequest("lamp"), "setAsActive": false}).
				gives(exactly{"certificateArn": some, "certificateId": textLike("[0-9a-f]{64}"), "certificatePem": textLike(certPEMLike)}).
				keeps("id", "certificateId"),
			control("DescribeCertificate", Members{"certificateId": Kept("id")}).sdks().
				gives(Members{"certificateDescription": Members{"status": "INACTIVE"}}),
			control("CreateCertificateFromCsr", Members{"certificateSigningRequest": "not a request"}).
				fails(400, "InvalidRequestException", containing("certificate signing request is invalid")),
		},
	},
	{
		Name: "a certificate without its authority is registered",
		Steps: []Step{
			control("RegisterCertificateWithoutCA", Members{"certificatePem": lone, "status": "ACTIVE"}).
				gives(exactly{"certificateArn": certARN(idOf(lone)), "certificateId": idOf(lone)}),
			control("DescribeCertificate", Members{"certificateId": idOf(lone)}).sdks().
				gives(Members{"certificateDescription": Members{"status": "ACTIVE", "certificateMode": "SNI_ONLY", "caCertificateId": absent}}),
			control("RegisterCertificateWithoutCA", Members{"certificatePem": lone}).
				fails(409, "ResourceAlreadyExistsException", nil).
				naming(Members{"resourceId": idOf(lone), "resourceArn": certARN(idOf(lone))}),
			control("RegisterCertificateWithoutCA", Members{"certificatePem": notCert}).sdks().
				fails(400, "CertificateValidationException", nil),
			control("RegisterCertificateWithoutCA", Members{"certificatePem": lone, "status": "BAD"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("BAD", "status", certStates)),
		},
	},
	{
		Name:    "certificates are listed by age, page by page",
		Clients: sdks(),
		Given: given(
			[]Step{control("CreateKeysAndCertificate", Members{}).keeps("first", "certificateId")},
			[]Step{control("CreateKeysAndCertificate", Members{}).keeps("second", "certificateId")},
		),
		Steps: []Step{
			control("ListCertificates", Members{}).
				gives(exactly{"certificates": List{Members{"certificateId": Kept("second")}, Members{"certificateId": Kept("first")}}}),
			control("ListCertificates", Members{"pageSize": 1, "ascendingOrder": true}).
				gives(exactly{"certificates": List{Members{"certificateId": Kept("first")}}, "nextMarker": some}).
				keeps("rest", "nextMarker"),
			control("ListCertificates", Members{"pageSize": 1, "ascendingOrder": true, "marker": Kept("rest")}).
				gives(exactly{"certificates": List{Members{"certificateId": Kept("second")}}}),
		},
	},
	{
		Name:  "a certificate that is in use is not deleted",
		Given: given(things("lamp"), policyNamed("all"), issued()),
		Steps: []Step{
			control("AttachThingPrincipal", Members{"thingName": "lamp", "principal": Kept("arn")}),
			control("AttachPolicy", Members{"policyName": "all", "target": Kept("arn")}),
			control("UpdateCertificate", Members{"certificateId": Kept("id"), "newStatus": "INACTIVE"}),
			control("DeleteCertificate", Members{"certificateId": Kept("id"), "forceDelete": true}).
				fails(409, "DeleteConflictException", containing("Things must be detached")),
			control("DetachThingPrincipal", Members{"thingName": "lamp", "principal": Kept("arn")}),
			control("DeleteCertificate", Members{"certificateId": Kept("id")}).sdks().
				fails(409, "DeleteConflictException", containing("policies must be detached")),
			control("DeleteCertificate", Members{"certificateId": Kept("id"), "forceDelete": true}).
				gives(exactly{}),
		},
	},
	{
		Name: "malformed requests on certificates, and on those that are not there",
		Steps: []Step{
			control("DescribeCertificate", Members{"certificateId": badID}).
				fails(400, "InvalidRequestException", oneViolation(badID, "certificateId", hexPattern)),
			control("UpdateCertificate", Members{"certificateId": noID, "newStatus": "GONE"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("GONE", "newStatus", certStates)),
			control("DeleteCertificate", Members{"certificateId": badID}).sdks().
				fails(400, "InvalidRequestException", oneViolation(badID, "certificateId", hexPattern)),
			control("ListCertificates", Members{"pageSize": 251}).sdks().
				fails(400, "InvalidRequestException", oneViolation("251", "pageSize", pagePattern)),
			control("ListCertificatesByCA", Members{"caCertificateId": badID}).sdks().
				fails(400, "InvalidRequestException", oneViolation(badID, "caCertificateId", hexPattern)),
			control("UpdateCertificate", Members{"certificateId": noID, "newStatus": "ACTIVE"}).sdks().fails(404, "ResourceNotFoundException", containing(noID)),
			control("DeleteCertificate", Members{"certificateId": noID}).sdks().fails(404, "ResourceNotFoundException", containing(noID)),
		},
	},
}

func isDate(got any) bool {
	_, ok := got.(date)
	return ok
}
