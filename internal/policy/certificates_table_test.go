package policy_test

import "fmt"

// certificateRows are the variables of X.509 certificates: the names one by one, then their limits.
func certificateRows() []statementRow {
	var rows []statementRow
	for _, owner := range []string{"Issuer", "Subject"} {
		for _, attribute := range certificateAttributes {
			name := "iot:Certificate." + owner + "." + attribute
			statement := allow("*", arn("topic/${"+name+"}"))
			rows = append(
				rows,
				statementRow{0, statement, "iot:Publish", arn("topic/v"), keys{name: one("v")}, allowed, iotCertificate, "the attribute's value"},
				statementRow{0, statement, "iot:Publish", arn("topic/w"), keys{name: one("v")}, nothing, iotCertificate, "another value"},
				statementRow{0, statement, "iot:Publish", arn("topic/"), nil, nothing, iotLimits, "the certificate has no such attribute"},
			)
		}
	}
	organization := func(value string) keys { return keys{"iot:Certificate.Subject.Organization": one(value)} }
	byOrganization := allow("*", arn("topic/${iot:Certificate.Subject.Organization}"))
	bySerial := allow("*", arn("client/${iot:Certificate.SerialNumber}"))
	organizations := `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {
		"iot:Certificate.Subject.Organization.List": ["Example Corp", "AnyCompany"]}}}`
	long := fmt.Sprintf("%01025d", 7)
	return append(
		rows,
		statementRow{
			0, bySerial, "iot:Connect", arn("client/10525622389124227206"),
			keys{"iot:Certificate.SerialNumber": one("10525622389124227206")},
			allowed, iotLimits, "the serial number is decimal",
		},
		statementRow{
			0, bySerial, "iot:Connect", arn("client/9212"),
			keys{"iot:Certificate.SerialNumber": one("10525622389124227206")},
			nothing, iotLimits, "the serial number is decimal",
		},
		statementRow{
			0, onlyIf("ForAnyValue:StringEquals", "iot:Certificate.AvailableKeys", "a"), "iot:X", "*",
			keys{"iot:Certificate.AvailableKeys": {"a", "b"}},
			allowed, iotCertificate, "the names of the variables with values",
		},
		statementRow{
			0, onlyIf("ForAnyValue:StringEquals", "iot:Certificate.AvailableKeys", "a"), "iot:X", "*",
			keys{"iot:Certificate.AvailableKeys": {"b"}},
			nothing, iotCertificate, "the names of the variables with values",
		},
		statementRow{
			0, onlyIf("Null", "iot:Certificate.Subject.CommonName", "false"), "iot:X", "*", nil,
			nothing, iotLimits, "Null makes sure that an attribute is there",
		},
		statementRow{
			0, allow("*", arn("topic/${iot:Certificate.Subject.Country.1}")), "iot:X", arn("topic/DE"),
			keys{"iot:Certificate.Subject.Country.1": one("DE")},
			allowed, iotCertificate, "values after the first have an index",
		},
		statementRow{
			0, allow("*", arn("topic/${iot:Certificate.Subject.Country.2}")), "iot:X", arn("topic/DE"),
			keys{"iot:Certificate.Subject.Country.1": one("DE")},
			nothing, iotCertificate, "an index that does not exist fails",
		},
		statementRow{
			0, organizations, "iot:X", "*",
			keys{"iot:Certificate.Subject.Organization.List": {"AnyCompany", "Example Corp"}},
			allowed, iotCertificate, ".List has all values",
		},
		statementRow{
			0, organizations, "iot:X", "*",
			keys{"iot:Certificate.Subject.Organization.List": {"AnyCompany", "Other"}},
			nothing, iotCertificate, ".List has all values",
		},
		statementRow{
			0, byOrganization, "iot:X", arn("topic/a*b"), organization("a*b"),
			nothing, iotLimits, "a value with a wildcard is not substituted: *",
		},
		statementRow{
			0, byOrganization, "iot:X", arn("topic/a$b"), organization("a$b"),
			nothing, iotLimits, "a value with a wildcard is not substituted: $",
		},
		statementRow{
			0, byOrganization, "iot:X", arn("topic/a+b"), organization("a+b"),
			nothing, iotLimits, "a value with a wildcard is not substituted: +",
		},
		statementRow{
			0, byOrganization, "iot:X", arn("topic/a?b"), organization("a?b"),
			nothing, iotLimits, "a value with a wildcard is not substituted: ?",
		},
		statementRow{
			0, byOrganization, "iot:X", arn("topic/a#b"), organization("a#b"),
			nothing, iotLimits, "a value with a wildcard is not substituted: #",
		},
		statementRow{
			0, byOrganization, "iot:X", arn("topic/" + long), organization(long),
			nothing, iotLimits, "a value longer than 1024 characters is not substituted",
		},
		statementRow{0, byOrganization, "iot:X", arn("topic/" + long[1:]), organization(long[1:]), allowed, iotLimits, "one of 1024 is"},
	)
}
