package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// address is a parsed host:port.
type address struct {
	host string
	port int
}

// parseAddress does not look names up: whether a name resolves is the listener's business and changes with time.
func parseAddress(text string) (address, error) {
	host, portText, err := net.SplitHostPort(text)
	if err != nil {
		return address{}, errors.New(`want host:port, such as 127.0.0.1:8080 or [::1]:8080, or "off"`)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return address{}, fmt.Errorf("port %q: want a number from 0 to 65535", portText)
	}
	if host != "" {
		if err := checkHost(host); err != nil {
			return address{}, err
		}
	}
	return address{host: host, port: int(port)}, nil
}

// loopback reports whether only this machine can reach the address. An empty host listens everywhere.
func (a address) loopback() bool {
	if strings.EqualFold(a.host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(a.host)
	return err == nil && ip.Unmap().IsLoopback()
}

// unspecified reports whether the address means all of the machine's.
func (a address) unspecified() bool {
	ip, err := netip.ParseAddr(a.host)
	return a.host == "" || err == nil && ip.Unmap().IsUnspecified()
}

// reachableHost is the host of a listener's address, or "" if there is none that a client could use. An address with a zone (fe80::1%eth0) means
// something only on this machine.
func reachableHost(text string) string {
	a, err := parseAddress(text)
	if err != nil || a.unspecified() || strings.Contains(a.host, "%") {
		return ""
	}
	return a.host
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`)

// allDigits at the end means somebody mistyped an IP address.
var allDigits = regexp.MustCompile(`(^|\.)[0-9]+$`)

func checkHost(host string) error {
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	if len(host) > 253 || !hostName.MatchString(host) || allDigits.MatchString(host) {
		return fmt.Errorf("host %q is neither an IP address nor a DNS name", host)
	}
	return nil
}
