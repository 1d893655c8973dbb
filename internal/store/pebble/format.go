package pebble

import (
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// format is the number of the rows' and keys' format. A change that an older server would misread takes the next number and a step in
// migrate; a row that only gains a member does not.
const format = 1

// checkFormat marks a new store with the format, and refuses one of a newer server.
func checkFormat(db *pebble.DB) error {
	stored, found, err := get(db, formatKey, decodeNumber)
	switch {
	case err != nil:
		return fmt.Errorf("read the format: %w", err)
	case !found:
		return db.Set(formatKey, binary.AppendUvarint(nil, format), pebble.Sync)
	case stored > format:
		return fmt.Errorf("the store has format %d, written by a newer version; this version knows formats up to %d", stored, format)
	case stored < format:
		return fmt.Errorf("the store has format %d, which no version has written", stored)
	}
	return nil
}
