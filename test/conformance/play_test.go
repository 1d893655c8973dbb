package conformance_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// play has every client play every case on the embedded store, and one of them on every other store. Cases and clients are independent of each
// other and run side by side.
func play(t *testing.T, cases []Case) {
	t.Helper()
	t.Parallel()
	for _, c := range cases {
		for _, by := range clients {
			if !c.isFor(by.name()) {
				continue
			}
			t.Run(c.Name+"/"+by.name(), func(t *testing.T) {
				t.Parallel()
				c.play(t, by)
			})
		}
		for _, e := range otherEngines {
			if !c.isFor(stagehand.name()) || e.refuses(c) {
				continue
			}
			t.Run(c.Name+"/"+stagehand.name()+" on "+e.name, func(t *testing.T) {
				t.Parallel()
				c.play(t, stagehand, e.flags(t)...)
			})
		}
	}
}

// play has a client play the case on a server with further flags.
func (c Case) play(t *testing.T, by client, flags ...string) {
	t.Helper()
	p := &performance{server: startServer(t, slices.Concat(c.Server, flags)...), tls: c.TLS, kept: map[Kept]any{}}
	p.operators = p.server.hire(c.Operators)
	p.server.makeRoles(c.Roles)
	p.steps(t, "given", stagehand, c.Given)
	p.steps(t, "step", by, c.Steps)
}

// performance is one client playing one case.
type performance struct {
	server    *server
	tls       bool
	kept      map[Kept]any
	operators map[string]credentials
}

// steps has a client play those steps that are for it.
func (p *performance) steps(t *testing.T, kind string, by client, steps []Step) {
	t.Helper()
	for i, step := range steps {
		if step.isFor(by.name()) {
			p.step(t, fmt.Sprintf("%s %d", kind, i+1), by, step)
		}
	}
}

// step has a client play a step and reports what it must not have seen, or moves the clock. A refusal in place of a success, or the other way
// round, ends the test: later steps build upon it.
func (p *performance) step(t *testing.T, number string, by client, s Step) {
	t.Helper()
	if s.later != "" {
		p.server.advance(s.later)
		return
	}
	c := p.prepare(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	got, err := by.play(ctx, c)
	what := fmt.Sprintf("%s: %s %s %s", number, c.Service, c.Operation, show(c.Input))
	switch {
	case err != nil:
		t.Fatalf("%s: no call was made or no answer understood; is %s too old? %v", what, by.version(), err)
	case s.refusal == nil && got.Error != nil:
		t.Fatalf("%s: refused: %d %s: %s", what, got.Error.Status, got.Error.Type, got.Error.Message)
	case s.refusal != nil && got.Error == nil:
		t.Fatalf("%s: got %s, must be refused with %s", what, show(got.Output), s.refusal.Type)
	}
	var faults []string
	if s.refusal != nil {
		faults = p.compareRefusals(by, *s.refusal, *got.Error)
	} else if s.want != nil {
		faults = match("", p.resolve(s.want), got.Output)
	}
	if len(faults) > 0 {
		t.Errorf("%s:\n  %s", what, strings.Join(faults, "\n  "))
	}
	for name, path := range s.kept {
		if p.kept[name] = at(got.Output, path); p.kept[name] == nil {
			t.Fatalf("%s: there is no %s to keep in %s", what, path, show(got.Output))
		}
	}
}

// prepare fills in what a step leaves to the performance.
func (p *performance) prepare(t *testing.T, s Step) call {
	t.Helper()
	c := s.call
	c.Input = p.resolve(c.Input).(Members)
	c.Region = cmp.Or(c.Region, region)
	if s.operator != "" {
		c.Credentials = p.operators[s.operator]
	}
	c.Credentials.AccessKeyID = cmp.Or(c.Credentials.AccessKeyID, p.server.keys.AccessKeyID)
	c.Credentials.SecretAccessKey = cmp.Or(c.Credentials.SecretAccessKey, p.server.keys.SecretAccessKey)
	c.Attempts = cmp.Or(c.Attempts, 1)
	c.Endpoint = "http://" + p.server.addresses.HTTP
	switch {
	case p.tls:
		c.Endpoint, c.CA = "https://"+p.server.addresses.HTTPS, p.server.dir+"/tls/ca.pem"
	case s.tamper != nil:
		c.Endpoint = "http://" + somebodyOnTheWay(t, p.server.addresses.HTTP, s.tamper)
	}
	return c
}

// compareRefusals compares exceptions. The AWS CLI shows only their type and message.
func (p *performance) compareRefusals(by client, want, got refusal) (faults []string) {
	faults = match("type", want.Type, got.Type)
	faults = append(faults, match("message", cmp.Or[any](want.Message, some), got.Message)...)
	if by.name() == awsCLI {
		return faults
	}
	if got.Status != want.Status {
		faults = append(faults, fmt.Sprintf("status: got %d, must be %d", got.Status, want.Status))
	}
	if got.Modelled != want.Modelled {
		faults = append(faults, fmt.Sprintf("the client has a class of its own for %s: %t, must be %t", got.Type, got.Modelled, want.Modelled))
	}
	return append(faults, match("", p.resolve(Members(want.Members)), got.Members)...)
}

// resolve puts kept values in the place of their names.
func (p *performance) resolve(value any) any {
	switch value := value.(type) {
	case Kept:
		return p.kept[value]
	case made:
		text, _ := p.kept[value.of].(string)
		return value.with(text)
	case Members:
		return p.resolveMembers(value)
	case exactly:
		return exactly(p.resolveMembers(Members(value)))
	case List:
		resolved := make(List, len(value))
		for i := range value {
			resolved[i] = p.resolve(value[i])
		}
		return resolved
	default:
		return value
	}
}

func (p *performance) resolveMembers(members Members) Members {
	resolved := Members{}
	for name, value := range members {
		resolved[name] = p.resolve(value)
	}
	return resolved
}

// at finds the member at a path such as execution.queuedAt; nil if there is none.
func at(output any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		members, _ := output.(map[string]any)
		output = members[name]
	}
	return output
}
