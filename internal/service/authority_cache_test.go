package service

import (
	"fmt"
	"testing"

	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
)

// TestAuthorityCacheIsBounded: neither many certificates nor many names that one certificate asks for make it grow without end, and its size is
// what it holds.
func TestAuthorityCacheIsBounded(t *testing.T) {
	var c authorityCache
	known := Authority{Certificate: &registry.Certificate{}}
	check := func(most int) {
		t.Helper()
		held := 0
		for _, things := range c.byCertificate {
			held += len(things)
		}
		if held != c.size || held > most || held == 0 {
			t.Errorf("it holds %d and says %d, at most %d allowed", held, c.size, most)
		}
	}
	for i := range 3 * maxAuthoritiesCertificate {
		c.put("one", registry.ThingName(fmt.Sprint(i)), known, 0)
	}
	check(maxAuthoritiesCertificate)
	for i := range maxAuthorities + 10 {
		c.put(registry.CertificateID(fmt.Sprint(i)), "a", known, 0)
	}
	check(maxAuthorities)
	c.put("new", "a", known, 0)
	c.put("new", "a", known, 0)
	c.put("unregistered", "a", Authority{}, 0)
	if _, ok, _ := c.get("new", "a"); !ok {
		t.Error("the newest is not there")
	}
	if _, ok, _ := c.get("unregistered", "a"); ok {
		t.Error("an unregistered certificate takes room")
	}
	check(maxAuthorities)
}

func TestPolicyCacheIsBounded(t *testing.T) {
	var c authorityCache
	for i := range maxPolicies + 10 {
		c.putPolicy(policy.Named{Name: fmt.Sprint(i)}, 0)
	}
	if n := len(c.policies); n > maxPolicies || n == 0 {
		t.Errorf("it holds %d policies", n)
	}
}

// TestReadBeforeAChange: what was read before a change is not kept after it, whomever the change concerned.
func TestReadBeforeAChange(t *testing.T) {
	var c authorityCache
	for _, change := range []IdentityChange{{Everybody: true}, {Certificates: []registry.CertificateID{"another"}}} {
		before := c.current()
		c.forget(change)
		c.put("id", "a", Authority{Certificate: &registry.Certificate{}}, before)
		c.putPolicy(policy.Named{Name: "p"}, before)
		if _, ok, _ := c.get("id", "a"); ok {
			t.Errorf("%+v: the authority was kept", change)
		}
		if _, ok := c.policy("p"); ok {
			t.Errorf("%+v: the policy was kept", change)
		}
	}
}
