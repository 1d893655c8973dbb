package policy

import (
	"fmt"
	"net/netip"
	"strings"
)

// addressTest is a network. IPv4 addresses may come in their IPv6 form (::ffff:192.0.2.1), as a dual-stack listener shows them.
type addressTest struct{ network netip.Prefix }

func (t addressTest) holds(value string, _ Context) bool {
	address, err := netip.ParseAddr(value)
	return err == nil && t.network.Contains(address.Unmap().WithZone(""))
}

func addAddress(c *condition, value string, _ *parser) error {
	network, err := parseNetwork(value)
	if err != nil {
		return fmt.Errorf("must be an IP address or a network such as 203.0.113.0/24, not %s", quote(value))
	}
	c.tests = append(c.tests, addressTest{network})
	return nil
}

// parseNetwork: an address alone is a network of its own.
func parseNetwork(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		network, err := netip.ParsePrefix(text)
		return network.Masked(), err
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	address = address.Unmap()
	return netip.PrefixFrom(address.WithZone(""), address.BitLen()), nil
}
