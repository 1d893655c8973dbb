package policy_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iotjobs/internal/policy"
)

// matchings are patterns and resources of few characters, so that they match often, and nearly match even more often. Half of the resources are
// made from the pattern.
func matchings() *rapid.Generator[matching] {
	return rapid.Custom(func(rt *rapid.T) matching {
		draw := func(label string, most int, pieces ...string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, most).Draw(rt, label), "")
		}
		head := rapid.SampledFrom([]string{"arn:aws:iot:", "arn:aws:iot:r:a:", "arn:aws:iot:r:a:topicfilter/", "arn:aws:iot:*:", "arn:aws:iot:a*:?:"})
		m := matching{
			pattern: head.Draw(rt, "head") + draw("pattern", 7, "a", "b", "ab", "*", "?", ":", "/", "é", "${test:v}", "*:", "a*b"),
			value:   draw("value", 2, "a", "b", ":", "é", "*", "?", "+"),
		}
		if rapid.Bool().Draw(rt, "made from the pattern") {
			stars := draw("for *", 2, "a", "b", ":", "/", "é")
			m.resource = strings.NewReplacer("${test:v}", m.value, "*", stars, "?", "é").Replace(m.pattern)
		} else {
			m.resource = "arn:aws:iot:r:a:" + draw("resource", 8, "a", "b", "ab", ":", "/", "é", "*", "?", "+", "topicfilter/")
		}
		return m
	})
}

func isRefused(pattern string) bool {
	_, err := policy.Parse([]byte(withResource(pattern)), policy.IoTCore)
	return err != nil
}

func TestMatchingIsAsDocumented(t *testing.T) {
	if m, found := firstDifference(byPolicy); found {
		t.Errorf("%+v: got %v, want %v", m, byPolicy(m), byRegexp(m))
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := matchings().Draw(rt, "matching")
		if got, want := byPolicy(m), byRegexp(m); got != want && !isRefused(m.pattern) {
			rt.Errorf("%+v: got %v, want %v", m, got, want)
		}
	})
}

// firstDifference compares the matcher with the reference, always with the same matchings.
func firstDifference(match matcher) (matching, bool) {
	const tries = 2000
	for seed := range tries {
		m := matchings().Example(seed)
		if !isRefused(m.pattern) && match(m) != byRegexp(m) {
			return m, true
		}
	}
	return matching{}, false
}

// Each mutant is wrong in one way that a plausible matcher would be; the comparison sees it.
func TestMutantMatchersAreNoticed(t *testing.T) {
	mutants := map[string]matcher{
		"splices values into the pattern": func(m matching) bool {
			m.pattern, m.value = strings.ReplaceAll(m.pattern, "${test:v}", m.value), "x"
			return byPolicy(m)
		},
		"an undefined variable is empty": func(m matching) bool {
			if m.value == "" {
				m.pattern, m.value = strings.ReplaceAll(m.pattern, "${test:v}", ""), "x"
			}
			return byPolicy(m)
		},
		"a star reaches over every colon": func(m matching) bool {
			return byGlob(m)
		},
		"a question mark is a byte": func(m matching) bool {
			m.resource = strings.ReplaceAll(m.resource, "é", "xx")
			m.pattern = strings.ReplaceAll(m.pattern, "é", "xx")
			m.value = strings.ReplaceAll(m.value, "é", "xx")
			return byPolicy(m)
		},
		"a + in a value opens filters": func(m matching) bool {
			m.resource = strings.ReplaceAll(m.resource, "+", "p")
			m.value = strings.ReplaceAll(m.value, "+", "p")
			return byPolicy(m)
		},
	}
	for name, mutant := range mutants {
		if _, noticed := firstDifference(mutant); !noticed {
			t.Errorf("%s: not noticed", name)
		}
	}
}

// byGlob is the plain matcher that knows no segments.
func byGlob(m matching) bool {
	if m.value == "" && strings.Contains(m.pattern, "${test:v}") {
		return false
	}
	context := keys{"test:v": one(m.value), "test:key": one(m.resource)}
	document, err := policy.Parse([]byte(withCondition(`{"StringLike": {"test:key": `+quoted(m.pattern)+`}}`)), policy.IoTCore)
	request := policy.Request{Action: "iot:Publish", Resource: "*", Context: context.context}
	return err == nil && policy.Evaluate([]policy.Named{{Name: "p", Document: document}}, request).Allowed
}

// Whatever a client calls itself, it gets what bears exactly its name.
func TestValuesAreLiteral(t *testing.T) {
	policies := attach(t, policyOf(allow("*", arn("client/${iot:ClientId}"))), policy.IoTCore)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringOf(rapid.SampledFrom([]rune("ab*?+#/:${}é"))).Draw(rt, "client id")
		other := rapid.StringOf(rapid.SampledFrom([]rune("ab*?+#/:${}é"))).Draw(rt, "other")
		for _, wanted := range []string{name, other} {
			d := policy.Evaluate(policies, policy.Request{Action: "iot:Connect", Resource: arn("client/" + wanted), Context: client(name).context})
			if d.Allowed != (wanted == name && name != "") {
				rt.Errorf("client %q asks for %q: %s", name, wanted, d.Reason())
			}
		}
	})
}

// statements draws some that apply to the request of the test below and some that do not.
func statements() *rapid.Generator[[]string] {
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) string {
		effect := rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(rt, "effect")
		not := rapid.SampledFrom([]string{"", "", "Not"}).Draw(rt, "not")
		action := rapid.SampledFrom([]string{"*", "iot:Publish", "iot:Pub*", "iot:Connect"}).Draw(rt, "action")
		resource := rapid.SampledFrom([]string{"*", topicA, topicB, arn("topic/${iot:ClientId}"), arn("topic/${test:absent}")}).Draw(rt, "resource")
		return statementJSON(effect, "Action", action, not+"Resource", resource)
	}), 1, 6)
}

func decide(t *testing.T, statements ...[]string) answer {
	t.Helper()
	var policies []policy.Named
	for _, list := range statements {
		policies = append(policies, attach(t, policyOf(strings.Join(list, ",")), policy.IoTCore)...)
	}
	return answerOf(policy.Evaluate(policies, policy.Request{Action: "iot:Publish", Resource: topicA, Context: client("a").context}))
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := statements().Draw(rt, "statements")
		want := decide(t, list)
		shuffled := rapid.Permutation(list).Draw(rt, "shuffled")
		at := rapid.IntRange(1, len(list)).Draw(rt, "cut")
		split := [][]string{shuffled[:at]}
		if at < len(list) {
			split = append(split, shuffled[at:])
		}
		if got := decide(t, split...); got != want {
			rt.Errorf("%v: %s; as %v: %s", list, want, split, got)
		}
	})
}

// One more Deny never opens anything, one more Allow never closes anything.
func TestStatementsOnlyAddTheirEffect(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list, more := statements().Draw(rt, "statements"), statements().Draw(rt, "more")[0]
		before, after := decide(t, list), decide(t, append(slices.Clip(list), more))
		isDeny := strings.Contains(more, `"Deny"`)
		switch {
		case before == denied && after != denied:
			rt.Errorf("%v: %s; with %s: %s", list, before, more, after)
		case isDeny && before != allowed && after == allowed:
			rt.Errorf("a Deny allowed: %v, with %s", list, more)
		case !isDeny && before == allowed && after != allowed:
			rt.Errorf("an Allow denied: %v, with %s", list, more)
		}
	})
}
