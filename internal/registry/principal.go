package registry

// ThingPrincipalType says whether a principal may have other things too; its value is the wire value.
type ThingPrincipalType string

// The two types (CTRL-3.5.18).
const (
	// ExclusiveThing: the thing is the only one of the principal.
	ExclusiveThing    ThingPrincipalType = "EXCLUSIVE_THING"
	NonExclusiveThing ThingPrincipalType = "NON_EXCLUSIVE_THING"
)

// ThingPrincipal is a thing and a certificate that is attached to it.
type ThingPrincipal struct {
	Thing       ThingName
	Certificate CertificateID
	Type        ThingPrincipalType
}
