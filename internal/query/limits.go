package query

// Limits is how big a query may be.
type Limits struct {
	// Characters is the greatest length, in Unicode characters.
	Characters int
	// Terms is how many terms a query may have. Each value counts, also inside a field's group; names of fields and operators do not.
	Terms int
	// LeadingWildcards is how many terms may start with *, as in thingName:*pump. The value * alone is not one.
	LeadingWildcards int
	// CharactersWithLeadingWildcard is Characters of a query with such a term.
	CharactersWithLeadingWildcard int
}

// AWS is what AWS accepts: 1000 characters and 12 terms (once 7, CTRL-3.4.8), and one wildcard at the start of a value (once none,
// CTRL-3.4.1).
var AWS = Limits{Characters: 1000, Terms: 12, LeadingWildcards: 1, CharactersWithLeadingWildcard: 100}

const (
	// starsPerTerm is how many * AWS allows in one value; ? is not counted. It also keeps matching a pattern cheap.
	starsPerTerm = 2
	// maxDepth bounds the recursion of the parser. No query of 12 terms needs more than a handful.
	maxDepth = 100
)
