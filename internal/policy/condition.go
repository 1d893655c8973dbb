package policy

import (
	"slices"
	"strings"
)

// A condition compares the values of one key with those of the policy.
type condition struct {
	key     string
	qualify qualifier
	// ifExists: true if the request has no such key.
	ifExists bool
	// negated: true for a value that satisfies none of the tests; else for one that satisfies any.
	negated bool
	tests   []test
	// absent is for the operator Null, which has no tests and asks only whether there is no value.
	absent []bool
}

// A test is one value of the policy with its operator.
type test interface {
	// holds for a value of the request. One that is not of the operator's kind (a word where numbers are compared) does not satisfy it.
	holds(value string, context Context) bool
}

// qualifier says which of several values count.
type qualifier string

const (
	// unqualified: AWS wants a qualifier for keys with several values and does not say what happens without one. Then any value may match, and a
	// negated operator stays the opposite of its plain one.
	unqualified  qualifier = ""
	forAllValues qualifier = "ForAllValues:"
	forAnyValue  qualifier = "ForAnyValue:"
)

// holds follows IAM's pages on condition operators and on multivalued context keys. Without a value, an operator is false and a negated one true,
// …IfExists and ForAllValues are true, ForAnyValue is false. For the two qualifiers and for Null, nothing but empty strings is no value.
func (c *condition) holds(context Context) bool {
	values := context.values(c.key)
	switch {
	case c.absent != nil:
		return slices.Contains(c.absent, isNull(values))
	case len(values) == 0 && c.ifExists:
		return true
	case c.qualify == forAllValues:
		return isNull(values) || !slices.ContainsFunc(values, func(v string) bool { return c.satisfies(v, context) == c.negated })
	case c.qualify == forAnyValue:
		return !isNull(values) && slices.ContainsFunc(values, func(v string) bool { return c.satisfies(v, context) != c.negated })
	default:
		return slices.ContainsFunc(values, func(v string) bool { return c.satisfies(v, context) }) != c.negated
	}
}

func (c *condition) satisfies(value string, context Context) bool {
	for _, t := range c.tests {
		if t.holds(value, context) {
			return true
		}
	}
	return false
}

func isNull(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return v != "" })
}

// conditions reads the element Condition: operators → keys → values. All of them must hold.
func (p *parser) conditions(members map[string]node, path string) ([]condition, error) {
	block, ok := members["Condition"]
	if !ok {
		return nil, nil
	}
	path = join(path, "Condition")
	if block.kind != jsonObject {
		return nil, p.wrongKind(block, path, jsonObject)
	}
	var conditions []condition
	for _, m := range block.members {
		at := join(path, m.name)
		if m.value.kind != jsonObject {
			return nil, p.wrongKind(m.value, at, jsonObject)
		}
		if len(m.value.members) == 0 {
			return nil, p.fail(m.value, at, "the operator has no keys")
		}
		keys, err := p.operator(m, at)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, keys...)
	}
	return conditions, nil
}

// operator reads the keys of one operator.
func (p *parser) operator(m member, path string) ([]condition, error) {
	name, shape := splitOperator(m.name)
	op, ok := operators[name]
	if !ok || name == "Null" && (shape.ifExists || shape.qualify != unqualified) {
		return nil, p.fail(m.place(), path, "there is no condition operator %s", quote(m.name))
	}
	shape.negated = op.negated
	var conditions []condition
	for _, key := range m.value.members {
		at := join(path, key.name)
		if !isContextKey(key.name) {
			return nil, p.fail(key.place(), at, "a condition key has the form service:name, unlike %s", quote(key.name))
		}
		c := shape
		c.key = p.dialect.contextKey(key.name)
		if c.key != foreignKey && slices.ContainsFunc(conditions, func(other condition) bool { return other.key == c.key }) {
			return nil, p.fail(key.place(), at, "the key stands here twice; keys are compared without regard to case")
		}
		if err := p.operands(&c, op, key.value, at); err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}

// splitOperator takes the qualifier and the suffix off.
func splitOperator(name string) (string, condition) {
	var shape condition
	for _, q := range []qualifier{forAllValues, forAnyValue} {
		if rest, ok := strings.CutPrefix(name, string(q)); ok {
			name, shape.qualify = rest, q
			break
		}
	}
	name, shape.ifExists = strings.CutSuffix(name, "IfExists")
	return name, shape
}

// operands reads the values for one key: strings, numbers and booleans, one or an array of them.
func (p *parser) operands(c *condition, op operator, n node, path string) error {
	values, paths := []node{n}, []string{path}
	if n.kind == jsonArray {
		values, paths = n.items, nil
		for i := range values {
			paths = append(paths, path+index(i))
		}
	}
	if len(values) == 0 {
		return p.fail(n, path, "the array is empty")
	}
	for i, value := range values {
		if value.kind != jsonString && value.kind != jsonNumber && value.kind != jsonBool {
			return p.wrongKind(value, paths[i], "a string, a number or a boolean")
		}
		if err := op.add(c, value.text, p); err != nil {
			return p.fail(value, paths[i], "%v", err)
		}
	}
	return nil
}
