package sink

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// secretPrefix marks a secret that is written in base64, as the Standard Webhooks convention has it.
const secretPrefix = "whsec_"

// minSecret is how many bytes a secret has at least.
const minSecret = 16

// ParseSecret reads the text of a secret file: whsec_ and base64, or any other text, which is the secret itself. Space around it is ignored.
func ParseSecret(text []byte) ([]byte, error) {
	secret := bytes.TrimSpace(text)
	if encoded, ok := bytes.CutPrefix(secret, []byte(secretPrefix)); ok {
		decoded, err := base64.StdEncoding.DecodeString(string(encoded))
		if err != nil {
			return nil, errors.New("what follows " + secretPrefix + " is not base64")
		}
		secret = decoded
	}
	if len(secret) < minSecret {
		return nil, fmt.Errorf("the secret has %d bytes; want at least %d", len(secret), minSecret)
	}
	return secret, nil
}

// Sign is the value of the header Webhook-Signature, by the Standard Webhooks convention: HMAC-SHA256 over id, timestamp (Unix seconds) and body.
func Sign(secret []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
