package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// A token of format 1:
//
//	version(1) fingerprint(8) salt(32) | nonce(12) plaintext tag(16)
//
// All before the box, and the id, are its associated data.
//
// A token is not an envelope. Every wrapping of a data key spends one of the 2³² random nonces that the file's key is good for, and a fleet of a
// million devices that renew their token each hour would have spent them in half a year. The key of a token is derived from the file's key and 256
// random bits, so each key seals one token, and there is no such end.
const (
	tokenVersion   = 1
	saltSize       = 32
	tokenHeader    = 1 + fingerprintSize + saltSize
	minTokenSize   = tokenHeader + boxOverhead
	tokenKeyInfo   = "iotjobs token key"
	tokenRootLabel = "iotjobs token root"
)

// tokenRoot keeps the file's key itself out of the ring: from this one nobody gets back to it.
func tokenRoot(key []byte) (root [keySize]byte) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(tokenRootLabel))
	mac.Sum(root[:0])
	return root
}

// SealToken encrypts plaintext for OpenToken with the same id, on any node with the same key file. The id says what the token is and for whom (such as
// "session/ASIA…"); it is not stored in the result.
func (k *Keyring) SealToken(id string, plaintext []byte) ([]byte, error) {
	if id == "" {
		return nil, errors.New("seal a token: the id is empty, so nothing would tie the token to its place")
	}
	sealed := make([]byte, tokenHeader, minTokenSize+len(plaintext))
	sealed[0] = tokenVersion
	copy(sealed[1:], k.fingerprint[:])
	if _, err := rand.Read(sealed[1+fingerprintSize:]); err != nil {
		return nil, fmt.Errorf("seal token %q: %w", id, err)
	}
	header := bytes.Clone(sealed)
	key, err := k.tokenKey(header)
	if err != nil {
		return nil, err
	}
	box, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return box.Seal(sealed, nil, plaintext, associated(header, roleToken, id)), nil
}

// OpenToken returns the plaintext given to SealToken. Anybody may send anything as a token, so the errors are short: ErrFormat, ErrWrongKey, ErrDamaged.
func (k *Keyring) OpenToken(id string, sealed []byte) ([]byte, error) {
	switch {
	case len(sealed) < minTokenSize:
		return nil, ErrDamaged
	case sealed[0] != tokenVersion:
		return nil, ErrFormat
	case !bytes.Equal(sealed[1:1+fingerprintSize], k.fingerprint[:]):
		return nil, ErrWrongKey
	}
	header := sealed[:tokenHeader]
	key, err := k.tokenKey(header)
	if err != nil {
		return nil, err
	}
	box, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	plaintext, err := box.Open(nil, nil, sealed[tokenHeader:], associated(header, roleToken, id))
	if err != nil {
		return nil, ErrDamaged
	}
	return plaintext, nil
}

func (k *Keyring) tokenKey(header []byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, k.tokens[:], header[1+fingerprintSize:], tokenKeyInfo, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key of a token: %w", err)
	}
	return key, nil
}
