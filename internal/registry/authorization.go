package registry

// AuthorizationQuestion asks for an action, "iot:Publish", on resources: all of them are wanted.
type AuthorizationQuestion struct {
	Action    string
	Resources []string // ARNs
}

// AuthorizationAnswer says what would be decided, and which policies have which part in it, by name. A policy may allow one resource and say
// nothing about another.
type AuthorizationAnswer struct {
	Asked                AuthorizationQuestion
	Decision             AuthDecision
	Allow, NoMatch, Deny []PolicyName
	// MissingContext are the keys that policies asked for and that have no value in the question.
	MissingContext []string
}

// AuthDecision is a decision over several resources; its value is the wire value.
type AuthDecision string

// The decisions. One denied resource denies all, explicitly before implicitly.
const (
	AuthAllowed      AuthDecision = "ALLOWED"
	AuthExplicitDeny AuthDecision = "EXPLICIT_DENY"
	AuthImplicitDeny AuthDecision = "IMPLICIT_DENY"
)

// EffectivePolicy is a policy with the document that is in force.
type EffectivePolicy struct {
	Name     PolicyName
	Document string
}
