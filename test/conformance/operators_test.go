package conformance_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

func TestOperators(t *testing.T) { play(t, operatorCases) }

// operator is a user with one policy and one access key, made as whoever runs the server makes them.
type operator struct {
	name, policy string
}

// jobsOnly lets somebody plan jobs whose names begin with his own, for the lamps, and look after them; devices are not his business.
const jobsOnly = `{"Version": "2012-10-17", "Statement": [
	{"Sid": "own", "Effect": "Allow", "Action": "iot:*Job*", "Resource": "arn:aws:iot:*:*:job/${aws:username}-*"},
	{"Sid": "lamps", "Effect": "Allow", "Action": ["iot:CreateJob", "iot:*JobExecution*"], "Resource": "arn:aws:iot:*:*:thing/lamp*"},
	{"Sid": "lists", "Effect": "Allow", "Action": "iot:ListJobs", "Resource": "*"},
	{"Effect": "Deny", "Action": "iot:DeleteJob", "Resource": "*", "Condition": {"StringNotEquals": {"aws:username": "eve"}}}
]}`

// lampsOnly lets somebody act for the lamps, as a gateway does, and look after nothing.
const lampsOnly = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iotjobsdata:*", "Resource": "arn:aws:iot:*:*:thing/lamp*"}}`

// mayNot is the text of a denial.
func mayNot(name, action, resource string) any {
	return "User: arn:aws:iam::" + account + ":user/" + name + " is not authorized to perform: " + action + " on resource: " + resource
}

var operatorCases = []Case{
	{
		Name:      "an operator who may plan jobs, and one who may act for devices",
		Given:     given(things("lamp-1", "door"), job("other", "door")),
		Operators: []operator{{"ana", jobsOnly}, {"bob", lampsOnly}},
		Steps: []Step{
			control("CreateJob", Members{"jobId": "ana-1", "targets": List{thingARN("lamp-1")}, "document": "{}"}).by("ana").gives(Members{"jobId": "ana-1"}),
			control("DescribeJob", Members{"jobId": "ana-1"}).by("ana").gives(Members{"job": Members{"jobId": "ana-1"}}),
			control("ListJobs", Members{}).by("ana").sdks().gives(Members{"jobs": List{Members{"jobId": "ana-1"}, Members{"jobId": "other"}}}),
			control("DescribeJob", Members{"jobId": "other"}).by("ana").
				turnedAway(403, "AccessDeniedException", mayNot("ana", "iot:DescribeJob", jobARN("other"))),
			control("DescribeJob", Members{"jobId": "nothing"}).by("ana").sdks().
				turnedAway(403, "AccessDeniedException", mayNot("ana", "iot:DescribeJob", jobARN("nothing"))),
			control("CreateJob", Members{"jobId": "ana-2", "targets": List{thingARN("lamp-1"), thingARN("door")}, "document": "{}"}).by("ana").
				turnedAway(403, "AccessDeniedException", mayNot("ana", "iot:CreateJob", thingARN("door"))),
			control("DescribeJob", Members{"jobId": "ana-2"}).sdks().fails(404, "ResourceNotFoundException", nil),
			control("DeleteJob", Members{"jobId": "ana-1", "force": true}).by("ana").
				turnedAway(403, "AccessDeniedException", mayNot("ana", "iot:DeleteJob", jobARN("ana-1"))),
			control("ListThings", Members{}).by("ana").turnedAway(403, "AccessDeniedException", mayNot("ana", "iot:ListThings", "*")),
			device("GetPendingJobExecutions", Members{"thingName": "lamp-1"}).by("ana").
				turnedAway(403, "AccessDeniedException", mayNot("ana", "iotjobsdata:GetPendingJobExecutions", thingARN("lamp-1"))),
			control("DescribeJobExecution", Members{"thingName": "lamp-1", "jobId": "ana-1"}).by("ana").sdks().
				gives(Members{"execution": Members{"status": "QUEUED"}}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp-1"}).by("bob").gives(Members{"execution": Members{"jobId": "ana-1"}}),
			device("GetPendingJobExecutions", Members{"thingName": "door"}).by("bob").sdks().
				turnedAway(403, "AccessDeniedException", mayNot("bob", "iotjobsdata:GetPendingJobExecutions", thingARN("door"))),
			control("DescribeJob", Members{"jobId": "ana-1"}).by("bob").sdks().
				turnedAway(403, "AccessDeniedException", mayNot("bob", "iot:DescribeJob", jobARN("ana-1"))),
		},
	},
}

// by signs with the key of one of the case's operators.
func (s Step) by(name string) Step {
	s.operator = name
	return s
}

// credentialsOutput is what iotjobs keys create prints.
var credentialsOutput = regexp.MustCompile(`aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n`)

// hire makes the operators of a case.
func (s *server) hire(operators []operator) map[string]credentials {
	s.t.Helper()
	keys := map[string]credentials{}
	for _, o := range operators {
		file := filepath.Join(s.dir, "policy-of-"+o.name)
		if err := os.WriteFile(file, []byte(o.policy), 0o600); err != nil {
			s.t.Fatal(err)
		}
		s.runs("users", "create", o.name)
		s.runs("users", "put-policy", o.name, "--policy-name", "of-"+o.name, "--file", file)
		printed := credentialsOutput.FindStringSubmatch(s.runs("keys", "create", "--user", o.name))
		if printed == nil {
			s.t.Fatalf("keys create --user %s printed no key", o.name)
		}
		keys[o.name] = credentials{AccessKeyID: printed[1], SecretAccessKey: printed[2]}
	}
	return keys
}

// runs is one of the operator's commands on this server; it returns what it prints.
func (s *server) runs(arguments ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), callTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, binary, append(arguments, "--data", s.dir)...)
	command.Env = withoutOurs(os.Environ())
	printed, err := command.Output()
	if err != nil {
		s.t.Fatalf("iotjobs %v: %v", arguments, err)
	}
	return string(printed)
}
