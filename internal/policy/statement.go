package policy

import "strings"

// A statement is one rule of a document.
type statement struct {
	sid        string
	effect     effect
	actions    []pattern
	notAction  bool // actions are those that the statement does not cover
	resources  []pattern
	rule       resourceRule
	conditions []condition
}

type effect string

const (
	allow effect = "Allow"
	deny  effect = "Deny"
)

// applies says whether the statement covers the request and all its conditions hold.
func (s *statement) applies(request Request) bool {
	if anyMatches(s.actions, request.Action) == s.notAction {
		return false
	}
	if !s.rule.covers(s.resources, request) {
		return false
	}
	for i := range s.conditions {
		if !s.conditions[i].holds(request.Context) {
			return false
		}
	}
	return true
}

func anyMatches(patterns []pattern, s string) bool {
	for i := range patterns {
		if patterns[i].match(s, substitution{}) == matches {
			return true
		}
	}
	return false
}

func (p *parser) statement(n node, path string) (statement, error) {
	members, err := p.members(n, path, "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
	if err != nil {
		return statement{}, err
	}
	var s statement
	if s.sid, err = p.sid(members, path); err != nil {
		return statement{}, err
	}
	if s.effect, err = p.effect(n, members, path); err != nil {
		return statement{}, err
	}
	if s.actions, s.notAction, err = p.patterns(n, members, path, "Action", p.action); err != nil {
		return statement{}, err
	}
	var not bool
	if s.resources, not, err = p.patterns(n, members, path, "Resource", p.resource); err != nil {
		return statement{}, err
	}
	s.rule = resourceRule{effect: s.effect, not: not}
	s.conditions, err = p.conditions(members, path)
	return s, err
}

func (p *parser) sid(members map[string]node, path string) (string, error) {
	sid, ok := members["Sid"]
	path = join(path, "Sid")
	switch {
	case !ok:
		return "", nil
	case sid.kind != jsonString:
		return "", p.wrongKind(sid, path, jsonString)
	case p.dialect == IAM && sid.text != "" && !onlyHas(sid.text, func(c byte) bool { return c != '-' && isNameChar(c) }):
		return "", p.fail(sid, path, "must be letters and digits only, not %s", quote(sid.text))
	}
	return sid.text, nil
}

func (p *parser) effect(n node, members map[string]node, path string) (effect, error) {
	e, ok := members["Effect"]
	switch {
	case !ok:
		return "", p.fail(n, path, "the statement has no Effect")
	case e.kind != jsonString:
		return "", p.wrongKind(e, join(path, "Effect"), jsonString)
	case effect(e.text) != allow && effect(e.text) != deny:
		return "", p.fail(e, join(path, "Effect"), "must be %q or %q, not %s", allow, deny, quote(e.text))
	}
	return effect(e.text), nil
}

// patterns reads one of the elements Action and NotAction, or Resource and NotResource.
func (p *parser) patterns(n node, members map[string]node, path, name string, add func([]pattern, node, string) ([]pattern, error)) (
	patterns []pattern, not bool, err error,
) {
	plain, hasPlain := members[name]
	negated, hasNegated := members["Not"+name]
	switch {
	case hasPlain && hasNegated:
		return nil, false, p.fail(negated, join(path, "Not"+name), "the statement has %s and Not%s; only one may be there", name, name)
	case !hasPlain && !hasNegated:
		return nil, false, p.fail(n, path, "the statement has no %s (nor Not%s)", name, name)
	case hasNegated:
		plain, name = negated, "Not"+name
	}
	items, paths, err := p.list(plain, join(path, name), jsonString)
	if err != nil {
		return nil, false, err
	}
	for i, item := range items {
		if patterns, err = add(patterns, item, paths[i]); err != nil {
			return nil, false, err
		}
	}
	return patterns, hasNegated, nil
}

// action: "*", or a service and a name, in both of which wildcards may stand.
func (p *parser) action(patterns []pattern, n node, path string) ([]pattern, error) {
	service, name, found := strings.Cut(n.text, ":")
	isPart := func(part string) bool {
		return onlyHas(part, func(c byte) bool { return isNameChar(c) || c == '_' || c == '*' || c == '?' })
	}
	if n.text != "*" && (!found || !isPart(service) || !isPart(name)) {
		return nil, p.fail(n, path, `must be "*" or service:Action, letters and digits with wildcards, not %s`, quote(n.text))
	}
	compiled, err := compile(n.text, syntax{wildcards: true, fold: true})
	if err != nil {
		return nil, p.fail(n, path, "%v", err)
	}
	return append(patterns, compiled), nil
}
