package policy

import "unicode/utf8"

const (
	// MaxIoTCoreSize is AWS's limit for the document of an IoT Core policy, in characters that are not white space.
	MaxIoTCoreSize = 2048
	// MaxIAMSize is AWS's limit for a managed IAM policy, in characters that are not white space.
	MaxIAMSize = 6144
	// MaxBytes bounds a document with its white space, before anything reads it.
	MaxBytes = 404_600
)

func (d Dialect) maxSize() int {
	if d == IoTCore {
		return MaxIoTCoreSize
	}
	return MaxIAMSize
}

// size counts the characters that are not white space, in strings too: AWS's limits say no more than that white space does not count.
func size(document []byte) int {
	n := 0
	for _, c := range document {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' && utf8.RuneStart(c) {
			n++
		}
	}
	return n
}
