package policy

import (
	"fmt"
	"slices"
	"strings"
)

// An operator is the comparison that a condition makes.
type operator struct {
	negated bool
	// add gives a condition one value of the policy to compare with. Values that could never match are errors.
	add func(c *condition, value string, p *parser) error
}

// operators are all that IAM documents, without qualifier (ForAllValues:, ForAnyValue:) and suffix (IfExists).
var operators = map[string]operator{
	"StringEquals":              {add: addText(syntax{})},
	"StringNotEquals":           {add: addText(syntax{}), negated: true},
	"StringEqualsIgnoreCase":    {add: addText(syntax{fold: true})},
	"StringNotEqualsIgnoreCase": {add: addText(syntax{fold: true}), negated: true},
	"StringLike":                {add: addText(syntax{wildcards: true})},
	"StringNotLike":             {add: addText(syntax{wildcards: true}), negated: true},

	"ArnEquals":    {add: addARN},
	"ArnLike":      {add: addARN},
	"ArnNotEquals": {add: addARN, negated: true},
	"ArnNotLike":   {add: addARN, negated: true},

	"NumericEquals":            {add: addNumber(equal)},
	"NumericNotEquals":         {add: addNumber(equal), negated: true},
	"NumericLessThan":          {add: addNumber(less)},
	"NumericLessThanEquals":    {add: addNumber(lessOrEqual)},
	"NumericGreaterThan":       {add: addNumber(greater)},
	"NumericGreaterThanEquals": {add: addNumber(greaterOrEqual)},

	"DateEquals":            {add: addDate(equal)},
	"DateNotEquals":         {add: addDate(equal), negated: true},
	"DateLessThan":          {add: addDate(less)},
	"DateLessThanEquals":    {add: addDate(lessOrEqual)},
	"DateGreaterThan":       {add: addDate(greater)},
	"DateGreaterThanEquals": {add: addDate(greaterOrEqual)},

	"IpAddress":    {add: addAddress},
	"NotIpAddress": {add: addAddress, negated: true},

	"Bool":         {add: addBool},
	"BinaryEquals": {add: addBinary},
	"Null":         {add: addPresence},
}

// relation of a value of the request to one of the policy.
type relation uint8

const (
	equal relation = iota
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// accepts takes the result of a comparison: negative, zero or positive.
func (r relation) accepts(order int) bool {
	switch r {
	case equal:
		return order == 0
	case less:
		return order < 0
	case lessOrEqual:
		return order <= 0
	case greater:
		return order > 0
	case greaterOrEqual:
		return order >= 0
	}
	return false
}

// A pattern is the test of the text operators. A variable without a value makes it not hold; so a negated operator holds, as AWS documents for
// policy variables with no value.
func (p *pattern) holds(value string, context Context) bool {
	return p.match(value, substitution{context: context}) == matches
}

func addText(syn syntax) func(*condition, string, *parser) error {
	return func(c *condition, value string, p *parser) error {
		syn := syn
		syn.variables, syn.dialect = p.variables, p.dialect
		compiled, err := compile(value, syn)
		if err != nil {
			return err
		}
		c.tests = append(c.tests, &compiled)
		return nil
	}
}

func addARN(c *condition, value string, p *parser) error {
	compiled, err := compile(value, syntax{wildcards: true, variables: p.variables, arn: arnOperator, dialect: p.dialect})
	if err != nil {
		return err
	}
	hasVariable := slices.ContainsFunc(compiled.tokens, func(t token) bool { return t.kind == substitute })
	if strings.Count(value, ":") < leadingSegments && !hasVariable {
		return fmt.Errorf("must be an ARN of six segments (arn:partition:service:region:account:resource), not %s", quote(value))
	}
	c.tests = append(c.tests, &compiled)
	return nil
}

// addBool: IAM's page on operators allows variables here, its page on variables does not. Allowing them refuses no document that works elsewhere.
func addBool(c *condition, value string, p *parser) error {
	hasVariable := p.variables && strings.HasPrefix(value, "${")
	if _, err := parseBool(value); err != nil && !hasVariable {
		return err
	}
	return addText(syntax{fold: true})(c, value, p)
}

// addPresence: "true" asks that the key is absent.
func addPresence(c *condition, value string, _ *parser) error {
	absent, err := parseBool(value)
	if err != nil {
		return err
	}
	c.absent = append(c.absent, absent)
	return nil
}

func parseBool(value string) (bool, error) {
	switch {
	case strings.EqualFold(value, "true"):
		return true, nil
	case strings.EqualFold(value, "false"):
		return false, nil
	}
	return false, fmt.Errorf(`must be "true" or "false", not %s`, quote(value))
}
