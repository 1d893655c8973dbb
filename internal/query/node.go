package query

// node is a parsed query or a part of one: allOf, anyOf, not or *term.
type node interface{ isNode() }

// allOf holds if every part does. It has at least two parts, and none of them is an allOf.
type allOf []node

// anyOf holds if a part does. It has at least two parts, and none of them is an anyOf.
type anyOf []node

// not holds if its part does not. Its part is not a not.
type not struct{ of node }

// term holds if a value of the field passes the test.
type term struct {
	field field
	test  test
}

func (allOf) isNode() {}
func (anyOf) isNode() {}
func (not) isNode()   {}
func (*term) isNode() {}

// all joins parts with AND.
func all(parts []node) node {
	var flat allOf
	for _, part := range parts {
		if inner, ok := part.(allOf); ok {
			flat = append(flat, inner...)
			continue
		}
		flat = append(flat, part)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return flat
}

// either joins parts with OR.
func either(parts []node) node {
	var flat anyOf
	for _, part := range parts {
		if inner, ok := part.(anyOf); ok {
			flat = append(flat, inner...)
			continue
		}
		flat = append(flat, part)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return flat
}

func negate(n node) node {
	if inner, ok := n.(not); ok {
		return inner.of
	}
	return not{n}
}
