// Package seal wraps the server's secrets (access-key secrets, the CA's private key) so that a store or a backup alone reveals none of them.
//
// Each secret is encrypted with a data key of its own, and the data key with the key of the key file (envelope encryption, AES-256-GCM both
// times). Tokens, which are given out by the million and stored nowhere, have keys that are derived instead (token.go). It never stores anything but
// the key file, and never logs.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

var (
	// ErrWrongKey means that the secret was sealed with the key of another key file. The secret itself is fine.
	ErrWrongKey = errors.New("sealed with another key file")
	// ErrDamaged means that the key is the right one, but the bytes were changed, cut, or sealed under another id.
	ErrDamaged = errors.New("sealed secret is damaged or belongs to another id")
	// ErrFormat means that the format is not known here; most likely a newer program wrote it.
	ErrFormat = errors.New("unknown format of a sealed secret")
)

// A sealed secret of format 1:
//
//	version(1) fingerprint(8) | nonce(12) data key(32) tag(16) | nonce(12) plaintext tag(16)
//
// The first two are the header; header, role and id are the associated data of both boxes, so that none of them can be exchanged unseen.
const (
	formatVersion   = 1
	keySize         = 32
	fingerprintSize = 8
	headerSize      = 1 + fingerprintSize
	boxOverhead     = 12 + 16
	wrappedSize     = boxOverhead + keySize
	minSealedSize   = headerSize + wrappedSize + boxOverhead
)

// The roles are of equal length and stand before the id, so that no id can imitate another role.
const (
	roleDataKey = "key:"
	roleSecret  = "sec:"
	roleToken   = "tok:"
)

// Keyring seals and opens secrets with the key of one key file. It may be used concurrently.
type Keyring struct {
	path        string
	wrap        cipher.AEAD
	tokens      [keySize]byte // what the keys of tokens are derived from: token.go
	fingerprint [fingerprintSize]byte
}

func newKeyring(path string, key []byte) (*Keyring, error) {
	wrap, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	k := &Keyring{path: path, wrap: wrap, tokens: tokenRoot(key)}
	// Keyed and one-way: the fingerprint stands in the clear beside every secret and in logs.
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("iotjobs key file fingerprint"))
	copy(k.fingerprint[:], mac.Sum(nil))
	return k, nil
}

// Fingerprint names the key without revealing anything about it: 16 hexadecimal digits, the same on all nodes that share the key file.
func (k *Keyring) Fingerprint() string { return hex.EncodeToString(k.fingerprint[:]) }

// Seal encrypts plaintext for Open with the same id. The id says what the secret is and whose (such as "access-key/AKIA…"); it is not stored in
// the result. Two calls with the same arguments give different results.
func (k *Keyring) Seal(id string, plaintext []byte) ([]byte, error) {
	if id == "" {
		return nil, errors.New("seal: the id is empty, so nothing would tie the secret to its place")
	}
	dataKey := make([]byte, keySize)
	defer clear(dataKey)
	if _, err := rand.Read(dataKey); err != nil {
		return nil, fmt.Errorf("seal %q: %w", id, err)
	}
	box, err := newAEAD(dataKey)
	if err != nil {
		return nil, err
	}

	sealed := make([]byte, 0, minSealedSize+len(plaintext))
	sealed = append(sealed, formatVersion)
	sealed = append(sealed, k.fingerprint[:]...)
	header := bytes.Clone(sealed)
	sealed = k.wrap.Seal(sealed, nil, dataKey, associated(header, roleDataKey, id))
	return box.Seal(sealed, nil, plaintext, associated(header, roleSecret, id)), nil
}

// Open returns the plaintext given to Seal. Its errors are ErrWrongKey, ErrDamaged and ErrFormat, each with the id and what to do.
func (k *Keyring) Open(id string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1 {
		return nil, fmt.Errorf("open %q: nothing there: %w", id, ErrDamaged)
	}
	if sealed[0] != formatVersion {
		return nil, fmt.Errorf("open %q: format %d, this program knows %d; run the version that wrote it, or a newer one: %w",
			id, sealed[0], formatVersion, ErrFormat)
	}
	if len(sealed) < minSealedSize {
		return nil, fmt.Errorf("open %q: %d bytes, at least %d expected: %w", id, len(sealed), minSealedSize, ErrDamaged)
	}
	header, wrapped, secret := sealed[:headerSize], sealed[headerSize:headerSize+wrappedSize], sealed[headerSize+wrappedSize:]
	if theirs := header[1:]; !bytes.Equal(theirs, k.fingerprint[:]) {
		return nil, fmt.Errorf("open %q: it needs the key %x, but %s holds the key %s; put the right key file there or name it with --key-file: %w",
			id, theirs, k.path, k.Fingerprint(), ErrWrongKey)
	}
	dataKey, err := k.wrap.Open(nil, nil, wrapped, associated(header, roleDataKey, id))
	if err != nil {
		return nil, fmt.Errorf("open %q: its data key: %w", id, ErrDamaged)
	}
	defer clear(dataKey)
	box, err := newAEAD(dataKey)
	if err != nil {
		return nil, err
	}
	plaintext, err := box.Open(nil, nil, secret, associated(header, roleSecret, id))
	if err != nil {
		return nil, fmt.Errorf("open %q: %w", id, ErrDamaged)
	}
	return plaintext, nil
}

func associated(header []byte, role, id string) []byte {
	data := make([]byte, 0, len(header)+len(role)+len(id))
	data = append(data, header...)
	data = append(data, role...)
	return append(data, id...)
}

// newAEAD draws its nonces itself and puts them before the ciphertext. Random nonces are safe here: the file's key wraps a few thousand data
// keys in its life, and 2³² would be the limit.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return aead, nil
}
