package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

const (
	unsignedPayload = "UNSIGNED-PAYLOAD"
	// emptyHash is the hash of most requests: those without a body.
	emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// payloadHash is the last line of the canonical request. Clients of these services mostly do not send the hash; then they signed that of the body.
// One that is sent is compared, not believed: the signature alone would only prove that the client once signed this number.
func (v *Verifier) payloadHash(r *http.Request, sig *signature, body []byte) (string, error) {
	declared, err := onlyValue(r, paramContentSHA256)
	if err != nil {
		return "", err
	}
	if declared == "" && sig.presigned {
		declared, _ = paramValue(sig.query, paramContentSHA256)
		if declared == "" && habitsOf(sig.credential.service).presignedUnsigned {
			declared = unsignedPayload
		}
	}
	if declared == unsignedPayload {
		if v.AllowUnsignedPayload == nil || !v.AllowUnsignedPayload(sig.credential.service) {
			return "", invalid("The payload must be signed: x-amz-content-sha256 UNSIGNED-PAYLOAD is not accepted here.")
		}
		return unsignedPayload, nil
	}
	if strings.HasPrefix(declared, "STREAMING-") {
		return "", invalid("The payload must be signed as a whole: x-amz-content-sha256 '%s' is not accepted here.", shown(declared))
	}
	computed := hashPayload(body)
	if declared != "" && declared != computed {
		return "", invalid("The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return computed, nil
}

func hashPayload(body []byte) string {
	if len(body) == 0 {
		return emptyHash
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
