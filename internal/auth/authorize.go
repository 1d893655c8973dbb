package auth

import (
	"context"
	"fmt"
	"net/http"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
)

// Call is what a caller wants to do.
type Call struct {
	// Action has its prefix: "iotjobsdata:UpdateJobExecution".
	Action string
	// Resource is an ARN.
	Resource string
	// Thing is the one that the path names; empty if it names none.
	Thing registry.ThingName
}

// Authority is what a principal may do when it acts as a thing.
type Authority struct {
	// Everything is for those whom no policy binds; then nothing else is set.
	Everything bool
	Policies   []policy.Named
	// Context has the keys that follow from the registry, and leaves all others to the function it is given.
	Context func(policy.Context) policy.Context
}

// Authorities knows what principals may do.
type Authorities interface {
	Authority(ctx context.Context, who Principal, as registry.ThingName) (Authority, error)
}

// Denial is a call that was refused by policy, for logs and for people.
type Denial struct {
	Principal Principal
	Call      Call
	// Decision says who decided.
	Decision  policy.Decision
	RequestID string
}

// Authorizer decides about calls. Set the fields before the first call.
type Authorizer struct {
	Authorities Authorities
	// ARN names a principal as AWS does, for the text that a refused client reads.
	ARN func(Principal) string
	// Denied hears of every call that is denied; it must not block.
	Denied func(context.Context, Denial)
}

// Authorize returns nil if the principal of the context may make the call, and the refusal otherwise (HTTP-7.10, HTTP-8). Other errors are ours.
func (a *Authorizer) Authorize(ctx context.Context, call Call) error {
	who, ok := PrincipalOf(ctx)
	if !ok {
		return fmt.Errorf("authorize %s: nobody was authenticated", call.Action)
	}
	authority, err := a.Authorities.Authority(ctx, who, call.Thing)
	if err != nil {
		return fmt.Errorf("authorize %s: %w", call.Action, err)
	}
	decision := authority.Decide(who, call)
	if decision.Allowed {
		return nil
	}
	a.Denied(ctx, Denial{Principal: who, Call: call, Decision: decision, RequestID: RequestIDOf(ctx)})
	return &Refusal{
		Type: "AccessDeniedException", Status: http.StatusForbidden, Principal: who.String(),
		Message: fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s", a.ARN(who), call.Action, call.Resource),
	}
}

// Decide answers one question. It does nothing else, so that explanations ask it too.
func (a Authority) Decide(who Principal, call Call) policy.Decision {
	if a.Everything {
		return policy.Decision{Allowed: true}
	}
	context := who.context
	if a.Context != nil {
		context = a.Context(context)
	}
	return policy.Evaluate(a.Policies, policy.Request{Action: call.Action, Resource: call.Resource, Context: context})
}
