package load

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// operator calls the control plane of the product. Each call has a connection of its own: between two the server may give up one that idles.
type operator struct {
	product *server
	things  int // of the fleet
}

// call opens the connection before the time of the call begins.
func (o operator) call(r request) (status int, body []byte, took time.Duration, err error) {
	c, err := dial(o.product.address, o.product.key, 0)
	if err != nil {
		return 0, nil, 0, err
	}
	defer c.close() //nolint:errcheck // the answer is read
	return c.call(r)
}

func (o operator) must(r request) (body []byte, took time.Duration, err error) {
	status, body, took, err := o.call(r)
	return body, took, succeeded(r, status, body, err)
}

// createJob makes a job for the whole fleet and tells how long the answer took.
func (o operator) createJob(id string) (time.Duration, error) { return o.createJobFor(id, groupName) }

func (o operator) createJobFor(id, group string) (time.Duration, error) {
	body, err := json.Marshal(map[string]any{
		"targets": []string{"arn:aws:iot:" + region + ":" + account + ":thinggroup/" + group}, "document": jobDocument, "targetSelection": "SNAPSHOT",
	})
	if err != nil {
		return 0, err
	}
	_, took, err := o.must(request{scope: controlScope, method: "PUT", path: "/jobs/" + id, body: body})
	return took, err
}

func (o operator) cancelJob(id string) error {
	_, _, err := o.must(request{scope: controlScope, method: "PUT", path: "/jobs/" + id + "/cancel"})
	return err
}

// deleteJob deletes a job that goes on, and waits until it is gone.
func (o operator) deleteJob(id string) error {
	if _, _, err := o.must(request{scope: controlScope, method: "DELETE", path: "/jobs/" + id, query: "force=true"}); err != nil {
		return err
	}
	return o.poll(callTimeout, func() (bool, error) {
		status, body, _, err := o.call(request{scope: controlScope, method: "GET", path: "/jobs/" + id})
		if err == nil && status != http.StatusOK && status != http.StatusNotFound {
			err = fmt.Errorf("describe job %s: status %d: %s", id, status, body)
		}
		return status == http.StatusNotFound, err
	})
}

// jobState is what DescribeJob tells of a job.
type jobState struct {
	things   int // that have an execution, in whatever status
	timedOut int
	busy     bool
}

func (o operator) describeJob(id string) (jobState, error) {
	body, _, err := o.must(request{scope: controlScope, method: "GET", path: "/jobs/" + id})
	if err != nil {
		return jobState{}, err
	}
	var reply struct {
		Job struct {
			IsConcurrent      bool
			JobProcessDetails map[string]any
		}
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return jobState{}, err
	}
	state := jobState{busy: reply.Job.IsConcurrent}
	for name, value := range reply.Job.JobProcessDetails {
		count, ok := value.(float64)
		if !ok {
			continue
		}
		state.things += int(count)
		if name == "numberOfTimedOutThings" {
			state.timedOut = int(count)
		}
	}
	return state, nil
}

// released waits until all things have an execution of the job. When patience ends before, part says how many of them have.
func (o operator) released(id string, patience time.Duration) (part float64, err error) {
	count, err := o.releasedTo(id, o.things, patience)
	return float64(count) / float64(o.things), err
}

// releasedTo waits until so many things have an execution of the job. When patience ends before, count says how many have.
func (o operator) releasedTo(id string, things int, patience time.Duration) (count int, err error) {
	var state jobState
	err = o.poll(patience, func() (bool, error) {
		state, err = o.describeJob(id)
		return state.things == things && !state.busy, err
	})
	return state.things, err
}

// followed waits until nothing of the job is left to do.
func (o operator) followed(id string, patience time.Duration) error {
	return o.poll(patience, func() (bool, error) {
		state, err := o.describeJob(id)
		return !state.busy, err
	})
}

// pollInterval is how often the operator looks: often enough to time what takes seconds, and no load.
const pollInterval = 50 * time.Millisecond

// poll asks until it is done or patience ends.
func (o operator) poll(patience time.Duration, done func() (bool, error)) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for begin := time.Now(); ; <-ticker.C {
		if ok, err := done(); ok || err != nil || time.Since(begin) > patience {
			return err
		}
	}
}
