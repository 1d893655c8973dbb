package sigv4

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxSkew is how far the clock of a client may be off, either way (HTTP-7).
const maxSkew = 5 * time.Minute

// checkTime refuses what was signed too long ago or for the future. A presigned request holds as long as it says; one that does not say is like a
// signed header. Whole seconds, as on the wire: else a message could say that an instant is earlier than itself.
func checkTime(sig *signature, now time.Time) error {
	now = now.Truncate(time.Second)
	lasts := maxSkew
	if sig.expires > 0 {
		lasts = sig.expires
	}
	at := sig.signedAt
	if oldest := now.Add(-lasts); at.Before(oldest) {
		return invalid("Signature expired: %s is now earlier than %s (%s - %s)",
			at.Format(isoBasic), oldest.Format(isoBasic), now.Format(isoBasic), inWords(lasts))
	}
	if newest := now.Add(maxSkew); at.After(newest) {
		return invalid("Signature not yet current: %s is still later than %s (%s + %s)",
			at.Format(isoBasic), newest.Format(isoBasic), now.Format(isoBasic), inWords(maxSkew))
	}
	return nil
}

func inWords(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d min.", d/time.Minute)
	}
	return fmt.Sprintf("%d sec.", d/time.Second)
}

// checkSignedHeaders refuses a signature that leaves out something that must not be changed on the way.
func checkSignedHeaders(r *http.Request, sig *signature) error {
	if _, found := slices.BinarySearch(sig.signedHeaders, "host"); !found {
		return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for name := range r.Header {
		if !mustBeSigned(name, sig) {
			continue
		}
		if _, found := slices.BinarySearch(sig.signedHeaders, strings.ToLower(name)); !found {
			return invalid("'%s' must be a 'SignedHeader' in the AWS Authorization.", shown(name))
		}
	}
	return nil
}

// mustBeSigned: x-amz-* headers speak to the front door (date, token, payload hash), and the ones of AWS IoT carry members of the request, such as
// the principal to attach a thing to. Every AWS SDK signs all of them; the lists of headers that botocore, JavaScript v3, Go v2, Java and the CRT leave
// out hold only hop-by-hop headers, user-agent, expect and x-amzn-trace-id. The other x-amzn-* headers are what load balancers add on the way.
func mustBeSigned(name string, sig *signature) bool {
	switch {
	case !hasPrefixFold(name, "x-amz"):
		return false
	case strings.EqualFold(name, "x-amz-security-token"):
		return !habitsOf(sig.credential.service).tokenOutside
	default:
		return hasPrefixFold(name, "x-amz-") || strings.EqualFold(name, "x-amzn-principal") || hasPrefixFold(name, "x-amzn-iot-")
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// checkScope says everything that is wrong with the scope at once, as AWS does.
func (v *Verifier) checkScope(sig *signature) error {
	var wrong []string
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	c := sig.credential
	if c.region != v.Region {
		complain("Credential should be scoped to a valid region, not '%s'.", shown(c.region))
	}
	if !slices.Contains(v.Services, c.service) {
		complain("Credential should be scoped to correct service: '%s'.", strings.Join(v.Services, "', '"))
	}
	if c.terminator != terminator {
		complain("Credential should be scoped with a valid terminator: '%s', not '%s'.", terminator, shown(c.terminator))
	}
	var buf [len(scopeDate)]byte
	if date := sig.signedAt.AppendFormat(buf[:0], scopeDate); c.date != string(date) {
		complain("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			shown(c.date), date, sig.signedAt.Format(isoBasic))
	}
	if len(wrong) > 0 {
		return invalid("%s", strings.Join(wrong, " "))
	}
	return nil
}
