package pki

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
)

// A DNS name as clients compare it: ASCII, "*" only as the whole first label. Underscores are not host names by the book, but container
// networks use them and TLS clients accept them.
var dnsName = regexp.MustCompile(`^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// allDigits at the end means somebody mistyped an IP address.
var allDigits = regexp.MustCompile(`(^|\.)[0-9]+$`)

// subjectNames sorts names into DNS names and addresses, without repetitions, in the given order.
func subjectNames(names []string) (dnsNames []string, ips []net.IP, err error) {
	var faults []error
	seen := make(map[string]bool)
	for _, name := range names {
		if ip, err := netip.ParseAddr(name); err == nil {
			ip = ip.Unmap()
			switch {
			case ip.Zone() != "":
				faults = append(faults, fmt.Errorf("name %q: leave out the zone (%%%s); a certificate cannot hold it", name, ip.Zone()))
			case ip.IsUnspecified():
				faults = append(faults, fmt.Errorf("name %q is an address to listen on, not one that clients connect to", name))
			case !seen[ip.String()]:
				seen[ip.String()] = true
				ips = append(ips, ip.AsSlice())
			}
			continue
		}
		dns := strings.TrimSuffix(strings.ToLower(name), ".")
		if len(dns) > 253 || !dnsName.MatchString(dns) || allDigits.MatchString(dns) {
			faults = append(faults, fmt.Errorf("name %q is neither an IP address nor a DNS name; write it without scheme, port and brackets", name))
			continue
		}
		if !seen[dns] {
			seen[dns] = true
			dnsNames = append(dnsNames, dns)
		}
	}
	return dnsNames, ips, errors.Join(faults...)
}
