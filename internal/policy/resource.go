package policy

import "strings"

// resourceRule decides whether a statement covers a resource.
//
// A pattern whose variable has no value matches no resource (IAM, "Policy variables with no value"). For Resource that is the end of it, also under
// Deny: a Deny for ${iot:ClientId} says nothing where there is no client id. For NotResource it means that nothing is exempt. Under Deny that is
// what AWS documents and the careful reading; under Allow it would grant everything because a name is missing, so there the statement does not
// apply at all, which the same page allows: an unresolved variable can invalidate the whole statement.
type resourceRule struct {
	effect effect
	not    bool
}

func (r resourceRule) covers(patterns []pattern, request Request) bool {
	// A client may call itself "+", and topicfilter/my/${iot:ClientId}/in would then read topicfilter/my/+/in, which is everybody's. AWS leaves it
	// to the policy for iot:Connect to forbid such names (page on basic policy variables). Here a value with an MQTT wildcard opens no filter:
	// where a match widens the caller's rights it counts as undefined, where a match narrows them it stays what it is.
	sub := substitution{context: request.Context}
	widens := (r.effect == allow) != r.not
	sub.noFilters = widens && isTopicFilter(request.Resource)

	unknown := false
	for i := range patterns {
		switch patterns[i].match(request.Resource, sub) {
		case matches:
			return !r.not
		case undefined:
			unknown = true
		case differs:
		}
	}
	return r.not && (r.effect == deny || !unknown)
}

// isTopicFilter: arn:aws:iot:region:account:topicfilter/…
func isTopicFilter(resource string) bool {
	for range leadingSegments {
		colon := strings.IndexByte(resource, ':')
		if colon < 0 {
			return false
		}
		resource = resource[colon+1:]
	}
	return strings.HasPrefix(resource, "topicfilter/")
}

// resource: "*" or an ARN.
func (p *parser) resource(patterns []pattern, n node, path string) ([]pattern, error) {
	arns, err := p.arns(n, path)
	if err != nil {
		return nil, err
	}
	for _, arn := range arns {
		compiled, err := compile(arn, syntax{wildcards: true, variables: p.variables, arn: arnResource, dialect: p.dialect})
		if err != nil {
			return nil, p.fail(n, path, "%v", err)
		}
		patterns = append(patterns, compiled)
	}
	return patterns, nil
}

// arns is what one resource stands for. An ARN of fewer than six segments is completed with wildcards (IAM, "Identify AWS resources with ARNs",
// note on incomplete ARNs), and it stands for itself too: a * in it may run over the segments that are missing.
func (p *parser) arns(n node, path string) ([]string, error) {
	if n.text == "*" {
		return []string{n.text}, nil
	}
	segments := strings.SplitN(n.text, ":", leadingSegments+1)
	if segments[0] != "arn" || len(segments) < 3 {
		return nil, p.fail(n, path, `must be "*" or an ARN (arn:partition:service:region:account:resource), not %s`, quote(n.text))
	}
	if strings.ContainsAny(segments[1]+segments[2], "*?") {
		return nil, p.fail(n, path, "the partition and the service of an ARN may not have wildcards, as in %s", quote(n.text))
	}
	if missing := leadingSegments + 1 - len(segments); missing > 0 {
		return []string{n.text, n.text + strings.Repeat(":*", missing)}, nil
	}
	return []string{n.text}, nil
}
