package frontdoor

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"iotjobs/internal/auth"
)

// hostGuard keeps web pages out of an emulator: a page in a browser on the same machine can send requests to loopback, under its own
// Origin or under a name that it rebound to 127.0.0.1, and an emulator verifies no signature.
type hostGuard struct {
	hosts []string
}

func newHostGuard(hosts []string) hostGuard {
	return hostGuard{append([]string{"localhost", "127.0.0.1", "::1"}, hosts...)}
}

func (g hostGuard) check(r *http.Request) error {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	foreign := !slices.ContainsFunc(g.hosts, func(h string) bool { return strings.EqualFold(h, host) })
	if foreign || r.Header.Get("Origin") != "" {
		return &auth.Refusal{
			Type: "ForbiddenException", Status: http.StatusForbidden,
			Message: "An emulator answers only requests to its own host names and without an Origin.",
		}
	}
	return nil
}
