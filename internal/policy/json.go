package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A node is a JSON value that remembers where it stood.
type node struct {
	kind    kind
	offset  int      // of its first byte
	text    string   // of a string, number or boolean
	items   []node   // of an array
	members []member // of an object, in the order of the document
}

type member struct {
	name   string
	offset int // of the name
	value  node
}

// place is the member's name, for errors about it.
func (m member) place() node { return node{offset: m.offset} }

// kind is said as it appears in an error.
type kind string

const (
	jsonObject kind = "an object"
	jsonArray  kind = "an array"
	jsonString kind = "a string"
	jsonNumber kind = "a number"
	jsonBool   kind = "a boolean"
	jsonNull   kind = "null"
)

// maxDepth is one more than the grammar needs (document, statements, statement, conditions, operator, values), so that the grammar can refuse an
// object in place of a value in its own words.
const maxDepth = 7

// parseJSON reads a document into nodes. encoding/json alone would take the last of two members of the same name (and "effect" for "Effect"), and
// in a policy that is the difference between what a person reads and what is enforced; so the tree is built from tokens.
func parseJSON(document []byte) (node, error) {
	if !utf8.Valid(document) {
		return node{}, errorAt(document, firstInvalid(document), "", "the document is not valid UTF-8")
	}
	// First as a whole, so that the tokens below cannot fail: a decoder reports a missing brace only where it needs it.
	if err := json.Unmarshal(document, new(json.RawMessage)); err != nil {
		offset := len(document)
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			offset = max(0, int(syntax.Offset)-1)
		}
		return node{}, errorAt(document, offset, "", "the document is not valid JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	r := jsonReader{document: document, tokens: json.NewDecoder(bytes.NewReader(document))}
	r.tokens.UseNumber()
	return r.value("", 1)
}

type jsonReader struct {
	document []byte
	tokens   *json.Decoder
}

func (r *jsonReader) value(path string, depth int) (node, error) {
	n := node{offset: r.next()}
	token, err := r.tokens.Token()
	if err != nil {
		return node{}, r.fail(n.offset, path, "%v", err) // not reached: the document is valid
	}
	switch v := token.(type) {
	case string:
		n.kind, n.text = jsonString, v
	case json.Number:
		n.kind, n.text = jsonNumber, v.String()
	case bool:
		n.kind, n.text = jsonBool, strconv.FormatBool(v)
	case json.Delim:
		if depth > maxDepth {
			return node{}, r.fail(n.offset, path, "nested too deeply")
		}
		if v == '{' {
			n.kind = jsonObject
			n.members, err = r.object(path, depth)
		} else {
			n.kind = jsonArray
			n.items, err = r.array(path, depth)
		}
	default:
		n.kind = jsonNull
	}
	return n, err
}

func (r *jsonReader) object(path string, depth int) ([]member, error) {
	var members []member
	seen := map[string]bool{}
	for r.tokens.More() {
		offset := r.next()
		token, err := r.tokens.Token()
		if err != nil {
			return nil, r.fail(offset, path, "%v", err)
		}
		name, _ := token.(string)
		if seen[name] {
			return nil, r.fail(offset, path, "the member %s stands here twice", quote(name))
		}
		seen[name] = true
		value, err := r.value(join(path, name), depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, offset, value})
	}
	return members, r.close()
}

func (r *jsonReader) array(path string, depth int) ([]node, error) {
	var items []node
	for r.tokens.More() {
		item, err := r.value(path+index(len(items)), depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, r.close()
}

func (r *jsonReader) close() error {
	_, err := r.tokens.Token()
	return err
}

// next is the offset of the next token: the decoder stands behind the last one, before space, comma or colon.
func (r *jsonReader) next() int {
	offset := int(r.tokens.InputOffset())
	for offset < len(r.document) && strings.IndexByte(" \t\r\n,:", r.document[offset]) >= 0 {
		offset++
	}
	return offset
}

func (r *jsonReader) fail(offset int, path, format string, args ...any) error {
	return errorAt(r.document, offset, path, format, args...)
}

// join and index spell a place: Statement[0].Effect. Names come from the document, so a long one is cut.
func join(path, name string) string {
	if runes := []rune(name); len(runes) > 60 {
		name = string(runes[:60]) + "…"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func firstInvalid(document []byte) int {
	for i := 0; ; {
		c, width := utf8.DecodeRune(document[i:])
		if c == utf8.RuneError && width <= 1 {
			return i
		}
		i += width
	}
}
