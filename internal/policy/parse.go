package policy

import (
	"slices"
	"strings"
)

// Parse reads a document of the dialect. An error is an *Error.
func Parse(document []byte, dialect Dialect) (*Document, error) {
	p := parser{document: document, dialect: dialect}
	if len(document) > MaxBytes {
		return nil, p.fail(node{}, "", "the document is longer than %d bytes", MaxBytes)
	}
	if n := size(document); n > dialect.maxSize() {
		return nil, p.fail(node{}, "", "the document has %d characters without white space, more than %d", n, dialect.maxSize())
	}
	root, err := parseJSON(document)
	if err != nil {
		return nil, err
	}
	if at := strings.IndexFunc(string(document), func(c rune) bool { return c > '\u00FF' }); at >= 0 && dialect == IAM {
		// IAM, "IAM name requirements". Topics are UTF-8, so IoT Core's policies know no such rule.
		return nil, p.fail(node{offset: at}, "", "an IAM policy may hold no character above U+00FF")
	}
	return p.parse(root)
}

// A parser turns nodes into statements. Its methods take the place of a node along, for errors.
type parser struct {
	document []byte
	dialect  Dialect
	// variables: the version of the policy language knows them.
	variables bool
}

const (
	versionWithVariables    = "2012-10-17"
	versionWithoutVariables = "2008-10-17"
)

func (p *parser) parse(root node) (*Document, error) {
	members, err := p.members(root, "", "Version", "Id", "Statement")
	if err != nil {
		return nil, err
	}
	if id, ok := members["Id"]; ok {
		if p.dialect == IAM {
			return nil, p.fail(id, "Id", "an identity policy has no Id; it belongs in policies of resources")
		}
		if id.kind != jsonString {
			return nil, p.wrongKind(id, "Id", jsonString)
		}
	}
	if err := p.version(members); err != nil {
		return nil, err
	}
	block, ok := members["Statement"]
	if !ok {
		return nil, p.fail(root, "", "the document has no Statement")
	}
	statements, err := p.statements(block)
	if err != nil {
		return nil, err
	}
	return &Document{statements}, nil
}

// version: without one, a document is of the version from before variables, and ${…} in it is literal text.
func (p *parser) version(members map[string]node) error {
	version, ok := members["Version"]
	switch {
	case !ok:
		return nil
	case version.kind != jsonString:
		return p.wrongKind(version, "Version", jsonString)
	case version.text != versionWithVariables && version.text != versionWithoutVariables:
		return p.fail(version, "Version", "must be %q or %q, not %s", versionWithVariables, versionWithoutVariables, quote(version.text))
	}
	p.variables = version.text == versionWithVariables
	return nil
}

func (p *parser) statements(block node) ([]statement, error) {
	items, paths, err := p.list(block, "Statement", jsonObject)
	if err != nil {
		return nil, err
	}
	statements := make([]statement, len(items))
	sids := map[string]bool{"": false}
	for i, item := range items {
		if statements[i], err = p.statement(item, paths[i]); err != nil {
			return nil, err
		}
		sid := statements[i].sid
		if sids[sid] && p.dialect == IAM {
			return nil, p.fail(item, paths[i]+".Sid", "another statement has the Sid %s too", quote(sid))
		}
		sids[sid] = sid != ""
	}
	return statements, nil
}

// list reads one value of the kind, or an array of at least one.
func (p *parser) list(n node, path string, want kind) (items []node, paths []string, err error) {
	if n.kind != jsonArray {
		if n.kind != want {
			return nil, nil, p.wrongKind(n, path, want+" or an array")
		}
		return []node{n}, []string{path}, nil
	}
	if len(n.items) == 0 {
		return nil, nil, p.fail(n, path, "the array is empty")
	}
	for i, item := range n.items {
		at := path + index(i)
		if item.kind != want {
			return nil, nil, p.wrongKind(item, at, want)
		}
		paths = append(paths, at)
	}
	return n.items, paths, nil
}

// members reads an object that has no other members than these. Their names are compared exactly.
func (p *parser) members(n node, path string, known ...string) (map[string]node, error) {
	if n.kind != jsonObject {
		return nil, p.wrongKind(n, path, jsonObject)
	}
	members := map[string]node{}
	for _, m := range n.members {
		if err := p.known(m, path, known); err != nil {
			return nil, err
		}
		members[m.name] = m.value
	}
	return members, nil
}

func (p *parser) wrongKind(n node, path string, want kind) error {
	return p.fail(n, path, "must be %s, not %s", want, n.kind)
}

func (p *parser) fail(n node, path, format string, args ...any) error {
	return errorAt(p.document, n.offset, path, format, args...)
}

// known refuses a member with another name, and says which one may have been meant.
func (p *parser) known(m member, path string, names []string) error {
	if slices.Contains(names, m.name) {
		return nil
	}
	at := join(path, m.name)
	if m.name == "Principal" || m.name == "NotPrincipal" {
		return p.fail(m.place(), at, "a policy that is attached to its principals names none; %s belongs in policies of resources", m.name)
	}
	for _, name := range names {
		if strings.EqualFold(name, m.name) {
			return p.fail(m.place(), at, "there is no member %s; write %s", quote(m.name), name)
		}
	}
	return p.fail(m.place(), at, "there is no member %s; known are %s", quote(m.name), strings.Join(names, ", "))
}
