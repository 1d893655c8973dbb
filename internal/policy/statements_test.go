package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"iotjobs/internal/policy"
)

// statementRow: these statements (JSON, separated by commas), this request, this answer.
type statementRow struct {
	dialect    policy.Dialect // 0: both
	statements string
	action     string
	resource   string
	context    keys
	want       answer
	source     source
	fact       string
}

func allow(action, resource string) string {
	return statementJSON("Allow", "Action", action, "Resource", resource)
}

func deny(action, resource string) string {
	return statementJSON("Deny", "Action", action, "Resource", resource)
}

// statementJSON takes the last two elements in the form name, value.
func statementJSON(effect, actionElement, action, resourceElement, resource string) string {
	return fmt.Sprintf(`{"Effect": %q, %q: %s, %q: %s}`, effect, actionElement, jsonList(action), resourceElement, jsonList(resource))
}

// jsonList writes "a|b" as a list and "a" as one value: where a list may stand, one value may too.
func jsonList(values string) string {
	list := strings.Split(values, "|")
	for i, value := range list {
		list[i] = quoted(value)
	}
	if len(list) == 1 {
		return list[0]
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func TestElements(t *testing.T)        { checkStatements(t, elementRows) }
func TestWildcards(t *testing.T)       { checkStatements(t, wildcardRows) }
func TestVariables(t *testing.T)       { checkStatements(t, variableRows) }
func TestActionsOfIoT(t *testing.T)    { checkStatements(t, actionRows) }
func TestIoTCoreExamples(t *testing.T) { checkStatements(t, exampleRows) }

func checkStatements(t *testing.T, rows []statementRow) {
	t.Helper()
	for _, row := range rows {
		for _, dialect := range dialects(row.dialect) {
			request := policy.Request{Action: row.action, Resource: row.resource, Context: row.context.context}
			if d := policy.Evaluate(attach(t, policyOf(row.statements), dialect), request); answerOf(d) != row.want {
				t.Errorf("%s on %s with %v: got %s, want %s: %s\n(%s)\n%s",
					row.action, row.resource, row.context, d.Reason(), row.want, row.fact, row.source, row.statements)
			}
		}
	}
}

// Every variable that AWS documents for these actions has a row that grants with it and one that does not.
func TestEveryDocumentedVariableHasRows(t *testing.T) {
	rows := slices.Concat(variableRows, exampleRows)
	for _, name := range documentedVariables() {
		for _, want := range []answer{allowed, nothing} {
			uses := func(r statementRow) bool {
				return r.want == want && (strings.Contains(r.statements, "${"+name) || strings.Contains(r.statements, `"`+name+`"`))
			}
			if !slices.ContainsFunc(rows, uses) {
				t.Errorf("%s: no row that gives %q", name, want)
			}
		}
	}
}

// documentedVariables are those of IoT Core's pages on basic, thing and X.509 certificate policy variables and on Connect, of the credentials provider, and the
// global keys that IAM's page on variables lists for every request.
func documentedVariables() []string {
	names := []string{
		"iot:ClientId", "aws:SourceIp", "iot:DomainName",
		"iot:Connection.Thing.ThingName", "iot:Connection.Thing.ThingTypeName", "iot:Connection.Thing.Attributes[model]", "iot:Connection.Thing.IsAttached",
		"iot:ConnectAttributes", "iot:Certificate.SerialNumber", "iot:Certificate.AvailableKeys",
		"credentials-iot:ThingName", "credentials-iot:ThingTypeName", "credentials-iot:AwsCertificateId",
		"aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime", "aws:PrincipalType", "aws:SecureTransport", "aws:UserAgent", "aws:userid", "aws:username",
	}
	for _, owner := range []string{"Issuer", "Subject"} {
		for _, attribute := range certificateAttributes {
			names = append(names, "iot:Certificate."+owner+"."+attribute)
		}
	}
	return names
}

// certificateAttributes of the issuer and of the subject.
var certificateAttributes = []string{
	"DistinguishedNameQualifier", "Country", "Organization", "OrganizationalUnit", "State", "CommonName", "SerialNumber", "Title", "Surname",
	"GivenName", "Initials", "Pseudonym", "GenerationQualifier",
	"AlternativeName.RFC822Name", "AlternativeName.DNSName", "AlternativeName.DirectoryName", "AlternativeName.UniformResourceIdentifier",
	"AlternativeName.IPAddress",
}
