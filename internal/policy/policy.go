// Package policy reads IoT Core policies and IAM identity policies, decides with them, and says which statement decided.
//
// A document is parsed once (Parse) into a form that is cheap to ask; whatever it says that cannot mean anything is refused there, with its place,
// so that a typing error does not become a silent denial years later. Evaluate then answers one question at a time: explicit Deny wins, else one
// Allow is enough, else the answer is no. Both dialects share one grammar and one evaluation, as AWS documents it; they differ in limits and in a
// few members (HTTP-8.6).
//
// Two rules hold everywhere. A value that is substituted for a variable is literal text: no wildcard in it is one. A variable without a value never
// matches. Where AWS's documentation leaves a choice, the narrower reading is taken, and the comment at the place says so.
//
// The package knows no store, no transport and no clock. What it compares with comes from the caller, through Request.Context.
package policy

import "fmt"

// Dialect is the kind of policy that a document is.
type Dialect int

const (
	// IoTCore policies are attached to certificates and thing groups; X.509 callers are authorized by them (HTTP-8.6, MQTT-9.9).
	IoTCore Dialect = iota + 1
	// IAM identity policies belong to users and roles; SigV4 callers are authorized by them.
	IAM
)

// Document is a parsed policy. It never changes and may be used concurrently.
type Document struct {
	statements []statement
}

// Named is a policy as it is attached to the caller. The name only serves the explanation; the document must be there.
type Named struct {
	Name     string
	Document *Document
}

// Request is one question: may the caller do this?
type Request struct {
	// Action has its prefix: "iot:Publish", "iotjobsdata:UpdateJobExecution". Compared without regard to case.
	Action string
	// Resource is an ARN, or "*" for an action that knows no resources; then only the resource "*" of a policy matches.
	Resource string
	// Context tells the values of condition keys and variables.
	Context Context
}

// Decision is the answer, and who gave it.
type Decision struct {
	Allowed bool
	// ExplicitDeny says that a Deny statement matched. If it is false and Allowed too, no statement allows the request.
	ExplicitDeny bool
	// Statement decided; zero if none did.
	Statement StatementRef
}

// StatementRef names a statement.
type StatementRef struct {
	Policy string // Named.Name
	Index  int    // from 0, as in the places of errors: Statement[0]
	Sid    string // empty if the statement has none
}

// Evaluate decides about one request with all policies of the caller. Their order does not change the decision, only which of several
// statements with the same result is named: the first.
func Evaluate(policies []Named, request Request) Decision {
	var allowed Decision
	for _, named := range policies {
		for i := range named.Document.statements {
			st := &named.Document.statements[i]
			if st.effect == allow && allowed.Allowed || !st.applies(request) {
				continue
			}
			ref := StatementRef{Policy: named.Name, Index: i, Sid: st.sid}
			if st.effect == deny {
				return Decision{ExplicitDeny: true, Statement: ref}
			}
			allowed = Decision{Allowed: true, Statement: ref}
		}
	}
	return allowed
}

// Reason is the decision in words, for logs and for people.
func (d Decision) Reason() string {
	switch {
	case d.Allowed:
		return "allowed by " + d.Statement.String()
	case d.ExplicitDeny:
		return "denied by " + d.Statement.String()
	default:
		return "no statement allows it"
	}
}

func (r StatementRef) String() string {
	if r.Sid == "" {
		return fmt.Sprintf("Statement[%d] of policy %q", r.Index, r.Policy)
	}
	return fmt.Sprintf("Statement[%d] (Sid %q) of policy %q", r.Index, r.Sid, r.Policy)
}
