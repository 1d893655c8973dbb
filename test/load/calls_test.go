package load

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// operation is a device call on a thing drawn at random.
type operation struct {
	name string
	// read marks those that change nothing.
	read bool
	make func(r *rand.Rand, things int, job string) request
	// answer is what each answer must hold, so that nothing is measured that did not work.
	answer string
}

// The operations that are measured. A device that reports is mostly one that has begun and tells how far it is.
var (
	update = operation{"UpdateJobExecution", false, updateRequest, `{`}
	// The front job is IN_PROGRESS or QUEUED; both lists are in every answer.
	pending  = operation{"GetPendingJobExecutions", true, pendingRequest, `"executionNumber":1`}
	describe = operation{"DescribeJobExecution", true, describeRequest, `"jobDocument":`}
)

// jobDocument is the document of the jobs: what a small firmware update says.
const jobDocument = `{"operation":"install-firmware","version":"2.4.1","url":"https://firmware.example.com/pump/2.4.1.bin","steps":["download","verify","install"]}`

// thingName is the name of a thing by its number.
func thingName(n int) string { return string(appendThing(nil, n)) }

func appendThing(buf []byte, n int) []byte {
	digits := strconv.Itoa(n)
	buf = append(buf, "thing-00000000"[:len("thing-00000000")-len(digits)]...)
	return append(buf, digits...)
}

func devicePath(r *rand.Rand, things int, job string) string {
	path := append(make([]byte, 0, 64), "/things/"...)
	path = append(appendThing(path, r.IntN(things)), "/jobs"...)
	if job != "" {
		path = append(append(path, '/'), job...)
	}
	return string(path)
}

func updateRequest(r *rand.Rand, things int, job string) request {
	body := append(make([]byte, 0, 96), `{"status":"IN_PROGRESS","statusDetails":{"step":"download","progress":"`...)
	body = strconv.AppendInt(body, r.Int64N(100), 10)
	body = append(body, `%"}}`...)
	return request{scope: deviceScope, method: "POST", path: devicePath(r, things, job), body: body}
}

func pendingRequest(r *rand.Rand, things int, _ string) request {
	return request{scope: deviceScope, method: "GET", path: devicePath(r, things, "")}
}

func describeRequest(r *rand.Rand, things int, job string) request {
	return request{scope: deviceScope, method: "GET", path: devicePath(r, things, job)}
}

// work makes a caller of the operation, as many connections use it.
func (o operation) work(things int, job string) caller {
	want := []byte(o.answer)
	return func(c *connection) (took int64, err error) {
		r := o.make(c.random, things, job)
		body, d, err := c.must(r)
		if err == nil && !bytes.Contains(body, want) {
			err = fmt.Errorf("%s %s: the answer %s does not hold %s", r.method, r.path, body, want)
		}
		return int64(d), err
	}
}
