package conformance_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// allCases are the tables of all files.
func allCases() []Case {
	return slices.Concat(
		thingCases, thingTypeCases, thingGroupCases, dynamicGroupCases, jobCases, updateJobCases, groupJobCases, rolloutCases, executionCases, deviceCases,
		refusalCases, signatureCases, pageCases, endpointCases, eventConfigurationCases, operatorCases,
		certificateCases, caCertificateCases, policyCases, principalCases, authorizationCases,
		roleAliasCases,
	)
}

// notProvoked are exceptions of AWS's model that no case brings about, with the reason: all of a kind, or those of one operation.
// TestExceptionsReachClients shows that clients would understand them.
var notProvoked = map[string]string{
	"ThrottlingException":         "nothing is throttled",
	"ServiceUnavailableException": "the disk would have to fail",
	"InternalFailureException":    "it would be a fault of ours",
	"UnauthorizedException":       "who may not do something gets AccessDeniedException, which is in no model",

	"iot-jobs-data DescribeJobExecution CertificateValidationException":         "the SDKs sign; TestMutualTLS has the callers with a certificate",
	"iot-jobs-data GetPendingJobExecutions CertificateValidationException":      "as above",
	"iot-jobs-data StartNextPendingJobExecution CertificateValidationException": "as above",
	"iot-jobs-data UpdateJobExecution CertificateValidationException":           "as above",

	"iot CreateKeysAndCertificate InvalidRequestException":       "no SDK sends something else than a boolean",
	"iot GetRegistrationCode InvalidRequestException":            "it has no member that could be wrong",
	"iot RegisterCACertificate ResourceNotFoundException":        "it is for templates and roles, which are refused by name",
	"iot RegisterCertificateWithoutCA CertificateStateException": "there is no authority whose state could be wrong",
	"iot UpdateCertificate CertificateStateException":            "certificates are not transferred between accounts",
	"iot DetachPolicy LimitExceededException":                    "no limit is written down for it",
	"iot GetEffectivePolicies LimitExceededException":            "no limit is written down for it",
	"iot ListAttachedPolicies LimitExceededException":            "no limit is written down for it",
	"iot ListTargetsForPolicy LimitExceededException":            "no limit is written down for it",
	"iot TestAuthorization LimitExceededException":               "no limit is written down for it",

	"iot CreateRoleAlias LimitExceededException":  "a hundred aliases would have to be there; service has a test",
	"iot DeleteRoleAlias DeleteConflictException": "nothing refers to a role alias",

	"iot CancelJob LimitExceededException":                 "no limit is written down for it",
	"iot CreateDynamicThingGroup LimitExceededException":   "a hundred groups would have to be there; service has a test",
	"iot GetIndexingConfiguration InvalidRequestException": "it has no member that could be wrong",

	"iot DeleteJob LimitExceededException":      "ten jobs would have to be in deletion at one moment; controlhttp has a test",
	"iot DeleteThing ResourceNotFoundException": "a missing thing is success",
}

// TestCasesAreComplete: every client plays every operation that the server has with success, both SDKs meet every exception that AWS models for
// each of them, and the AWS CLI meets every exception once.
func TestCasesAreComplete(t *testing.T) {
	t.Parallel()
	routed := routedOperations(t)
	for _, by := range clients {
		played, met := map[string]bool{}, map[string]bool{}
		for _, step := range stepsOf(by.name()) {
			if step.refusal == nil {
				played[step.operation()] = true
				continue
			}
			met[step.operation()+" "+step.refusal.Type] = true
			met[step.refusal.Type] = true
		}
		for _, operation := range slices.Sorted(maps.Keys(routed)) {
			if excused := slices.Contains(withoutCases, strings.TrimPrefix(operation, "iot ")); excused {
				if played[operation] {
					t.Errorf("%s: a case plays %s, which withoutCases excuses", by.name(), operation)
				}
				continue
			}
			if !played[operation] {
				t.Errorf("%s: no case plays %s with success", by.name(), operation)
			}
			for _, exception := range routed[operation] {
				checkProvoked(t, by, operation, exception, met)
			}
		}
	}
}

func checkProvoked(t *testing.T, by client, operation, exception string, met map[string]bool) {
	t.Helper()
	pair := operation + " " + exception
	has := met[pair]
	if by.name() == awsCLI {
		has = met[exception]
	}
	excused := notProvoked[exception] != "" || notProvoked[pair] != ""
	switch {
	case !has && !excused:
		t.Errorf("%s: no case has %s", by.name(), pair)
	case met[pair] && excused:
		t.Errorf("%s: a case has %s, which notProvoked excuses", by.name(), pair)
	}
}

// stepsOf are all steps that a client plays as itself.
func stepsOf(client string) (steps []Step) {
	for _, c := range allCases() {
		for _, step := range c.Steps {
			if c.isFor(client) && step.isFor(client) {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// operation names the step's operation, and the service, since both have DescribeJobExecution.
func (s Step) operation() string { return s.call.Service + " " + s.call.Operation }

// routedOperations asks a server for every operation of AWS's model, and returns those that it has, with the exceptions of the model.
func routedOperations(t *testing.T) map[string][]string {
	t.Helper()
	s := startServer(t)
	routed := map[string][]string{}
	for _, service := range []string{"iot", "iot-jobs-data"} {
		operations, err := stagehand.operations(service)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range operations {
			if s.has(t, service, o) {
				routed[service+" "+o.Name] = o.Errors
			}
		}
	}
	return routed
}

// placeholder is a member in the path of AWS's model, such as {thingName} or {arn+}.
var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// has calls an operation with x for every member of its path. The control plane tells by name which operations it has not; the device plane does
// not know their paths.
func (s *server) has(t *testing.T, service string, o operation) bool {
	t.Helper()
	url := "http://" + s.addresses.HTTP + placeholder.ReplaceAllString(o.Path, "x")
	request, err := http.NewRequestWithContext(t.Context(), o.Method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	none := sha256.Sum256(nil)
	keys := aws.Credentials{AccessKeyID: s.keys.AccessKeyID, SecretAccessKey: s.keys.SecretAccessKey}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, request, hex.EncodeToString(none[:]), service, region, time.Now()); err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	refused := response.StatusCode == http.StatusBadRequest && strings.Contains(string(body), fmt.Sprintf("%s is not executed", o.Name))
	return !refused && response.Header.Get("X-Amzn-Errortype") != "UnknownOperationException"
}
