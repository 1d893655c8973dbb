package conformance_test

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// Case is a story that AWS clients play. Each client plays it from the start, against a new server that knows nothing.
type Case struct {
	Name string
	// Given has happened before the client comes. It is always played by boto3, so it costs the slow clients nothing.
	Given []Step
	Steps []Step
	// Clients play the case; nil means all.
	Clients []string
	// Operators are made before all else; steps are theirs with by.
	Operators []operator
	// Roles are made before all else, without policies.
	Roles []string
	// Server has flags of `iotjobs serve` beyond those that every server gets.
	Server []string
	// TLS has the clients come over HTTPS and trust only the CA file that the server has written.
	TLS bool
}

// The clients.
const (
	boto3      = "boto3"
	javascript = "javascript"
	awsCLI     = "aws-cli"
)

// sdks are for cases and steps whose kind the AWS CLI meets elsewhere: each of its calls starts a process, half a second or more.
func sdks() []string { return []string{boto3, javascript} }

// Members of a structure, in requests and in answers: named as in the AWS model.
type Members map[string]any

// List is a list in a request or an answer.
type List []any

// Kept is in place of a value that an earlier step has kept under this name.
type Kept string

// made is in place of a value that is made of a kept text, such as a certificate for a code that the server has given.
type made struct {
	of   Kept
	with func(text string) any
}

// Step is one call and what the client must make of its answer. Built by control or device, then refined; or made by later.
type Step struct {
	call     call
	later    string   // moves the virtual clock in place of a call
	want     any      // of the output; nil: nothing is said about it
	refusal  *refusal // nil: the call succeeds
	clients  []string // nil: all of the case
	operator string   // whose key signs; empty: the administrator's
	kept     map[Kept]string
	tamper   func(*http.Request)
}

// control calls an operation of the control plane, iot.
func control(operation string, input Members) Step {
	return Step{call: call{Service: "iot", Operation: operation, Input: input}}
}

// device calls an operation of the device plane, iot-jobs-data.
func device(operation string, input Members) Step {
	return Step{call: call{Service: "iot-jobs-data", Operation: operation, Input: input}}
}

// later moves the clock by a duration such as 5m, and everything that is due by then happens. The case needs the server flags of virtualClock.
func later(duration string) Step { return Step{later: duration} }

// virtualClock has a server whose time only moves by steps made by later.
func virtualClock() []string { return []string{"--clock", "virtual"} }

// gives says what the output has, at least: see match.
func (s Step) gives(want any) Step {
	s.want = want
	return s
}

// fails says that the call is refused with an exception of the AWS model. The message is a text or a matcher; nil takes any but the empty one.
func (s Step) fails(status int, exception string, message any) Step {
	s.refusal = &refusal{Type: exception, Status: status, Message: message, Modelled: true}
	return s
}

// turnedAway says that the call is refused before its operation is looked at. No model has these exceptions, so clients have no class for them.
func (s Step) turnedAway(status int, exception string, message any) Step {
	s.refusal = &refusal{Type: exception, Status: status, Message: message}
	return s
}

// naming says which members the exception of a refusal has, beside the message. The AWS CLI shows none.
func (s Step) naming(members Members) Step {
	refusal := *s.refusal
	refusal.Members = members
	s.refusal = &refusal
	return s
}

// keeps remembers the member at path, such as execution.queuedAt, for later steps.
func (s Step) keeps(name Kept, path string) Step {
	s.kept = maps.Clone(s.kept)
	if s.kept == nil {
		s.kept = map[Kept]string{}
	}
	s.kept[name] = path
	return s
}

// paged has the client fetch all pages with its own paginator, with this many entries each, and join them.
func (s Step) paged(size int) Step {
	s.call.PageSize = size
	return s
}

// sdks has only the SDKs play the step, the AWS CLI leaves it out.
func (s Step) sdks() Step {
	s.clients = sdks()
	return s
}

// as signs with other keys than the server's.
func (s Step) as(keys credentials) Step {
	s.call.Credentials = keys
	return s
}

// unsigned sends the call without a signature.
func (s Step) unsigned() Step {
	s.call.Unsigned = true
	return s
}

// in signs for another region than the server's.
func (s Step) in(region string) Step {
	s.call.Region = region
	return s
}

// signedFor signs for another service. Only the SDK for JavaScript can be told to.
func (s Step) signedFor(service string) Step {
	s.call.SigningName = service
	return s
}

// withClockOff has the client's clock go wrong by d. Only the SDK for JavaScript can be told to.
func (s Step) withClockOff(d time.Duration) Step {
	s.call.ClockOffset = d.Milliseconds()
	return s
}

// tries is how often the client may send the call; without it, once, so that no refusal is lost in a retry.
func (s Step) tries(n int) Step {
	s.call.Attempts = n
	return s
}

// tampered has somebody on the way change the request after the client has signed it.
func (s Step) tampered(change func(*http.Request)) Step {
	s.tamper = change
	return s
}

func (s Step) isFor(client string) bool {
	return s.clients == nil || slices.Contains(s.clients, client)
}

func (c Case) isFor(client string) bool {
	return c.Clients == nil || slices.Contains(c.Clients, client)
}
