package sigv4

// Bounds on what is taken apart before anything is known about the caller. AWS clients stay far below them: they sign three to ten headers, and the
// longest session tokens seen have about 4 KiB. The size of headers as a whole is net/http's to bound.
const (
	maxAuthorization = 8 << 10
	maxQuery         = 16 << 10
	maxParams        = 256
	maxSignedHeaders = 64
	maxCredential    = 512
	maxAccessKeyID   = 128
	maxToken         = 16 << 10
)
