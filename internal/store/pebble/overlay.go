package pebble

import (
	"io"
	"strings"

	"github.com/cockroachdb/pebble/v2"
)

// overlay shows the database as the commands of a group have changed it so far, before anything is committed: so a second command for
// a thing runs on the first one's result. It holds bytes, not decoded rows, so that no two callers ever share a map or a slice. (An
// indexed batch would do it too, at the price of a sorted insert for every row, the indexes included that no command reads.)
type overlay struct {
	base    *pebble.DB
	written map[string][]byte // nil for deleted
}

func (o *overlay) Get(key []byte) ([]byte, io.Closer, error) {
	if value, ok := o.written[string(key)]; ok {
		if value == nil {
			return nil, nil, pebble.ErrNotFound
		}
		return value, nil, nil
	}
	return o.base.Get(key)
}

func (o *overlay) NewIter(opts *pebble.IterOptions) (*pebble.Iterator, error) {
	return o.base.NewIter(opts)
}

// put remembers a write of a kind that commands read.
func (o *overlay) put(key, value []byte) {
	switch key[0] {
	case kindThing, kindHistory, kindHead:
		if value != nil {
			value = append([]byte{}, value...)
		}
		o.written[string(key)] = value
	}
}

// covers tells whether the overlay hides what lies below. A nil overlay hides nothing.
func (o *overlay) covers(key []byte) bool {
	if o == nil {
		return false
	}
	_, ok := o.written[string(key)]
	return ok
}

// under lists the values of the overlay's own rows whose keys begin with prefix.
func (o *overlay) under(prefix []byte) (values [][]byte) {
	if o == nil {
		return nil
	}
	for key, value := range o.written {
		if value != nil && strings.HasPrefix(key, string(prefix)) {
			values = append(values, value)
		}
	}
	return values
}
