package conformance_test

import (
	"slices"
	"testing"
)

// TestMutantWrongAnswersAreReported is the negative control of all cases: expectations that do not hold must say so.
func TestMutantWrongAnswersAreReported(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   any
		got    string
		faults []string
	}{
		{Members{"a": 1}, `{"a":1,"b":2}`, nil},
		{exactly{"a": 1}, `{"a":1,"b":2}`, []string{"b: got 2, must be absent"}},
		{exactly{}, `{}`, nil},
		{Members{"a": absent}, `{"a":null}`, nil},
		{Members{"a": exactly{}}, `{}`, []string{"a: got nothing, must be a structure"}},
		{Members{"a": Members{"b": "x"}}, `{"a":{"b":"y"}}`, []string{`a.b: got "y", must be "x"`}},
		{Members{"a": 1, "b": 2}, `{"a":2,"b":1}`, []string{"a: got 2, must be a whole number from 1 to 1", "b: got 1, must be a whole number from 2 to 2"}},
		{Members{"a": 1}, `{"a":1.0}`, []string{"a: got 1.0, must be a whole number from 1 to 1"}},
		{Members{"a": 1}, `{"a":"1"}`, []string{`a: got "1", must be a whole number from 1 to 1`}},
		{Members{"a": false}, `{}`, []string{"a: got nothing, must be false"}},
		{Members{"a": List{}}, `{}`, []string{"a: got nothing, must be a list of 0"}},
		{Members{"a": List{"x", "y"}}, `{"a":["y","x"]}`, []string{`a[0]: got "y", must be "x"`, `a[1]: got "x", must be "y"`}},
		{Members{"a": List{"x"}}, `{"a":["x","x"]}`, []string{`a: got ["x","x"], must be a list of 1`}},
		{Members{"a": some}, `{"a":""}`, []string{`a: got "", must be a text like (?s).+`}},
		{Members{"a": today}, `{"a":1795522884.628}`, []string{"a: got 1795522884.628, must be a date of about now"}},
		{Members{"a": today}, `{"a":{"$date":"2001-01-01T00:00:00Z"}}`, []string{`a: got "2001-01-01T00:00:00Z", must be a date of about now`}},
		{Members{"a": epoch}, `{"a":1795522884628}`, []string{"a: got 1795522884628, must be the whole seconds of about now"}},
		{Members{"a": containing("x", "y")}, `{"a":"xx"}`, []string{`a: got "xx", must be a text with ["x" "y"] in it`}},
	} {
		var got map[string]any
		if err := decode([]byte(c.got), &got); err != nil {
			t.Fatal(err)
		}
		if faults := match("", c.want, withDates(got)); !slices.Equal(faults, c.faults) {
			t.Errorf("%s: faults %q, want %q", c.got, faults, c.faults)
		}
	}
}

// TestMutantWrongRefusalsAreReported is the same for exceptions.
func TestMutantWrongRefusalsAreReported(t *testing.T) {
	t.Parallel()
	right := refusal{Type: "XException", Status: 409, Message: "No.", Modelled: true, Members: map[string]any{"resourceId": "a"}}
	want := right
	for name, change := range map[string]func(*refusal){
		"type":    func(r *refusal) { r.Type = "YException" },
		"status":  func(r *refusal) { r.Status = 400 },
		"message": func(r *refusal) { r.Message = "" },
		"class":   func(r *refusal) { r.Modelled = false },
		"member":  func(r *refusal) { r.Members = nil },
	} {
		wrong := right
		change(&wrong)
		if faults := (&performance{}).compareRefusals(stagehand, want, wrong); len(faults) != 1 {
			t.Errorf("wrong %s: faults %q, want one", name, faults)
		}
	}
	if faults := (&performance{}).compareRefusals(stagehand, want, right); len(faults) != 0 {
		t.Errorf("nothing wrong: faults %q", faults)
	}
}

// TestAWSCLIIsUnderstood has what versions of the AWS CLI call operations and print.
func TestAWSCLIIsUnderstood(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{
		"CreateThing": "create-thing", "ListJobExecutionsForJob": "list-job-executions-for-job", "CreateOTAUpdate": "create-ota-update",
		"DescribeCACertificate": "describe-ca-certificate",
	} {
		if got := commandOf(operation); got != want {
			t.Errorf("command of %s: %s, want %s", operation, got, want)
		}
	}
	for _, stderr := range []string{
		"\nAn error occurred (XException) when calling the CreateThing operation: No: not now.\n",
		"\nAn error occurred (XException) when calling the CreateThing operation (reached max retries: 0): No: not now.\n",
		"aws: [ERROR]: An error occurred (XException) when calling the CreateThing operation: No: not now.\n\nAdditional error details:\nresourceId: a\n",
	} {
		if got := readRefusal(stderr); got == nil || got.Type != "XException" || got.Message != "No: not now." {
			t.Errorf("refusal in %q: %+v", stderr, got)
		}
	}
	if got := readRefusal("aws: error: the following arguments are required: --thing-name\n"); got != nil {
		t.Errorf("refusal where there is none: %+v", got)
	}
	for version, want := range map[string]bool{
		"aws-cli/1.28.9 Python/3": false, "aws-cli/1.29.0": true, "aws-cli/2.9.19 Python/3.11.2": false, "aws-cli/2.13.0": true, "aws-cli/3.0.0": true, "what?": false,
	} {
		if got := (&commandLine{said: version}).atLeast(endpointInProfile1, endpointInProfile2); got != want {
			t.Errorf("%s reads the endpoint in a profile: %t, want %t", version, got, want)
		}
	}
}
